/** The HTTP server of Node, with web requests. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { type HttpServer, type ServerAddress, type ServerHandler, urlOf } from "./http_server.ts";

/** Start a server, as `startServer`. */
export async function nodeServer(address: ServerAddress, handler: ServerHandler): Promise<HttpServer> {
  const server = createServer((incoming, outgoing) => void new NodeExchange(incoming, outgoing).answer(handler));
  // Limits are those of the command line.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    if ("path" in address) server.listen(address.path, resolve);
    else server.listen(address.port, address.hostname, resolve);
  });
  return {
    url: urlOf(address, (server.address() as Partial<AddressInfo>).port),
    shutdown: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

/** An init with a body that is a stream. */
interface StreamingInit extends RequestInit {
  duplex: "half";
}

class NodeExchange {
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #abort: AbortController = new AbortController();

  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    outgoing.once("close", () => {
      if (!outgoing.writableFinished) this.#abort.abort(new Error("The client is gone"));
    });
  }

  async answer(handler: ServerHandler): Promise<void> {
    const outgoing = this.#outgoing;
    try {
      const request = this.#request();
      if (request === undefined) outgoing.writeHead(400).end();
      else await this.#send(await handler(request, this.#incoming.socket.remoteAddress ?? ""));
    } catch {
      // The client is gone, or the response is broken off.
      if (!outgoing.headersSent && !outgoing.destroyed) outgoing.writeHead(500).end();
      else outgoing.destroy();
    }
  }

  #request(): Request | undefined {
    const { method = "GET", headers, rawHeaders, url = "/" } = this.#incoming;
    const target = url.startsWith("/") ? `http://${headers.host ?? "localhost"}${url}` : url;
    const fields = new Headers();
    for (let i = 0; i < rawHeaders.length; i += 2) fields.append(rawHeaders[i]!, rawHeaders[i + 1]!);
    const init: StreamingInit = { method, headers: fields, signal: this.#abort.signal, duplex: "half" };
    const hasBody = "content-length" in headers || "transfer-encoding" in headers;
    if (hasBody && method !== "GET" && method !== "HEAD") {
      init.body = Readable.toWeb(this.#incoming) as unknown as ReadableStream<Uint8Array<ArrayBuffer>>;
    }
    try {
      return new Request(target, init);
    } catch {
      return undefined;
    }
  }

  async #send({ status, headers, body }: Response): Promise<void> {
    const outgoing = this.#outgoing;
    for (const [name, value] of headers) {
      if (name !== "set-cookie") outgoing.setHeader(name, value);
    }
    // Web headers join what came more than once, which Set-Cookie does not allow.
    const cookies = headers.getSetCookie();
    if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
    outgoing.writeHead(status);
    if (body !== null) await this.#sendBody(body.getReader());
    outgoing.end();
  }

  async #sendBody(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const outgoing = this.#outgoing;
    const { signal } = this.#abort;
    const cancel = (): void => void reader.cancel().catch(() => {});
    signal.addEventListener("abort", cancel);
    // Node keeps the head back until the body begins, which may be much later.
    const flushing = setImmediate(() => outgoing.flushHeaders());
    try {
      for (;;) {
        const { done, value } = await reader.read();
        clearImmediate(flushing);
        if (done) return signal.throwIfAborted();
        if (!outgoing.write(value)) await this.#drained();
      }
    } finally {
      clearImmediate(flushing);
      signal.removeEventListener("abort", cancel);
    }
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#outgoing.off("drain", done).off("close", done);
        resolve();
      };
      this.#outgoing.on("drain", done).on("close", done);
    });
  }
}
