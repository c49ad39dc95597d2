/** Names of ports, as /etc/services has them. */

/** Ports of the services that programs name. */
export const NAMED_SERVICES: ReadonlyMap<string, number> = new Map([
  ["domain", 53],
  ["echo", 7],
  ["ftp", 21],
  ["http", 80],
  ["https", 443],
  ["imap", 143],
  ["imaps", 993],
  ["memcached", 11211],
  ["mysql", 3306],
  ["ntp", 123],
  ["pop3", 110],
  ["pop3s", 995],
  ["postgresql", 5432],
  ["redis", 6379],
  ["smtp", 25],
  ["ssh", 22],
  ["submission", 587],
  ["telnet", 23],
]);
