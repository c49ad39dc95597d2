/** Parts that an object makes when they are first used. */

/** The parts of one owner, each made at most once. */
export class Parts<Owner> {
  readonly #owner: Owner;
  readonly #made: Map<(owner: Owner) => unknown, unknown> = new Map();

  /** @param owner Passed to the functions that make the parts. */
  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /**
   * @param make Makes the part; it also is its key, so it must be the same function each time.
   * @returns What the first call with this function made.
   */
  get<Part>(make: (owner: Owner) => Part): Part {
    let part = this.#made.get(make);
    if (part === undefined) this.#made.set(make, part = make(this.#owner));
    return part as Part;
  }
}
