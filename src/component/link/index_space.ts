/** Index spaces. */

import { InvalidComponentError } from "../binary/invalid_component.ts";

/** What has been defined of one sort, by index. */
export class IndexSpace<T> {
  readonly #sort: string;
  readonly #items: T[] = [];

  /** @param sort Name of the sort, for messages. */
  constructor(sort: string) {
    this.#sort = sort;
  }

  /** Add an item under the next index. */
  add(item: T): void {
    this.#items.push(item);
  }

  /**
   * The item at an index.
   *
   * @param index The index.
   * @param offset Where the index stands, for messages.
   * @throws {InvalidComponentError} There is none.
   */
  get(index: number, offset: number): T {
    const { length } = this.#items;
    if (index < length) return this.#items[index] as T;
    throw new InvalidComponentError(
      `${this.#sort} index ${index} is out of bounds: there are ${length} so far`,
      offset,
    );
  }
}
