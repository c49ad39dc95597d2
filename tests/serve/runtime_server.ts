/** The HTTP server of the runtime that the tests run on, behind one interface. */

import http from "node:http";
import type { AddressInfo } from "node:net";
import { requestListener } from "../../examples/serve/node_http.ts";
import type { App } from "../../src/serve/mod.ts";

interface Runtimes {
  readonly Deno?: {
    serve(
      options: { port: number; hostname: string; onListen(): void },
      handler: App["fetch"],
    ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
  };
  readonly Bun?: {
    serve(
      options: { port: number; hostname: string; idleTimeout: number; fetch: App["fetch"] },
    ): { readonly port: number; stop(closeActive: boolean): Promise<void> };
  };
}

/** A server that listens. */
export interface RuntimeServer {
  readonly url: string;
  close(): Promise<unknown>;
}

/** Start the server. */
export async function startServer(fetch: App["fetch"]): Promise<RuntimeServer> {
  const { Deno, Bun } = globalThis as Runtimes;
  const hostname = "127.0.0.1";
  if (Bun !== undefined) {
    const server = Bun.serve({ port: 0, hostname, idleTimeout: 30, fetch });
    return { url: `http://${hostname}:${server.port}`, close: () => server.stop(true) };
  }
  if (Deno !== undefined) {
    const server = Deno.serve({ port: 0, hostname, onListen() {} }, fetch);
    return { url: `http://${hostname}:${server.addr.port}`, close: () => server.shutdown() };
  }
  const server = http.createServer(requestListener(fetch));
  await new Promise<void>((resolve) => server.listen(0, hostname, resolve));
  return {
    url: `http://${hostname}:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
