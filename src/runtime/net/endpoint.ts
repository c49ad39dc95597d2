/** Parses endpoints: `127.0.0.1:8080`, `:8080`, `[::1]:8080`, `tcp://host:80`, `unix:/path`, `name=…`. */

import { Family, type SocketAddress } from "../../contract/network.ts";
import { inetAddress } from "../../contract/address.ts";
import { parsePort, splitHostPort } from "../../text/host_port.ts";
import { canonicalName } from "../../core/net/policy/rules.ts";

/** How a socket is opened before the guest starts. */
export type EndpointAction = "listen" | "dial";

/** A socket to open before the guest starts. */
export interface Endpoint {
  readonly action: EndpointAction;
  /** The text, for messages. */
  readonly text: string;
  /** Its name in `LISTEN_FDNAMES`. */
  readonly name: string;
  /** Its address, or a name to look up first. */
  readonly place: SocketAddress | { readonly host: string; readonly port: number };
}

/** An endpoint that is invalid or can't be opened. */
export class EndpointError extends Error {
  override readonly name: string = "EndpointError";
  /** The action. */
  readonly action: EndpointAction;
  /** The text. */
  readonly text: string;
  /** The reason and what to do. */
  readonly reason: string;

  /**
   * @param action The action.
   * @param text The text.
   * @param reason The reason and what to do.
   */
  constructor(action: EndpointAction, text: string, reason: string) {
    super(`Cannot ${action === "listen" ? "listen at" : "dial"} ${text}: ${reason}`);
    this.action = action;
    this.text = text;
    this.reason = reason;
  }
}

/**
 * Parses an endpoint.
 *
 * @param text `[NAME=]HOST:PORT`, optionally with `tcp://` in front, or `[NAME=]unix:/PATH`.
 * @param action The action.
 * @throws {EndpointError} If it is invalid.
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
  const parts = splitHostPort(address.replace(/^tcp:\/\//, ""));
  const port = parsePort(parts?.port ?? "");
  if (parts === undefined || port === undefined || (port === 0 && action === "dial")) return undefined;
  const host = parts.host || (action === "listen" ? "0.0.0.0" : "127.0.0.1");
  const inet = inetAddress(host, port);
  if (parts.isBracketed || inet !== undefined) {
    return inet?.family === Family.INET6 === parts.isBracketed ? inet : undefined;
  }
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
 * Variables that describe the sockets to a guest, as systemd's do for its services (sd_listen_fds(3)).
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
