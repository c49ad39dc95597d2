// A handler of web requests as a listener for node:http.

import { once } from "node:events";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Readable } from "node:stream";

/** What `serve` of wasirun, Hono, … call `fetch`. */
export type FetchHandler = (request: Request) => Promise<Response>;

/** Make a listener for `http.createServer`. Bodies stream in both directions. */
export function requestListener(handler: FetchHandler): RequestListener {
  return (incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch((error: unknown) => {
      if (!outgoing.headersSent) outgoing.writeHead(500);
      outgoing.destroy(error instanceof Error ? error : undefined);
    });
  };
}

async function answer(handler: FetchHandler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const signal = abortedWith(outgoing);
  const url = urlOf(incoming);
  if (url === undefined) {
    outgoing.writeHead(400).end();
    return;
  }
  const response = await handler(webRequest(incoming, url, signal));
  // Web headers join what came more than once, which Set-Cookie does not allow.
  const cookies = response.headers.getSetCookie();
  for (const [name, value] of response.headers) {
    if (name !== "set-cookie") outgoing.setHeader(name, value);
  }
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  outgoing.writeHead(response.status, response.statusText);
  if (response.body !== null) {
    // Node keeps the head back until the body begins, which may be much later.
    const flushing = setImmediate(() => outgoing.flushHeaders());
    for await (const piece of response.body) {
      clearImmediate(flushing);
      if (!outgoing.write(piece)) await once(outgoing, "drain", { signal });
    }
    clearImmediate(flushing);
  }
  outgoing.end();
}

/** A signal that is aborted when the client goes away before it has the whole response. */
function abortedWith(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) controller.abort(new Error("The client is gone"));
  });
  return controller.signal;
}

/** Undefined if Host, which anybody may send anything as, or the target is no part of a URL. */
function urlOf({ url = "/", headers }: IncomingMessage): URL | undefined {
  const base = `http://${headers.host ?? "localhost"}`;
  const text = url.startsWith("/") ? base + url : url;
  if (!URL.canParse(text, base)) return undefined;
  const made = new URL(text, base);
  return made.username === "" && made.password === "" ? made : undefined;
}

function webRequest(incoming: IncomingMessage, url: URL, signal: AbortSignal): Request {
  const { method = "GET", rawHeaders } = incoming;
  const fields = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) fields.append(rawHeaders[i]!, rawHeaders[i + 1]!);
  const init: RequestInit & { duplex: "half" } = { method, headers: fields, signal, duplex: "half" };
  if (method !== "GET" && method !== "HEAD") init.body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
  return new Request(url, init);
}
