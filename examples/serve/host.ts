// Puts a guest that serves HTTP behind the server of the runtime: Deno.serve, Bun.serve or node:http.
//
// Build the guest, in this folder, then run this file with Deno, Bun or Node. It asks the server itself, and ends;
// with an argument it goes on serving at that port.
//
//   GOOS=wasip1 GOARCH=wasm go build -o serve.wasm .
//   deno run -A host.ts

import http from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { type App, serve } from "wasirun/serve";
import { requestListener } from "./node_http.ts";

/** What is used here of Deno and Bun. */
interface Runtimes {
  readonly Deno?: {
    serve(
      options: { port: number; hostname: string; onListen(): void },
      handler: App["fetch"],
    ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
  };
  readonly Bun?: {
    serve(
      options: { port: number; hostname: string; fetch: App["fetch"] },
    ): { readonly port: number; stop(): Promise<void> };
  };
}

interface Server {
  readonly port: number;
  close(): unknown;
}

async function listen(fetch: App["fetch"], port: number): Promise<Server> {
  const { Deno, Bun } = globalThis as Runtimes;
  const hostname = "127.0.0.1";
  if (Deno !== undefined) {
    const server = Deno.serve({ port, hostname, onListen() {} }, fetch);
    return { port: server.addr.port, close: () => server.shutdown() };
  }
  if (Bun !== undefined) {
    const server = Bun.serve({ port, hostname, fetch });
    return { port: server.port, close: () => server.stop() };
  }
  const server = http.createServer(requestListener(fetch));
  await new Promise<void>((resolve) => server.listen(port, hostname, resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

// The guest listens on a network in memory: no port is taken but that of the server below.
const app = await serve(new URL("serve.wasm", import.meta.url), { net: { listen: ["127.0.0.1:80"] } });
const server = await listen(app.fetch, Number(process.argv[2] ?? 0));

if (process.argv[2] === undefined) {
  const url = `http://127.0.0.1:${server.port}`;
  console.log((await (await fetch(`${url}/first`)).text()).trim());
  console.log((await (await fetch(`${url}/second`, { method: "PUT" })).text()).trim());
  console.log(await (await fetch(`${url}/upper`, { method: "POST", body: "from the guest" })).text());
  await server.close();
  await app.close();
}
