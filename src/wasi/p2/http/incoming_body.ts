/** The resources `incoming-body` and `future-trailers`. */

import { trap } from "../../../component/link/trap.ts";
import { Interest, type Pollable } from "../../../contract/pollable.ts";
import { Errno } from "../../../witx/errno.ts";
import { InputStream, type StreamSource } from "../io/input_stream.ts";
import type { PollTarget } from "../io/pollable.ts";
import { type ErrorCode, internalError } from "./error_code.ts";
import type { Fields } from "./fields.ts";

/** Where a body comes from: a connection, or a stream of the host. */
export interface BodySource {
  /**
   * Read what is there.
   *
   * @returns Bytes read; 0 at the end; `-AGAIN` while nothing is there; or minus an errno, with the reason in
   * {@linkcode BodySource.failure}.
   */
  read(bytes: Uint8Array, start: number, length: number): number;
  /** Bytes that a read returns for certain. */
  readableBytes?(): number;
  /** What to wait for after `-AGAIN`; undefined if a read returns something else. */
  readonly pollable: Pollable | undefined;
  /** When the wait for more is over (ns on the monotonic clock): then a read fails. Undefined if never. */
  readonly deadlineNs?: number | undefined;
  /** Why a read has failed. */
  readonly failure: ErrorCode | undefined;
  /** The trailers, once a read has returned 0. */
  readonly trailers: Fields | undefined;
  /** Nobody reads any more: called once. */
  close(): void;
}

/** A body that the guest receives. Its stream is its child. */
export class IncomingBody {
  readonly #source: BodySource;
  #state: "whole" | "streaming" | "streamed" = "whole";

  /** @param source Where it comes from. */
  constructor(source: BodySource) {
    this.#source = source;
  }

  /** Its stream: undefined from the second call on. */
  stream(): InputStream | undefined {
    if (this.#state !== "whole") return undefined;
    this.#state = "streaming";
    return new InputStream(streamSource(this.#source, () => this.#state = "streamed"));
  }

  /** The guest has given it up for its trailers. @throws {ComponentTrap} If its stream is still there. */
  finish(): FutureTrailers {
    this.#checkStream();
    return new FutureTrailers(this.#source);
  }

  #checkStream(): void {
    if (this.#state === "streaming") trap("the stream of the incoming-body must be dropped before it");
  }

  /**
   * The guest has dropped it.
   *
   * @param dropper The guest; undefined at its end, when everything is dropped in any order.
   * @throws {ComponentTrap} If its stream is still there.
   */
  close(dropper: object | undefined): void {
    if (dropper !== undefined) this.#checkStream();
    this.#source.close();
  }
}

function streamSource(source: BodySource, closed: () => void): StreamSource {
  return {
    origin: {
      get errorCode(): ErrorCode | undefined {
        return source.failure;
      },
    },
    read: (bytes, start, length) => source.read(bytes, start, length),
    readableBytes: () => source.readableBytes?.() ?? 0,
    get pollable(): Pollable | undefined {
      return source.pollable;
    },
    get deadlineNs(): number | undefined {
      return source.deadlineNs;
    },
    close: closed,
  };
}

/** Bytes of a body that nobody reads are passed over in pieces of this size. */
const SKIP_BYTES = 16 * 1024;

/** What comes of the trailers of a body. */
export type TrailersResult =
  | { readonly tag: "ok"; readonly val: Fields | undefined }
  | { readonly tag: "err"; readonly val: ErrorCode };

/** The trailers of a body, once the rest of it has arrived. */
export class FutureTrailers implements PollTarget {
  readonly interest: number = Interest.READ;
  readonly #source: BodySource;
  #result: TrailersResult | undefined;
  #isTaken = false;
  #isClosed = false;

  /** @param source The body. */
  constructor(source: BodySource) {
    this.#source = source;
  }

  /** @returns Undefined while they have not arrived; `"taken"` from the second result on. */
  take(): TrailersResult | "taken" | undefined {
    if (this.#isTaken) return "taken";
    const result = this.#advance();
    if (result !== undefined) this.#isTaken = true;
    return result;
  }

  #advance(): TrailersResult | undefined {
    if (this.#result !== undefined) return this.#result;
    const source = this.#source;
    const skipped = new Uint8Array(SKIP_BYTES);
    for (;;) {
      const count = source.read(skipped, 0, skipped.length);
      if (count > 0) continue;
      if (count === -Errno.AGAIN) return undefined;
      return this.#result = count === 0
        ? { tag: "ok", val: source.trailers }
        : { tag: "err", val: source.failure ?? internalError("the body is incomplete") };
    }
  }

  awaited(): Pollable | undefined {
    return this.#isClosed || this.#advance() !== undefined ? undefined : this.#source.pollable;
  }

  get deadlineNs(): number | undefined {
    return this.#source.deadlineNs;
  }

  /** The guest has dropped it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#source.close();
  }
}
