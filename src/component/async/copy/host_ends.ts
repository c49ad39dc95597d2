/** Ends of streams and futures that the host has. */

import type { Codec } from "../../abi/codec.ts";
import type { Scheduler } from "../scheduler.ts";
import { type CopyBuffer, remaining } from "./copy_buffer.ts";
import { type Elements, GivingBuffer, TakingBuffer } from "./host_buffers.ts";
import { type Copy, CopyResult, type SharedFuture, type SharedStream } from "./shared_copy.ts";

/** What is copied, and who uses the end. */
interface HostEndParts<Shared> {
  /** What the end shares with that of the guest. */
  readonly shared: Shared;
  /** Of the elements; undefined if they have no content. */
  readonly codec: Codec | undefined;
  /** Of the guest. Copies happen in its turns. */
  readonly scheduler: Scheduler;
}

/** Keeps the guest from being in a deadlock while the host may still use an end. */
class Hold {
  readonly #scheduler: Scheduler;
  #isHeld = true;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    scheduler.externalEnds++;
  }

  release(): void {
    if (this.#isHeld) this.#scheduler.externalEnds--;
    this.#isHeld = false;
  }
}

/** A copy of an end of the host. */
class HostCopy<Side extends CopyBuffer> implements Copy {
  readonly instance = undefined;
  readonly buffer: Side;
  readonly copied: () => void;
  readonly done: (result: number) => void;

  constructor(buffer: Side, copied: () => void, done: (result: number) => void) {
    this.buffer = buffer;
    this.copied = copied;
    this.done = done;
  }
}

/** The readable end of a stream that a guest writes. */
export class HostReadable {
  readonly #parts: HostEndParts<SharedStream>;
  readonly #hold: Hold;

  /** @param parts What is copied, and who uses the end. */
  constructor(parts: HostEndParts<SharedStream>) {
    this.#parts = parts;
    this.#hold = new Hold(parts.scheduler);
  }

  /**
   * Read.
   *
   * @param length Most elements.
   * @returns At least one element; undefined at the end.
   * @throws What ended the guest.
   */
  async read(length: number): Promise<Elements | undefined> {
    const { shared, codec, scheduler } = this.#parts;
    const buffer = new TakingBuffer(codec, length);
    const result = await scheduler.host.while(
      new Promise<number>((resolve) => {
        const copied = (): void => {
          shared.waiting.reset();
          resolve(CopyResult.COMPLETED);
        };
        scheduler.soon(() => shared.read(new HostCopy(buffer, copied, resolve)));
      }),
    );
    if (buffer.progress > 0) return buffer.elements;
    if (result === CopyResult.DROPPED) this.#hold.release();
    return undefined;
  }

  /** Drop the end. */
  drop(): void {
    this.#hold.release();
    this.#parts.scheduler.soon(() => this.#parts.shared.waiting.drop());
  }
}

/** The writable end of a stream that a guest reads. */
export class HostWritable {
  readonly #parts: HostEndParts<SharedStream>;
  readonly #hold: Hold;

  /** @param parts What is copied, and who uses the end. */
  constructor(parts: HostEndParts<SharedStream>) {
    this.#parts = parts;
    this.#hold = new Hold(parts.scheduler);
  }

  /**
   * Write all elements.
   *
   * @returns False if the guest has dropped its end.
   * @throws What ended the guest.
   */
  async write(elements: Elements): Promise<boolean> {
    if (elements.length === 0) return true;
    const { codec, scheduler } = this.#parts;
    const buffer = new GivingBuffer(codec, elements);
    return await scheduler.host.while(
      new Promise<boolean>((resolve, reject) => {
        scheduler.soon(() => {
          try {
            this.#write(buffer, resolve);
          } catch (error) {
            reject(error);
            throw error;
          }
        });
      }),
    );
  }

  #write(buffer: GivingBuffer, resolve: (isWritten: boolean) => void): void {
    const { shared } = this.#parts;
    const copied = (): void => {
      if (remaining(buffer) > 0) return;
      shared.waiting.reset();
      resolve(true);
    };
    const done = (result: number): void => {
      if (result === CopyResult.COMPLETED && remaining(buffer) > 0) this.#write(buffer, resolve);
      else resolve(result === CopyResult.COMPLETED);
    };
    shared.write(new HostCopy(buffer, copied, done));
  }

  /** Drop the end. */
  drop(): void {
    this.#hold.release();
    this.#parts.scheduler.soon(() => this.#parts.shared.waiting.drop());
  }
}

/**
 * Read a future that a guest writes.
 *
 * @returns Its value. @throws What ended the guest.
 */
export async function readFuture({ shared, codec, scheduler }: HostEndParts<SharedFuture>): Promise<unknown> {
  const buffer = new TakingBuffer(codec, 1);
  await scheduler.host.while(
    new Promise<void>((resolve) => {
      scheduler.soon(() => shared.read(new HostCopy(buffer, () => {}, () => resolve())));
    }),
  );
  return buffer.elements[0];
}

/**
 * Write a future that a guest reads.
 *
 * @param parts What is copied, and who uses the end.
 * @param value Resolves to the value.
 */
export async function writeFuture(
  { shared, codec, scheduler }: HostEndParts<SharedFuture>,
  value: Promise<unknown>,
): Promise<void> {
  const hold = new Hold(scheduler);
  try {
    const buffer = new GivingBuffer(codec, [await value]);
    scheduler.soon(() => shared.write(new HostCopy(buffer, () => {}, () => {})));
  } finally {
    hold.release();
  }
}
