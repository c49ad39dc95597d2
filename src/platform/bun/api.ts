/** The part of Bun's API that its platform uses. */

/** A stream socket of Bun. */
export interface BunSocket<Data> {
  /** What was attached to it: first what was given to `listen` or `connect`. */
  data: Data;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  /** @returns How many bytes the system took; -1 if the socket is closed. */
  write(bytes: Uint8Array, start: number, length: number): number;
  /** Send the end. */
  shutdown(): void;
  pause(): void;
  resume(): void;
  /** Close it. */
  end(): void;
  /** Close it with a reset. */
  terminate(): void;
  setNoDelay(on: boolean): boolean;
  setKeepAlive(on: boolean, idleMs: number): boolean;
}

/** Callbacks for the events of sockets. */
export interface BunSocketHandler<Data> {
  readonly binaryType: "uint8array";
  open(socket: BunSocket<Data>): void;
  data(socket: BunSocket<Data>, bytes: Uint8Array): void;
  end(socket: BunSocket<Data>): void;
  drain(socket: BunSocket<Data>): void;
  error(socket: BunSocket<Data>, error: Error): void;
  close(socket: BunSocket<Data>, error?: Error): void;
  connectError(socket: BunSocket<Data>, error: Error): void;
}

/** Where a socket listens or connects to. */
export type BunEndpoint = { readonly hostname: string; readonly port: number } | { readonly unix: string };

/** A listener of Bun. */
export interface BunSocketListener {
  readonly hostname: string;
  readonly port: number;
  stop(): void;
}

/** `Bun`. */
export interface BunNamespace {
  listen<Data>(
    options: BunEndpoint & {
      readonly allowHalfOpen: true;
      readonly exclusive: true;
      readonly ipv6Only: boolean;
      readonly data: Data;
      readonly socket: BunSocketHandler<Data>;
    },
  ): BunSocketListener;
  connect<Data>(
    options: BunEndpoint & {
      readonly allowHalfOpen: true;
      readonly localAddress?: string;
      readonly localPort?: number;
      readonly data: Data;
      readonly socket: BunSocketHandler<Data>;
    },
  ): Promise<BunSocket<Data>>;
}
