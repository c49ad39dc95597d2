/** Identifiers of TypeScript. */

/** Words that can't be the name of a variable in a module. */
const RESERVED: ReadonlySet<string> = new Set(
  ("arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public " +
    "return static super switch this throw true try typeof var void while with yield").split(" "),
);

/** Types that the text refers to: a type of the component with such a name would hide them. */
const USED: ReadonlySet<string> = new Set(
  ("Map Promise ReadableStream Symbol Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array BigUint64Array " +
    "BigInt64Array Float32Array Float64Array WebAssembly").split(" "),
);

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** True for a name that can be declared as a variable. */
export function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name) && !RESERVED.has(name);
}

/** A name as the key of a property: quoted where that is needed. */
export function propertyKey(name: string): string {
  return IDENTIFIER.test(name) ? name : JSON.stringify(name);
}

/** Names that are given once each. */
export class UniqueNames {
  readonly #taken: Set<string>;

  /** @param taken Names that are never given. */
  constructor(taken: Iterable<string> = USED) {
    this.#taken = new Set(taken);
  }

  /** A name that is free: the wanted one, or with `_`, `_2`, `_3` … behind it. */
  take(wanted: string): string {
    const free = this.#isFree(wanted) ? wanted : this.#isFree(`${wanted}_`) ? `${wanted}_` : this.#numbered(wanted);
    this.#taken.add(free);
    return free;
  }

  #numbered(wanted: string): string {
    for (let number = 2;; number++) {
      const name = `${wanted}_${number}`;
      if (this.#isFree(name)) return name;
    }
  }

  #isFree(name: string): boolean {
    return !this.#taken.has(name) && !RESERVED.has(name);
  }
}
