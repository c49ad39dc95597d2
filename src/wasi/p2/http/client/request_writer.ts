/** Sends a request: its head, then its body as the guest writes it. */

import { Interest, type Pollable } from "../../../../contract/pollable.ts";
import type { PendingOutput, QueuedOutput } from "../../../../core/io/pending_output.ts";
import { Errno } from "../../../../witx/errno.ts";
import type { BodyConsumer } from "../body_sink.ts";
import { type ErrorCode, internalError } from "../error_code.ts";
import type { Fields } from "../fields.ts";
import type { RequestHead } from "./request_head.ts";
import type { Transport } from "./transport.ts";

/** Bytes of a chunk at most. */
const MAX_CHUNK = 64 * 1024;
/** How long the end of a guest waits for a server that does not read (ns). */
const LINGER_NS = 2e9;

const CONNECTION_LOST: ErrorCode = { tag: "connection-terminated" };

/** What a writer needs of its exchange. */
export interface WriterOwner {
  /** Go on with connecting: once there is a connection, {@linkcode RequestWriter.open} is called. */
  connect(): void;
  /** What to wait for until then. */
  readonly connecting: Pollable | undefined;
  /** The guest does not complete the request. */
  aborted(reason: ErrorCode): void;
}

/** Sends a request over a connection, once there is one. */
export class RequestWriter implements BodyConsumer, QueuedOutput {
  readonly interest: number = Interest.WRITE;
  readonly lingerNs: number = LINGER_NS;
  readonly #owner: WriterOwner;
  readonly #pending: PendingOutput;
  readonly #head: RequestHead;
  #transport: Transport | undefined;
  #unsent: Uint8Array[];
  #failure: ErrorCode | undefined;
  #isEnded = false;

  /**
   * @param owner The exchange.
   * @param head The head.
   * @param pending Gets it while there is something to send.
   */
  constructor(owner: WriterOwner, head: RequestHead, pending: PendingOutput) {
    this.#owner = owner;
    this.#head = head;
    this.#pending = pending;
    this.#unsent = [head.bytes];
    pending.add(this);
  }

  /** Send over a connection. */
  open(transport: Transport): void {
    this.#transport = transport;
  }

  /** A request without a body is sent again, over another connection. */
  restart(): void {
    this.#transport = undefined;
    this.#failure = undefined;
    this.#unsent = [this.#head.bytes];
    this.#pending.add(this);
  }

  /** True once the whole request was sent. */
  get isDone(): boolean {
    return this.#isEnded && this.#unsent.length === 0;
  }

  get failure(): ErrorCode | undefined {
    return this.#failure;
  }

  get pollable(): Pollable | undefined {
    return this.#transport === undefined ? this.#owner.connecting : this.#transport.pollable;
  }

  get isBusy(): boolean {
    return this.#failure === undefined && this.#unsent.length > 0;
  }

  drain(): number {
    if (this.#transport === undefined && this.#failure === undefined) this.#owner.connect();
    return this.flush();
  }

  /** Send what is left, once there is a connection. @returns 0, `-INPROGRESS`, or minus an errno. */
  flush(): number {
    if (this.#failure !== undefined) return -Errno.PIPE;
    if (this.#transport === undefined) return -Errno.INPROGRESS;
    while (this.#unsent.length > 0) {
      const [bytes] = this.#unsent as [Uint8Array];
      const count = this.#transport.write(bytes, 0, bytes.length);
      if (count === -Errno.AGAIN) {
        this.#pending.add(this);
        return -Errno.INPROGRESS;
      }
      if (count < 0) {
        this.fail(CONNECTION_LOST);
        return -Errno.PIPE;
      }
      if (count < bytes.length) this.#unsent[0] = bytes.subarray(count);
      else this.#unsent.shift();
    }
    this.#pending.delete(this);
    return 0;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    const drained = this.drain();
    if (drained < 0) return drained === -Errno.INPROGRESS ? -Errno.AGAIN : drained;
    if (this.#head.isChunked) return this.#writeChunk(bytes, start, Math.min(length, MAX_CHUNK));
    const count = this.#transport!.write(bytes, start, length);
    if (count >= 0 || count === -Errno.AGAIN) return count;
    this.fail(CONNECTION_LOST);
    return -Errno.PIPE;
  }

  #writeChunk(bytes: Uint8Array, start: number, length: number): number {
    const size = ascii(`${length.toString(16)}\r\n`);
    const chunk = new Uint8Array(size.length + length + 2);
    chunk.set(size);
    chunk.set(bytes.subarray(start, start + length), size.length);
    chunk.set([13, 10], size.length + length);
    this.#unsent.push(chunk);
    const sent = this.flush();
    return sent === -Errno.PIPE ? sent : length;
  }

  finish(trailers: Fields | undefined): void {
    this.#isEnded = true;
    if (!this.#head.isChunked) return;
    let end = "0\r\n";
    for (const [name, value] of trailers?.texts() ?? []) end += `${name}: ${value}\r\n`;
    this.#unsent.push(ascii(`${end}\r\n`));
    this.drain();
  }

  abort(reason: ErrorCode): void {
    this.fail(reason);
    this.#owner.aborted(reason);
  }

  /** Nothing more can be sent. */
  fail(reason: ErrorCode): void {
    this.#failure ??= reason;
    this.#unsent = [];
    this.#pending.delete(this);
  }

  abandon(): void {
    this.fail(internalError("the guest has ended"));
  }
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
