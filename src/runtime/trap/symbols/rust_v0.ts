/** Rust's v0 mangling scheme (RFC 2603): a recursive descent over the grammar that prints as it goes. */

import { decodePunycode } from "./punycode.ts";

/** Levels of the grammar; what is nested deeper is not demangled. */
const MAX_DEPTH = 200;
/** Characters of a readable name; back references can make it grow without end. */
const MAX_OUTPUT = 4096;
/** Parts that are read in all. */
const MAX_STEPS = 20_000;

const BASIC_TYPES: Readonly<Record<string, string>> = {
  a: "i8",
  b: "bool",
  c: "char",
  d: "f64",
  e: "str",
  f: "f32",
  h: "u8",
  i: "isize",
  j: "usize",
  l: "i32",
  m: "u32",
  n: "i128",
  o: "u128",
  p: "_",
  s: "i16",
  t: "u16",
  u: "()",
  v: "...",
  x: "i64",
  y: "u64",
  z: "!",
};

/** Thrown where the text is not of the grammar, or too much. */
class NotMangled extends Error {}

/**
 * Demangle a name that starts with `_R`.
 *
 * @returns The readable name; undefined if it is not of the scheme.
 */
export function demangleV0(name: string): string | undefined {
  const [, version, mangled, suffix] = /^_R(\d*)([A-Z]\w*)((?:[.$].*)?)$/s.exec(name) ?? [];
  if (mangled === undefined || version !== "") return undefined;
  const printer = new Printer(mangled);
  try {
    printer.symbol();
  } catch (error) {
    if (error instanceof NotMangled) return undefined;
    throw error;
  }
  return printer.output + suffix!;
}

class Printer {
  output = "";
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #steps = 0;
  /** Lifetimes that are bound by the binders around. */
  #lifetimes = 0;
  /** True while what is read is not printed. */
  #isSilent = false;

  constructor(text: string) {
    this.#text = text;
  }

  symbol(): void {
    this.#path(true);
    // The crate that it is instantiated in.
    if (this.#at < this.#text.length) this.#silently(() => this.#path(false));
    if (this.#at < this.#text.length) throw new NotMangled();
  }

  #print(text: string): void {
    if (this.#isSilent) return;
    this.output += text;
    if (this.output.length > MAX_OUTPUT) throw new NotMangled();
  }

  #silently(read: () => void): void {
    const before = this.#isSilent;
    this.#isSilent = true;
    read();
    this.#isSilent = before;
  }

  #next(): string {
    const char = this.#text[this.#at];
    if (char === undefined || ++this.#steps > MAX_STEPS) throw new NotMangled();
    this.#at++;
    return char;
  }

  #eat(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #nested(read: () => void): void {
    if (++this.#depth > MAX_DEPTH) throw new NotMangled();
    read();
    this.#depth--;
  }

  /** Digits of base 62 and `_`: without digits 0, otherwise one more than they say. Large ones are not exact; only hashes are. */
  #base62(): number {
    if (this.#eat("_")) return 0;
    let value = 0;
    for (;;) {
      const char = this.#next();
      if (char === "_") return value + 1;
      const digit = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".indexOf(char);
      if (digit < 0) throw new NotMangled();
      value = value * 62 + digit;
    }
  }

  /** A number that is 0 if its tag is missing. */
  #optional(tag: string): number {
    return this.#eat(tag) ? this.#base62() + 1 : 0;
  }

  #identifier(): string {
    const isPunycode = this.#eat("u");
    const digits = /^(?:0|[1-9]\d{0,4})/.exec(this.#text.slice(this.#at, this.#at + 5))?.[0];
    if (digits === undefined) throw new NotMangled();
    this.#at += digits.length;
    this.#eat("_");
    const end = this.#at + Number(digits);
    if (end > this.#text.length) throw new NotMangled();
    const name = this.#text.slice(this.#at, end);
    this.#at = end;
    if (!isPunycode) return name;
    const split = name.lastIndexOf("_");
    const decoded = decodePunycode(name.slice(0, Math.max(split, 0)), name.slice(split + 1));
    if (decoded === undefined) throw new NotMangled();
    return decoded;
  }

  /** Go on at an earlier place, unless nothing is printed anyway. */
  #backReference(read: () => void): void {
    const start = this.#at - 1;
    const target = this.#base62();
    if (target >= start) throw new NotMangled();
    if (this.#isSilent) return;
    const behind = this.#at;
    this.#at = target;
    this.#nested(read);
    this.#at = behind;
  }

  /** @param isValue True for a function or constant, whose generic arguments have `::` in front. */
  #path(isValue: boolean): void {
    this.#nested(() => this.#pathOf(this.#next(), isValue));
  }

  #pathOf(tag: string, isValue: boolean): void {
    switch (tag) {
      case "C":
        this.#optional("s");
        return this.#print(this.#identifier());
      case "N":
        return this.#nestedPath(isValue);
      case "M":
      case "X":
      case "Y":
        return this.#qualified(tag);
      case "I":
        this.#path(isValue);
        this.#print(isValue ? "::<" : "<");
        this.#list("E", () => this.#genericArgument());
        return this.#print(">");
      case "B":
        return this.#backReference(() => this.#path(isValue));
      default:
        throw new NotMangled();
    }
  }

  #nestedPath(isValue: boolean): void {
    const namespace = this.#next();
    if (!/[a-zA-Z]/.test(namespace)) throw new NotMangled();
    this.#path(isValue);
    const disambiguator = this.#optional("s");
    const name = this.#identifier();
    if (namespace >= "a") return name === "" ? undefined : this.#print(`::${name}`);
    const kind = namespace === "C" ? "closure" : namespace === "S" ? "shim" : namespace;
    this.#print(`::{${kind}${name === "" ? "" : `:${name}`}#${disambiguator}}`);
  }

  /** `<Type>` of an inherent impl, and `<Type as Trait>`. */
  #qualified(tag: string): void {
    if (tag !== "Y") {
      this.#optional("s");
      this.#silently(() => this.#path(false));
    }
    this.#print("<");
    this.#type();
    if (tag !== "M") {
      this.#print(" as ");
      this.#path(false);
    }
    this.#print(">");
  }

  /** Read to an end mark, with commas in between. @returns How many were read. */
  #list(end: string, read: () => void): number {
    let count = 0;
    while (!this.#eat(end)) {
      if (count++ > 0) this.#print(", ");
      read();
    }
    return count;
  }

  #genericArgument(): void {
    if (this.#eat("L")) this.#lifetime(this.#base62());
    else if (this.#eat("K")) this.#constant(false);
    else this.#type();
  }

  #lifetime(index: number): void {
    if (index === 0) return this.#print("'_");
    const level = this.#lifetimes - index;
    if (level < 0) throw new NotMangled();
    this.#print(level < 26 ? `'${String.fromCharCode(97 + level)}` : `'_${level}`);
  }

  /** The lifetimes of `for<…>` hold in what `read` reads. */
  #bound(read: () => void): void {
    const count = this.#optional("G");
    if (count > MAX_OUTPUT) throw new NotMangled();
    const before = this.#lifetimes;
    if (count > 0) {
      this.#print("for<");
      for (let i = 0; i < count; i++) {
        if (i > 0) this.#print(", ");
        this.#lifetimes++;
        this.#lifetime(1);
      }
      this.#print("> ");
    }
    read();
    this.#lifetimes = before;
  }

  #type(): void {
    this.#nested(() => this.#typeOf(this.#next()));
  }

  #typeOf(tag: string): void {
    const basic = BASIC_TYPES[tag];
    if (basic !== undefined) return this.#print(basic);
    switch (tag) {
      case "R":
      case "Q":
        return this.#reference(tag === "Q");
      case "P":
      case "O":
        this.#print(tag === "P" ? "*const " : "*mut ");
        return this.#type();
      case "A":
      case "S":
        return this.#array(tag === "A");
      case "T":
        this.#print("(");
        if (this.#list("E", () => this.#type()) === 1) this.#print(",");
        return this.#print(")");
      case "F":
        return this.#bound(() => this.#functionType());
      case "D":
        return this.#dynamic();
      case "B":
        return this.#backReference(() => this.#type());
      default:
        return this.#pathOf(tag, false);
    }
  }

  #reference(isMutable: boolean): void {
    this.#print("&");
    const lifetime = this.#eat("L") ? this.#base62() : 0;
    if (lifetime > 0) {
      this.#lifetime(lifetime);
      this.#print(" ");
    }
    if (isMutable) this.#print("mut ");
    this.#type();
  }

  #array(hasLength: boolean): void {
    this.#print("[");
    this.#type();
    if (hasLength) {
      this.#print("; ");
      this.#constant(true);
    }
    this.#print("]");
  }

  #functionType(): void {
    if (this.#eat("U")) this.#print("unsafe ");
    if (this.#eat("K")) {
      const abi = this.#eat("C") ? "C" : this.#identifier().replaceAll("_", "-");
      this.#print(`extern "${abi}" `);
    }
    this.#print("fn(");
    this.#list("E", () => this.#type());
    this.#print(")");
    if (this.#eat("u")) return;
    this.#print(" -> ");
    this.#type();
  }

  #dynamic(): void {
    this.#print("dyn ");
    this.#bound(() => {
      let isFirst = true;
      while (!this.#eat("E")) {
        if (!isFirst) this.#print(" + ");
        isFirst = false;
        this.#dynamicTrait();
      }
    });
    if (!this.#eat("L")) throw new NotMangled();
    const lifetime = this.#base62();
    if (lifetime === 0) return;
    this.#print(" + ");
    this.#lifetime(lifetime);
  }

  /** Bindings of associated types stand among the generic arguments. */
  #dynamicTrait(): void {
    let isOpen = this.#openPath();
    while (this.#eat("p")) {
      this.#print(isOpen ? ", " : "<");
      isOpen = true;
      this.#print(`${this.#identifier()} = `);
      this.#type();
    }
    if (isOpen) this.#print(">");
  }

  /** As a path of a type, without the `>` of its generic arguments. @returns True if it is to be closed. */
  #openPath(): boolean {
    let isOpen = false;
    if (this.#eat("B")) {
      this.#backReference(() => void (isOpen = this.#openPath()));
    } else if (this.#eat("I")) {
      this.#path(false);
      this.#print("<");
      this.#list("E", () => this.#genericArgument());
      isOpen = true;
    } else this.#path(false);
    return isOpen;
  }

  /** @param isValue False among generic arguments, where structures are in braces. */
  #constant(isValue: boolean): void {
    this.#nested(() => this.#constantOf(this.#next(), isValue));
  }

  #constantOf(tag: string, isValue: boolean): void {
    switch (tag) {
      case "p":
        return this.#print("_");
      case "B":
        return this.#backReference(() => this.#constant(isValue));
      case "b":
        return this.#print(this.#hex() === "0" ? "false" : "true");
      case "c":
        return this.#print(characterLiteral(this.#hex()));
      case "e":
        return this.#print(`*${this.#string()}`);
      case "R":
        if (this.#eat("e")) return this.#print(this.#string());
        break;
      case "Q":
      case "A":
      case "T":
      case "V":
        break;
      default:
        return this.#integer(tag);
    }
    if (!isValue) this.#print("{");
    this.#structure(tag);
    if (!isValue) this.#print("}");
  }

  #structure(tag: string): void {
    switch (tag) {
      case "A":
        this.#print("[");
        this.#list("E", () => this.#constant(true));
        return this.#print("]");
      case "T":
        this.#print("(");
        if (this.#list("E", () => this.#constant(true)) === 1) this.#print(",");
        return this.#print(")");
      case "V":
        this.#path(true);
        return this.#fields(this.#next());
      default:
        this.#print(tag === "Q" ? "&mut " : "&");
        return this.#constant(true);
    }
  }

  #fields(kind: string): void {
    if (kind === "U") return;
    if (kind !== "T" && kind !== "S") throw new NotMangled();
    this.#print(kind === "T" ? "(" : " { ");
    this.#list("E", () => {
      if (kind === "S") {
        this.#optional("s");
        this.#print(`${this.#identifier()}: `);
      }
      this.#constant(true);
    });
    this.#print(kind === "T" ? ")" : " }");
  }

  #integer(tag: string): void {
    if (!/[ahilmnojstxy]/.test(tag)) throw new NotMangled();
    if ("ailnsx".includes(tag) && this.#eat("n")) this.#print("-");
    const digits = this.#hex();
    this.#print(digits.length <= 16 ? String(BigInt(`0x${digits}`)) : `0x${digits}`);
  }

  /** Hexadecimal digits up to `_`, without zeros in front. */
  #hex(): string {
    const digits = /^[0-9a-f]*(?=_)/.exec(this.#text.slice(this.#at, this.#at + MAX_OUTPUT))?.[0];
    if (digits === undefined) throw new NotMangled();
    this.#at += digits.length + 1;
    return digits.replace(/^0+/, "") || "0";
  }

  /** A string literal, from the hexadecimal digits of its UTF-8. */
  #string(): string {
    const digits = /^(?:[0-9a-f]{2})*(?=_)/.exec(this.#text.slice(this.#at, this.#at + MAX_OUTPUT))?.[0];
    if (digits === undefined) throw new NotMangled();
    this.#at += digits.length + 1;
    const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    return JSON.stringify(new TextDecoder().decode(bytes));
  }
}

function characterLiteral(digits: string): string {
  const code = Number.parseInt(digits, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new NotMangled();
  const char = String.fromCodePoint(code);
  if (char === "'") return "'\\''";
  return char === '"' ? `'"'` : `'${JSON.stringify(char).slice(1, -1)}'`;
}
