/** Sockets that are open when a guest starts: components have none. */

import { EndpointError, parseEndpoint } from "../net/endpoint.ts";
import type { NetOptions } from "../options/options.ts";
import { Family } from "../../contract/network.ts";

/**
 * Refuse sockets that would be open when a component starts: WASI 0.2 can't pass it any.
 *
 * @param net Options of the caller.
 * @throws {EndpointError} Saying what to do instead.
 */
export function refuseSockets({ listen = [], dial = [] }: NetOptions = {}): void {
  for (const text of listen) throw refusal("listen", text);
  for (const text of dial) throw refusal("dial", text);
}

function refusal(action: "listen" | "dial", text: string): EndpointError {
  const { place } = parseEndpoint(text, action);
  const none = "a component gets no open sockets, as WASI 0.2 passes none";
  if ("family" in place && place.family === Family.UNIX) {
    return new EndpointError(action, text, `${none}, and it has no unix sockets`);
  }
  const { host, port } = place;
  const where = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const rule = `${action === "listen" ? "listen" : "connect"}:${where}`;
  const act = action === "listen" ? "listen" : "connect";
  return new EndpointError(action, text, `${none}; let it ${act} by itself, with --allow-net ${rule} (net.allow)`);
}
