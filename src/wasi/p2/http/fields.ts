/** The resource `fields`: headers and trailers. */

import { trap } from "../../../component/link/trap.ts";
import { isToken } from "../../../core/http1/fields.ts";

/** A case of `header-error`. */
export type HeaderError = "invalid-syntax" | "forbidden" | "immutable";

/** A name and a value, of the JS conventions. */
export type FieldEntry = readonly [name: string, value: Uint8Array];

/** Names that a guest may not use: they belong to the connection, or are made from other parts of a message. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  "connection",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** Limit on names, values and {@linkcode ENTRY_BYTES} for each entry (bytes). */
const MAX_BYTES = 128 * 1024;
/** What an entry counts beside its name and value. */
const ENTRY_BYTES = 32;

interface Field {
  readonly name: string;
  readonly lowerName: string;
  readonly value: Uint8Array;
}

/** Fields in their order. Names keep their case, and are compared without it. */
export class Fields {
  #fields: Field[] = [];
  #size = 0;
  #isImmutable = false;

  /**
   * Fields that were received: they are immutable, and have no forbidden names.
   *
   * @param entries Names and values, one character per byte. What has no valid syntax is left out.
   */
  static received(entries: Iterable<readonly [name: string, value: string]>): Fields {
    const fields = new Fields();
    for (const [name, text] of entries) {
      const lowerName = name.toLowerCase();
      const value = Uint8Array.from(text, (char) => char.charCodeAt(0));
      if (!FORBIDDEN.has(lowerName) && isToken(name) && isValue(value)) fields.#fields.push({ name, lowerName, value });
    }
    fields.#isImmutable = true;
    return fields;
  }

  /** Fields of a guest. */
  static fromList(entries: readonly FieldEntry[]): Fields | HeaderError {
    const fields = new Fields();
    for (const [name, value] of entries) {
      const error = fields.append(name, value);
      if (error !== undefined) return error;
    }
    return fields;
  }

  /** No changes from now on. */
  freeze(): this {
    this.#isImmutable = true;
    return this;
  }

  /** Values of a name, in their order; none for what is no name. */
  get(name: string): Uint8Array[] {
    const lowerName = name.toLowerCase();
    return this.#fields.filter((field) => field.lowerName === lowerName).map(({ value }) => value);
  }

  /** True if there is a value of a name. */
  has(name: string): boolean {
    const lowerName = name.toLowerCase();
    return this.#fields.some((field) => field.lowerName === lowerName);
  }

  /** Replace all values of a name, in the place of the first. */
  set(name: string, values: readonly Uint8Array[]): HeaderError | undefined {
    const error = this.#refusal(name, values);
    if (error !== undefined) return error;
    const lowerName = name.toLowerCase();
    const at = this.#fields.findIndex((field) => field.lowerName === lowerName);
    const kept = this.#fields.filter((field) => field.lowerName !== lowerName);
    const added = values.map((value) => ({ name, lowerName, value: value.slice() }));
    if (at < 0) kept.push(...added);
    else kept.splice(at, 0, ...added);
    this.#replace(kept);
    return undefined;
  }

  /** Remove all values of a name. */
  delete(name: string): HeaderError | undefined {
    return this.set(name, []);
  }

  /** Add a value after those that there are. */
  append(name: string, value: Uint8Array): HeaderError | undefined {
    const error = this.#refusal(name, [value]);
    if (error !== undefined) return error;
    const field = { name, lowerName: name.toLowerCase(), value: value.slice() };
    this.#size = checkedSize(this.#size + sizeOf(field));
    this.#fields.push(field);
    return undefined;
  }

  #refusal(name: string, values: readonly Uint8Array[]): HeaderError | undefined {
    if (!isToken(name) || !values.every(isValue)) return "invalid-syntax";
    if (FORBIDDEN.has(name.toLowerCase())) return "forbidden";
    return this.#isImmutable ? "immutable" : undefined;
  }

  #replace(fields: Field[]): void {
    this.#size = checkedSize(fields.reduce((size, field) => size + sizeOf(field), 0));
    this.#fields = fields;
  }

  /** All names and values. */
  entries(): FieldEntry[] {
    return this.#fields.map(({ name, value }) => [name, value] as const);
  }

  /** All names and values, one character per byte: for the wire. */
  texts(): [name: string, value: string][] {
    return this.#fields.map(({ name, value }) => [name, latin1(value)]);
  }

  /** The first value of a name, one character per byte. */
  text(name: string): string | undefined {
    const [value] = this.get(name);
    return value === undefined ? undefined : latin1(value);
  }

  /** A copy that may be changed. */
  clone(): Fields {
    const copy = new Fields();
    copy.#replace([...this.#fields]);
    return copy;
  }
}

function sizeOf({ name, value }: Field): number {
  return name.length + value.length + ENTRY_BYTES;
}

/** The error for it came with 0.3. */
function checkedSize(size: number): number {
  return size > MAX_BYTES ? trap(`fields exceed ${MAX_BYTES} bytes`) : size;
}

/** RFC 9110 5.5: no control characters but tabs. */
function isValue(value: Uint8Array): boolean {
  return value.every((byte) => (byte >= 0x20 && byte !== 0x7f) || byte === 0x09);
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
