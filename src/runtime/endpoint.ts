/** Endpoints as callers write them: `127.0.0.1:8080`, `:8080`, `[::1]:8080`, `tcp://host:80`, `unix:/path`, `name=…`. */

import { Family, type SocketAddress } from "../core/network.ts";
import { inetAddress } from "../core/socket/address.ts";
import { canonicalName } from "../core/socket/policy_rules.ts";

/** What to do with a socket before the guest starts. */
export type EndpointAction = "listen" | "dial";

/** A socket that a guest is to start with. */
export interface Endpoint {
  readonly action: EndpointAction;
  /** What was written, for messages. */
  readonly text: string;
  /** In `LISTEN_FDNAMES`. */
  readonly name: string;
  /** Its address, or a name to look up first. */
  readonly place: SocketAddress | { readonly host: string; readonly port: number };
}

/** A socket can't be had: it can't be understood where, or be opened there. */
export class EndpointError extends Error {
  override readonly name: string = "EndpointError";
  /** What was to be done. */
  readonly action: EndpointAction;
  /** What was written. */
  readonly text: string;
  /** Why not, and what to do. */
  readonly reason: string;

  /**
   * @param action What was to be done.
   * @param text What was written.
   * @param reason Why not, and what to do.
   */
  constructor(action: EndpointAction, text: string, reason: string) {
    super(`Cannot ${action === "listen" ? "listen at" : "dial"} ${text}: ${reason}`);
    this.action = action;
    this.text = text;
    this.reason = reason;
  }
}

/**
 * Read an endpoint.
 *
 * @param text `[NAME=]HOST:PORT`, with `tcp://` in front if one likes, or `[NAME=]unix:/PATH`.
 * @param action What to do there.
 * @throws {EndpointError} If it is none.
 */
export function parseEndpoint(text: string, action: EndpointAction): Endpoint {
  const [, name = action, address = ""] = /^(?:([^=:/[\]]*)=)?(.*)$/s.exec(text)!;
  if (!/^[!-9;-~]{1,255}$/.test(name)) {
    throw new EndpointError(action, text, "its name is to be of visible ASCII characters without a colon");
  }
  const place = placeOf(action, address);
  if (place === undefined) throw new EndpointError(action, text, adviceFor(address));
  return { action, text, name, place };
}

function placeOf(action: EndpointAction, address: string): Endpoint["place"] | undefined {
  const path = /^unix:(?:\/\/(?=\/))?(\/.*)$/s.exec(address)?.[1];
  if (path !== undefined) return path.includes("\0") ? undefined : { family: Family.UNIX, host: path, port: 0 };
  const [, v6, other, digits] = /^(?:tcp:\/\/)?(?:\[([^\]]*)\]|([^:/?#[\]]*)):(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  if (!(port <= 0xffff) || (port === 0 && action === "dial")) return undefined;
  const host = v6 ?? (other || (action === "listen" ? "0.0.0.0" : "127.0.0.1"));
  const inet = (v6 !== undefined) === host.includes(":") ? inetAddress(host, port) : undefined;
  if (inet !== undefined || v6 !== undefined) return inet;
  return canonicalName(host) === undefined ? undefined : { host, port };
}

function adviceFor(address: string): string {
  if (address.includes("?")) return "it takes no options; write HOST:PORT";
  if (/^(?:udp|tcp[46]|https?):\/\//.test(address)) {
    return "only TCP and unix sockets are opened; write HOST:PORT or unix:/PATH";
  }
  if (address.startsWith("unix:")) return "a unix socket has an absolute path; write unix:/PATH";
  const port = /:(\d+)$/.exec(address)?.[1];
  if (port === undefined) return "it has no port; write HOST:PORT, [IPv6]:PORT or unix:/PATH";
  if (!(Number(port) <= 0xffff && Number(port) > 0)) return "write a port from 1 to 65535";
  return "write HOST:PORT, [IPv6]:PORT or unix:/PATH";
}

/**
 * Variables that tell a guest of its sockets, as systemd tells its services: sd_listen_fds(3).
 *
 * @param endpoints Its sockets, in their order.
 */
export function socketVariables(endpoints: readonly Endpoint[]): Record<string, string> {
  if (endpoints.length === 0) return {};
  return {
    LISTEN_FDS: String(endpoints.length),
    LISTEN_FDNAMES: endpoints.map(({ name }) => name).join(":"),
  };
}
