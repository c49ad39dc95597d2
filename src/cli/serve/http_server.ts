/** The HTTP server of the runtime. */

/** Where a server listens. */
export type ServerAddress =
  | { readonly hostname: string; readonly port: number }
  | { readonly path: string };

/** Answers a request. @param client Address of the client; "" if it is unknown. */
export type ServerHandler = (request: Request, client: string) => Promise<Response>;

/** A server that listens. */
export interface HttpServer {
  /** Where it listens: a URL, or `unix:` and a path. */
  readonly url: string;
  /** Accept nothing more. Resolves once all requests in progress are answered. */
  shutdown(): Promise<void>;
}

/** What is used of Deno. */
interface DenoServe {
  serve(
    options: { hostname?: string; port?: number; path?: string; onListen(): void; onError(error: unknown): Response },
    handler: (request: Request, info: { readonly remoteAddr: { readonly hostname?: string } }) => Promise<Response>,
  ): { readonly addr: { readonly port?: number }; shutdown(): Promise<void> };
}

/** What is used of Bun. */
interface BunServe {
  serve(options: {
    hostname?: string;
    port?: number;
    unix?: string;
    idleTimeout?: number;
    maxRequestBodySize: number;
    development: boolean;
    fetch(request: Request, server: BunServer): Promise<Response>;
    error(error: unknown): Response;
  }): BunServer;
}

interface BunServer {
  readonly port?: number;
  requestIP(request: Request): { readonly address: string } | null;
  stop(): Promise<void>;
}

/**
 * Start a server.
 *
 * @param address Where it listens.
 * @param handler Answers requests.
 * @throws {Error} If it can't listen there.
 */
export async function startServer(address: ServerAddress, handler: ServerHandler): Promise<HttpServer> {
  const { Deno: deno, Bun: bun } = globalThis as unknown as { readonly Deno?: DenoServe; readonly Bun?: BunServe };
  if (bun !== undefined) return bunServer(bun, address, handler);
  if (deno !== undefined) return denoServer(deno, address, handler);
  const { nodeServer } = await import("./node_server.ts");
  return await nodeServer(address, handler);
}

/** A request that the client has broken off has no response. */
function serverError(): Response {
  return new Response(null, { status: 500 });
}

function denoServer(deno: DenoServe, address: ServerAddress, handler: ServerHandler): HttpServer {
  const server = deno.serve(
    { ...address, onListen() {}, onError: serverError },
    (request, info) => handler(request, info.remoteAddr.hostname ?? ""),
  );
  return { url: urlOf(address, server.addr.port), shutdown: () => server.shutdown() };
}

function bunServer(bun: BunServe, address: ServerAddress, handler: ServerHandler): HttpServer {
  const server = bun.serve({
    ...("path" in address ? { unix: address.path } : { ...address, idleTimeout: 255 }),
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    fetch: (request, { requestIP }) => handler(request, requestIP.call(server, request)?.address ?? ""),
    error: serverError,
  });
  return { url: urlOf(address, server.port), shutdown: () => server.stop() };
}

/** The URL of a server. @param port The port that it has got. */
export function urlOf(address: ServerAddress, port: number | undefined): string {
  if ("path" in address) return `unix:${address.path}`;
  const { hostname } = address;
  return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port ?? address.port}/`;
}
