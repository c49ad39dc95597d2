/** `HOST:PORT`, as people write it. */

/** The parts of `HOST`, `HOST:PORT`, `[IPv6]` or `[IPv6]:PORT`. */
export interface HostPort {
  /** The host, without brackets; it may be empty. */
  readonly host: string;
  /** True if the host is in brackets, which only IPv6 addresses need. */
  readonly isBracketed: boolean;
  /** What follows the last colon; undefined if there is none. */
  readonly port: string | undefined;
}

/**
 * Split a host from its port.
 *
 * @param text The text.
 * @returns The parts, which are not checked; undefined if there are colons in a host without brackets, or stray brackets.
 */
export function splitHostPort(text: string): HostPort | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/s.exec(text);
  if (match === null) return undefined;
  const [, bracketed, plain = "", port] = match;
  return { host: bracketed ?? plain, isBracketed: bracketed !== undefined, port };
}

/** A port in decimal digits, or undefined for anything else. */
export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  return port <= 0xffff ? port : undefined;
}
