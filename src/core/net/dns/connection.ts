/** DNS over a stream (RFC 7766), with bounded memory. */

import { Errno } from "../../../witx/errno.ts";
import { HEADER_BYTES } from "./message.ts";
import type { DnsStub, Message } from "./stub.ts";

/** Limit on pending queries per connection. Resolvers send two at once, for A and AAAA. */
const MAX_WAITING = 16;

/** Bytes of the length in front of each message. */
const PREFIX_BYTES = 2;

/** Initial buffer size; most messages fit. */
const INITIAL_BYTES = 512;

/** Receives the responses of a {@linkcode DnsConnection}. */
export interface DnsClient {
  /** A response, prefixed with its length. */
  answered(framed: Uint8Array): void;
  /** There is room again after {@linkcode DnsConnection.receive} accepted only a part. */
  writable(): void;
}

/**
 * A connection to a {@linkcode DnsStub}. Responses follow the order of the queries. No query is accepted
 * while too many are pending, or while the client is paused because it does not read the responses.
 */
export class DnsConnection {
  readonly #stub: DnsStub;
  readonly #client: DnsClient;
  /** The incomplete message, prefixed with its length. */
  #message: Uint8Array = new Uint8Array(INITIAL_BYTES);
  #length = 0;
  #wanted: number = PREFIX_BYTES;
  /** Settles with the last pending response. */
  #last: Promise<void> | undefined;
  #waiting = 0;
  #paused = false;
  #refused = false;

  /**
   * @param stub The name server.
   * @param client Receives the responses.
   */
  constructor(stub: DnsStub, client: DnsClient) {
    this.#stub = stub;
    this.#client = client;
  }

  /**
   * Accepts bytes from the client, which need not be whole messages.
   *
   * @returns How many were taken; if not all were, {@linkcode DnsClient.writable} follows. `-CONNRESET` if the client
   * does not speak DNS.
   */
  receive(bytes: Uint8Array, start: number, length: number): number {
    const end = start + length;
    let at = start;
    while (at < end) {
      if (this.#paused || this.#waiting >= MAX_WAITING) {
        this.#refused = true;
        break;
      }
      const count = Math.min(this.#wanted - this.#length, end - at);
      this.#append(bytes.subarray(at, at + count));
      at += count;
      if (this.#length < this.#wanted) break;
      if (this.#wanted === PREFIX_BYTES) {
        const size = this.#message[0]! << 8 | this.#message[1]!;
        if (size < HEADER_BYTES) return -Errno.CONNRESET;
        this.#wanted = PREFIX_BYTES + size;
      } else {
        this.#answer(this.#message.subarray(PREFIX_BYTES, this.#wanted));
        this.#length = 0;
        this.#wanted = PREFIX_BYTES;
      }
    }
    return at - start;
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#message.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#message.length));
      grown.set(this.#message.subarray(0, this.#length));
      this.#message = grown;
    }
    this.#message.set(bytes, this.#length);
    this.#length = length;
  }

  /** Stops accepting; pending responses are still delivered. */
  pause(): void {
    this.#paused = true;
  }

  /** Accepts messages again. */
  resume(): void {
    this.#paused = false;
    this.#reportRoom();
  }

  /** Settles when all queries are answered; undefined if none is pending. */
  drained(): Promise<void> | undefined {
    return this.#last;
  }

  #reportRoom(): void {
    if (!this.#refused || this.#paused || this.#waiting >= MAX_WAITING) return;
    this.#refused = false;
    this.#client.writable();
  }

  #answer(message: Uint8Array): void {
    const answer = this.#stub.answerFramed(message);
    if (this.#last === undefined && !(answer instanceof Promise)) return this.#sendIfAny(answer);
    this.#waiting++;
    const sent = (this.#last ?? Promise.resolve()).then(() => answer).then((answered) => {
      this.#waiting--;
      if (this.#last === sent) this.#last = undefined;
      this.#sendIfAny(answered);
      this.#reportRoom();
    });
    this.#last = sent;
  }

  #sendIfAny(answer: Message): void {
    if (answer !== undefined) this.#client.answered(answer);
  }
}
