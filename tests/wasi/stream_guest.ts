/**
 * A guest with streams: the functions of `wasi:io/streams`, with results as values.
 *
 * @module
 */

import type { ResourceType } from "../../src/component/link/resource_type.ts";
import type { Platform } from "../../src/contract/platform.ts";
import type { ByteSink } from "../../src/core/io/out_queue.ts";
import { guestIo } from "../../src/wasi/p2/io/guest_io.ts";
import type { IoError } from "../../src/wasi/p2/io/io_error.ts";
import { InputStream, type StreamSource } from "../../src/wasi/p2/io/input_stream.ts";
import type { OutputStream } from "../../src/wasi/p2/io/output_stream.ts";
import { errnoName } from "../../src/witx/errno.ts";
import { FakeComponent, fakeGuest, type FakeGuestOptions } from "./fake_context.ts";

const STREAMS = "wasi:io/streams@0.2";
const POLL = "wasi:io/poll@0.2";

/** What a function of streams has answered: a value, or why it failed. */
export type Outcome<T> = T | `failed with ${string}` | "closed";

/** Where results go in memory. */
const RESULT_SIZE = 16;

/** Calls the functions of streams. */
export class StreamGuest extends FakeComponent {
  /** What `filesystem-error-code` says of the last error. */
  fileCode: string | undefined;
  readonly #result: number;

  /**
   * @param platform What it runs on.
   * @param options What it runs in.
   */
  constructor(platform: Platform, options: FakeGuestOptions = {}) {
    super(fakeGuest(platform, options));
    this.#result = this.room(RESULT_SIZE);
  }

  /** A resource type of `wasi:io/streams`. */
  type<Rep>(name: string): ResourceType<Rep> {
    return this.find(STREAMS).resources[name] as unknown as ResourceType<Rep>;
  }

  /** Open an input stream. @returns Its handle. */
  input(source: StreamSource): number {
    return this.own(this.type<InputStream>("input-stream"), new InputStream(source));
  }

  /** Open an output stream. @returns Its handle. */
  output(sink: ByteSink): number {
    const stream = this.interfaces.host.shared(guestIo).openOutput(sink, "sockets");
    return this.own(this.type<OutputStream>("output-stream"), stream);
  }

  /** Call `[method]input-stream.…` that answers a list. */
  read(name: string, self: number, length: number | bigint): Outcome<string> | Promise<Outcome<string>> {
    return this.#called(`[method]input-stream.${name}`, [self, BigInt(length), this.#result], 4, (at) => this.text(at));
  }

  /** Call a function that answers a `result<u64, stream-error>`. @param args All but the return pointer. */
  count(name: string, ...args: readonly (number | bigint)[]): Outcome<number> | Promise<Outcome<number>> {
    return this.#called(`[method]${name}`, [...args, this.#result], 8, (at) => Number(this.u64(at)));
  }

  /** Call a function that answers a `result<_, stream-error>`. @param args All but the return pointer. */
  done(name: string, ...args: readonly (number | bigint)[]): Outcome<"ok"> | Promise<Outcome<"ok">> {
    return this.#called(`[method]output-stream.${name}`, [...args, this.#result], 4, () => "ok" as const);
  }

  /** Write a text. */
  write(name: string, self: number, content: string | Uint8Array): Outcome<"ok"> | Promise<Outcome<"ok">> {
    return this.done(name, self, ...this.put(content));
  }

  #called<T>(
    name: string,
    args: readonly (number | bigint)[],
    payload: number,
    value: (at: number) => T,
  ): Outcome<T> | Promise<Outcome<T>> {
    const answer = (): Outcome<T> => {
      const at = this.#result;
      if (this.bytes(at, 1)[0] === 0) return value(at + payload);
      return this.#error(at + payload);
    };
    const called = this.call(STREAMS, name, ...args);
    return called instanceof Promise ? called.then(answer) : answer();
  }

  #error(at: number): "closed" | `failed with ${string}` {
    if (this.bytes(at, 1)[0] === 1) return "closed";
    const type = this.type<IoError>("error");
    const handle = this.u32(at + 4);
    const error = this.rep(handle, type);
    const text = errnoName(error.errno);
    this.fileCode = this.value("wasi:filesystem/types@0.2", "filesystem-error-code", error) as string | undefined;
    this.drop(handle, type);
    return `failed with ${text}`;
  }

  /** Subscribe to a stream. @returns The pollable. */
  subscribe(kind: "input" | "output", self: number): number {
    return this.call(STREAMS, `[method]${kind}-stream.subscribe`, self) as number;
  }

  /** Drop a stream. */
  dropStream(kind: "input" | "output", self: number): void {
    this.drop(self, this.type<InputStream | OutputStream>(`${kind}-stream`));
  }

  /** `pollable.ready`. */
  ready(pollable: number): boolean | Promise<boolean> {
    const called = this.call(POLL, "[method]pollable.ready", pollable);
    return called instanceof Promise ? called.then((value) => value === 1) : called === 1;
  }

  /** `pollable.block`. */
  block(pollable: number): unknown {
    return this.call(POLL, "[method]pollable.block", pollable);
  }

  /** `poll`. */
  poll(pollables: readonly number[]): number[] | Promise<number[]> {
    const list = this.room(4 * Math.max(pollables.length, 1), 4);
    pollables.forEach((handle, i) => this.view.setUint32(list + 4 * i, handle, true));
    const called = this.call(POLL, "poll", list, pollables.length, this.#result);
    const indices = (): number[] => {
      const from = this.u32(this.#result);
      return Array.from({ length: this.u32(this.#result + 4) }, (_, i) => this.u32(from + 4 * i));
    };
    return called instanceof Promise ? called.then(indices) : indices();
  }
}
