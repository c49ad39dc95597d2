/**
 * A TCP server that answers requests with bytes that a test gives it.
 *
 * @module
 */

import net from "node:net";

/** How a path is answered: bytes, or a function of the connection and the head of the request. */
export type RawAnswer = string | ((socket: net.Socket, head: string) => void);

/** A server that listens on the loopback interface. */
export interface RawServer {
  /** `127.0.0.1:PORT`. */
  readonly authority: string;
  /** Heads of the requests so far, with the number of their connection in front. */
  readonly heads: readonly string[];
  /** Resolves once a connection is gone that had a request for this path. */
  gone(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Start a server. @param answers What each path is answered with. */
export async function rawServer(answers: Readonly<Record<string, RawAnswer>>): Promise<RawServer> {
  const heads: string[] = [];
  const sockets = new Set<net.Socket>();
  const gone = new Map<string, () => void>();
  let connections = 0;
  const server = net.createServer((socket) => {
    const number = ++connections;
    let text = "";
    let path = "";
    let isTaken = false;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      gone.get(path)?.();
    });
    socket.on("data", (bytes) => {
      // What follows belongs to the function that answers.
      if (isTaken) return;
      text += bytes.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = text.slice(0, end);
      text = text.slice(end + 4);
      path = head.split(" ")[1] ?? "";
      heads.push(`${number} ${head}`);
      const answer = answers[path] ?? "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
      isTaken = typeof answer === "function";
      if (typeof answer === "string") socket.write(answer);
      else answer(socket, head);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    authority: `127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    heads,
    gone: (path) => new Promise((resolve) => void gone.set(path, resolve)),
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
