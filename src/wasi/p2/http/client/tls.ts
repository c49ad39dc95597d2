/** TLS over a connection of the guest's network. */

import { Interest, type Pollable, Readiness } from "../../../../contract/pollable.ts";
import type { OpenTls, TlsEvents, TlsFailure, TlsSession } from "../../../../contract/tls.ts";
import { Errno } from "../../../../witx/errno.ts";
import { type ErrorCode, internalError } from "../error_code.ts";
import { Notice } from "../notice.ts";
import type { Connector } from "./exchange.ts";
import type { Transport } from "./transport.ts";

/** Bytes of a read from the connection. */
const READ_BYTES = 64 * 1024;
/** Data of the server that may wait for the guest (bytes). */
const MAX_RECEIVED = 256 * 1024;

/** Connects, and starts a session then. It goes on whenever it is asked. */
export class TlsConnector implements Connector {
  readonly #dial: Connector;
  readonly #host: string;
  readonly #loaded: Notice = new Notice();
  #open: OpenTls | undefined;
  #failure: ErrorCode | undefined;
  #inner: Transport | undefined;
  #transport: TlsTransport | undefined;

  /**
   * @param dial Connects.
   * @param host Name or IP address of the server.
   * @param load Loads TLS.
   */
  constructor(dial: Connector, host: string, load: () => Promise<OpenTls>) {
    this.#dial = dial;
    this.#host = host;
    load().then(
      (open) => this.#open = open,
      (error: unknown) => this.#failure = internalError(String(error)),
    ).finally(() => this.#loaded.set());
  }

  advance(): Transport | ErrorCode | undefined {
    if (this.#inner === undefined) {
      const dialed = this.#dial.advance();
      if (dialed === undefined || "tag" in dialed) return dialed;
      this.#inner = dialed;
    }
    if (this.#failure !== undefined) return this.#failed(this.#failure);
    if (this.#open === undefined) return undefined;
    const transport = this.#transport ??= new TlsTransport(this.#inner, this.#open, this.#host);
    transport.pump();
    if (transport.failure !== undefined) return this.#failed(transport.failure);
    return transport.isSecure ? transport : undefined;
  }

  #failed(reason: ErrorCode): ErrorCode {
    this.cancel();
    return reason;
  }

  get pollable(): Pollable | undefined {
    if (this.#inner === undefined) return this.#dial.pollable;
    return this.#transport?.pollable ?? this.#loaded;
  }

  cancel(): void {
    if (this.#transport !== undefined) this.#transport.close();
    else if (this.#inner !== undefined) this.#inner.close();
    else this.#dial.cancel();
  }
}

/** A connection with TLS. What the runtime encrypts and decrypts is moved whenever the guest asks or waits. */
class TlsTransport implements Transport, TlsEvents {
  /** True once the server is who it should be. */
  isSecure = false;
  /** Why the session failed. */
  failure: ErrorCode | undefined;
  readonly pollable: Pollable;
  readonly #inner: Transport;
  readonly #session: TlsSession;
  readonly #notice: Notice = new Notice();
  readonly #buffer: Uint8Array = new Uint8Array(READ_BYTES);
  #unsent: { bytes: Uint8Array; readonly sent: () => void }[] = [];
  #received: Uint8Array[] = [];
  #receivedBytes = 0;
  #isInnerEnded = false;
  #isEnded = false;
  #isFull = false;
  #isClosed = false;

  constructor(inner: Transport, open: OpenTls, host: string) {
    this.#inner = inner;
    this.#session = open({ host }, this);
    this.pollable = {
      needsEventLoop: true,
      readiness: (interest) => this.#readiness(interest),
      subscribe: (interest, wake) => this.#subscribe(interest, wake),
    };
  }

  /** Move what can be moved between the connection and the session. */
  pump(): void {
    this.#notice.clear();
    if (this.#isClosed) return;
    this.#send();
    while (!this.#isInnerEnded && this.#receivedBytes < MAX_RECEIVED) {
      const count = this.#inner.read(this.#buffer, 0, READ_BYTES);
      if (count === -Errno.AGAIN) return;
      if (count > 0) {
        this.#session.receive(this.#buffer.slice(0, count));
        continue;
      }
      this.#isInnerEnded = true;
      if (count === 0) this.#session.receiveEnd();
      else this.#fail({ tag: "connection-terminated" });
    }
  }

  #send(): void {
    while (this.#unsent.length > 0) {
      const [piece] = this.#unsent as [{ bytes: Uint8Array; readonly sent: () => void }];
      const count = this.#inner.write(piece.bytes, 0, piece.bytes.length);
      if (count === -Errno.AGAIN) return;
      if (count < 0) return this.#fail({ tag: "connection-terminated" });
      piece.bytes = piece.bytes.subarray(count);
      if (piece.bytes.length > 0) return;
      this.#unsent.shift();
      piece.sent();
    }
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    this.pump();
    const [piece] = this.#received;
    if (piece === undefined) {
      if (this.#isEnded) return 0;
      return this.failure === undefined ? -Errno.AGAIN : -Errno.CONNRESET;
    }
    const count = Math.min(length, piece.length);
    bytes.set(piece.subarray(0, count), start);
    this.#receivedBytes -= count;
    if (count < piece.length) this.#received[0] = piece.subarray(count);
    else this.#received.shift();
    return count;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    this.pump();
    if (this.failure !== undefined || this.#isEnded) return -Errno.PIPE;
    if (this.#isFull) return -Errno.AGAIN;
    this.#isFull = !this.#session.write(bytes.slice(start, start + length));
    return length;
  }

  send(bytes: Uint8Array, sent: () => void): void {
    this.#unsent.push({ bytes, sent });
    if (!this.#isClosed) this.#send();
  }

  secured(): void {
    this.isSecure = true;
    this.#notice.set();
  }

  received(bytes: Uint8Array): void {
    this.#received.push(bytes);
    this.#receivedBytes += bytes.length;
    this.#notice.set();
  }

  ended(): void {
    this.#isEnded = true;
    this.#notice.set();
  }

  drained(): void {
    this.#isFull = false;
    this.#notice.set();
  }

  failed({ kind, message }: TlsFailure): void {
    if (this.isSecure) return this.#fail({ tag: "connection-terminated" });
    this.#fail(
      kind === "alert"
        ? { tag: "TLS-alert-received", val: { alertId: undefined, alertMessage: message } }
        : { tag: `TLS-${kind}-error` },
    );
  }

  #fail(reason: ErrorCode): void {
    this.failure ??= reason;
    this.#notice.set();
  }

  /** What the connection is waited for. */
  get #innerInterest(): number {
    const isReading = !this.#isInnerEnded && this.#receivedBytes < MAX_RECEIVED;
    return (isReading ? Interest.READ : 0) | (this.#unsent.length > 0 ? Interest.WRITE : 0);
  }

  #readiness(interest: number): number {
    const hasData = this.#received.length > 0 && (interest & Interest.READ) !== 0;
    const mayGoOn = hasData || this.#notice.readiness(interest) !== 0 || this.#isInnerReady();
    return mayGoOn ? Readiness.READ | Readiness.WRITE : 0;
  }

  #isInnerReady(): boolean {
    const interest = this.#innerInterest;
    if (interest === 0) return false;
    const { pollable } = this.#inner;
    pollable.group?.refresh();
    return pollable.readiness(interest) !== 0;
  }

  #subscribe(interest: number, wake: () => void): () => void {
    const { pollable } = this.#inner;
    const unsubscribe = this.#notice.subscribe(interest, wake);
    const cancel = pollable.source?.subscribe(wake) ?? pollable.subscribe(this.#innerInterest, wake);
    return () => {
      unsubscribe();
      cancel?.();
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#session.close();
    this.#inner.close();
  }
}
