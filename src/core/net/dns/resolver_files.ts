/** The files that a guest's own resolver reads, for guests without them. */

import { Family, type SocketAddress } from "../../../contract/network.ts";
import { NAMED_SERVICES } from "../services.ts";

/**
 * The name server of {@linkcode RESOLV_CONF}: always the host's own (`DnsStub`), whatever the rules say. The address is
 * reserved for documentation (RFC 5737), so that no machine has it.
 */
export const NAME_SERVER: SocketAddress = { family: Family.INET, host: "192.0.2.53", port: 53 };

/** `/etc/resolv.conf`. */
export const RESOLV_CONF: string = `nameserver ${NAME_SERVER.host}\noptions timeout:10 attempts:2 ndots:1\n`;

/** `/etc/hosts`. */
export const HOSTS: string = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n";

/** `/etc/services`. */
export const SERVICES: string = [...NAMED_SERVICES].map(([name, port]) => `${name} ${port}/tcp\n${name} ${port}/udp\n`)
  .join("");

/** All of them, by their absolute path in the guest. */
export const RESOLVER_FILES: ReadonlyMap<string, string> = new Map([
  ["/etc/resolv.conf", RESOLV_CONF],
  ["/etc/hosts", HOSTS],
  ["/etc/services", SERVICES],
]);
