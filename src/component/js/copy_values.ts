/** Streams and futures as values of JavaScript: `ReadableStream` and `Promise`. */

import type { Codec } from "../abi/codec.ts";
import { Codecs } from "../abi/codecs.ts";
import type { Elements } from "../async/copy/host_buffers.ts";
import { HostReadable, HostWritable, readFuture, writeFuture } from "../async/copy/host_ends.ts";
import { SharedFuture, SharedStream } from "../async/copy/shared_copy.ts";
import type { Store } from "../link/store.ts";
import type { FutureType, StreamType, ValueType } from "../types/value_type.ts";

/** Bytes that are read at a time. */
const CHUNK = 64 * 1024;

/** Converts one element; undefined if it stays as it is. */
export type ElementConversion = ((value: unknown) => unknown) | undefined;

/** Makes values of JavaScript of the streams and futures of a guest, and the other way round. */
export class CopyValues {
  readonly #store: Store;
  readonly #codecs: Codecs = new Codecs();

  /** @param store What all instances of the guest share. */
  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * What a guest has given away.
   *
   * @param type Its type.
   * @param shared What the ends share.
   * @param element Converts elements.
   * @returns A `ReadableStream` of chunks of bytes, or of elements; or a `Promise`.
   */
  outward(type: StreamType | FutureType, shared: unknown, element: ElementConversion): unknown {
    const { scheduler } = this.#store;
    const codec = this.#codec(type.element);
    if (shared instanceof SharedFuture) {
      const value = readFuture({ shared, codec, scheduler });
      return element === undefined ? value : value.then(element);
    }
    const readable = new HostReadable({ shared: shared as SharedStream, codec, scheduler });
    const isBytes = type.element?.kind === "u8";
    return new ReadableStream({
      async pull(controller): Promise<void> {
        const elements = await readable.read(isBytes ? CHUNK : 1);
        if (elements === undefined) controller.close();
        else if (isBytes) controller.enqueue(elements);
        else controller.enqueue(element === undefined ? elements[0] : element(elements[0]));
      },
      cancel: () => readable.drop(),
    }, { highWaterMark: 0 });
  }

  /**
   * What a guest gets.
   *
   * @param type Its type.
   * @param value A `ReadableStream`, or anything else that can be iterated over; for a future, a promise or the value.
   * @param element Converts elements.
   * @returns What the ends share.
   * @throws {TypeError} If the value is no stream.
   */
  inward(type: StreamType | FutureType, value: unknown, element: ElementConversion): unknown {
    const { scheduler } = this.#store;
    const codec = this.#codec(type.element);
    const convert = element ?? ((each: unknown) => each);
    if (type.kind === "future") {
      const shared = new SharedFuture(type.element);
      this.#end(writeFuture({ shared, codec, scheduler }, Promise.resolve(value).then(convert)));
      return shared;
    }
    const source = iteratorOf(value);
    const shared = new SharedStream(type.element);
    const writable = new HostWritable({ shared, codec, scheduler });
    this.#end(writeAll(source, writable, (each) => elementsOf(type, each, convert)));
    return shared;
  }

  #codec(type: ValueType | undefined): Codec | undefined {
    return type === undefined ? undefined : this.#codecs.of(type);
  }

  /** What the caller's stream or promise throws ends the guest, as what its functions throw does. */
  #end(written: Promise<void>): void {
    written.then(undefined, (error: unknown) => void this.#store.failed(error));
  }
}

function iteratorOf(value: unknown): AsyncIterator<unknown> | Iterator<unknown> {
  if (typeof value === "object" && value !== null) {
    const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = value as Partial<
      AsyncIterable<unknown> & Iterable<unknown>
    >;
    if (async !== undefined) return async.call(value);
    if (value instanceof Uint8Array) return [value].values();
    if (sync !== undefined) return sync.call(value);
    const { getReader } = value as { getReader?: () => ReadableStreamDefaultReader<unknown> };
    if (getReader !== undefined) return readerOf(getReader.call(value));
  }
  throw new TypeError("Expected a ReadableStream or something else to iterate over, for a stream");
}

/** Streams of browsers that can't be iterated over. */
function readerOf(reader: ReadableStreamDefaultReader<unknown>): AsyncIterator<unknown> {
  return {
    next: () => reader.read() as Promise<IteratorResult<unknown>>,
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

/** The elements of one item: a chunk of bytes is many. */
function elementsOf(type: StreamType | FutureType, item: unknown, convert: (value: unknown) => unknown): Elements {
  if (type.element?.kind === "u8" && item instanceof Uint8Array) return item;
  return [convert(item)];
}

async function writeAll(
  source: AsyncIterator<unknown> | Iterator<unknown>,
  writable: HostWritable,
  elements: (item: unknown) => Elements,
): Promise<void> {
  let isLeft = false;
  try {
    while (!isLeft) {
      const { done, value } = await source.next();
      if (done === true) return;
      isLeft = true;
      isLeft = !(await writable.write(elements(value)));
    }
  } finally {
    writable.drop();
    // The guest has dropped its end, or has ended.
    if (isLeft) await source.return?.();
  }
}
