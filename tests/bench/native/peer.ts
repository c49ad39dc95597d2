/** The other end of connections: it sends as much as fits, and takes all that comes. */

import { type AddressInfo, createServer, type Socket } from "node:net";

const CHUNK = new Uint8Array(1 << 16);

/** A peer that listens. */
export interface Peer {
  /** Its port of 127.0.0.1. */
  readonly port: number;
  /** Stop listening, and end all connections. */
  close(): void;
}

function fill(socket: Socket): void {
  while (socket.write(CHUNK));
}

/** Listen. */
export async function startPeer(): Promise<Peer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // The program ends while it is being sent to.
    socket.on("close", () => sockets.delete(socket));
    socket.on("drain", () => fill(socket));
    socket.resume();
    fill(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
