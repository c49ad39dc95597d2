/** Reads S-expressions, as the text format and the scripts of WebAssembly's tests are written. */

/** A list in parentheses. */
export interface List {
  readonly kind: "list";
  readonly items: readonly Expression[];
  /** The text from its parenthesis to its end. */
  readonly start: number;
  readonly end: number;
}

/** A word: a keyword, an identifier or a number. */
export interface Word {
  readonly kind: "word";
  readonly text: string;
}

/** A string, which may be any bytes. */
export interface Bytes {
  readonly kind: "string";
  readonly bytes: readonly number[];
}

/** An expression. */
export type Expression = List | Word | Bytes;

/** Spaces and comments. */
const SPACE = /(?:\s|;;[^\n]*)+/y;
const WORD = /[^\s()";]+/y;
const ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, '"': 34, "'": 39, "\\": 92 };
const encoder = new TextEncoder();

/** Read all expressions of a text. @throws {SyntaxError} It is not well-formed. */
export function readExpressions(text: string): Expression[] {
  return new ExpressionReader(text).all();
}

/** The number of the line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** The list that an expression is. @throws {SyntaxError} It is none. */
export function asList(expression: Expression | undefined): List {
  if (expression?.kind !== "list") throw new SyntaxError("A command lacks an expression in parentheses");
  return expression;
}

/** The word that an expression is. @throws {SyntaxError} It is none. */
export function word(expression: Expression | undefined): string {
  if (expression?.kind !== "word") throw new SyntaxError("A command lacks a word");
  return expression.text;
}

/** The word that an expression is; undefined if it is none. */
export function optionalWord(expression: Expression | undefined): string | undefined {
  return expression?.kind === "word" ? expression.text : undefined;
}

/** The text of the string that an expression is. @throws {SyntaxError} It is none. */
export function string(expression: Expression | undefined): string {
  if (expression?.kind !== "string") throw new SyntaxError("A command lacks a string");
  return Buffer.from(expression.bytes).toString();
}

class ExpressionReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  all(): Expression[] {
    const expressions = this.#until(undefined);
    if (this.#at < this.#text.length) throw this.#error("an unexpected )");
    return expressions;
  }

  #until(close: string | undefined): Expression[] {
    const expressions: Expression[] = [];
    for (;;) {
      this.#skipSpace();
      const next = this.#text[this.#at];
      if (next === undefined || next === ")") {
        if (next !== close) throw this.#error(close === undefined ? "an unexpected )" : "no closing parenthesis");
        return expressions;
      }
      expressions.push(this.#expression(next));
    }
  }

  #expression(next: string): Expression {
    if (next === '"') return { kind: "string", bytes: this.#string() };
    if (next !== "(") return { kind: "word", text: this.#match(WORD) };
    const start = this.#at++;
    const items = this.#until(")");
    this.#at++;
    return { kind: "list", items, start, end: this.#at };
  }

  #string(): number[] {
    const bytes: number[] = [];
    this.#at++;
    for (;;) {
      const next = this.#text[this.#at];
      if (next === undefined) throw this.#error("a string without end");
      if (next === '"') {
        this.#at++;
        return bytes;
      }
      bytes.push(...(next === "\\" ? this.#escape() : this.#plain()));
    }
  }

  #plain(): Iterable<number> {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    this.#at += char.length;
    return encoder.encode(char);
  }

  #escape(): Iterable<number> {
    const hex = /\\([0-9a-fA-F]{2})/y;
    const code = /\\u\{([0-9a-fA-F_]+)\}/y;
    hex.lastIndex = code.lastIndex = this.#at;
    const byte = hex.exec(this.#text);
    const point = byte === null ? code.exec(this.#text) : null;
    this.#at += (byte ?? point)?.[0].length ?? 2;
    if (byte !== null) return [Number.parseInt(byte[1]!, 16)];
    if (point !== null) return encoder.encode(String.fromCodePoint(Number.parseInt(point[1]!.replaceAll("_", ""), 16)));
    const escaped = ESCAPES[this.#text[this.#at - 1]!];
    if (escaped === undefined) throw this.#error("an unknown escape");
    return [escaped];
  }

  #skipSpace(): void {
    for (;;) {
      SPACE.lastIndex = this.#at;
      if (SPACE.test(this.#text)) this.#at = SPACE.lastIndex;
      else if (this.#text.startsWith("(;", this.#at)) this.#skipBlockComment();
      else return;
    }
  }

  #skipBlockComment(): void {
    const bracket = /\(;|;\)/g;
    bracket.lastIndex = this.#at;
    let depth = 0;
    do {
      const match = bracket.exec(this.#text);
      if (match === null) throw this.#error("a comment without end");
      depth += match[0] === "(;" ? 1 : -1;
    } while (depth > 0);
    this.#at = bracket.lastIndex;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) throw this.#error("an unexpected character");
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #error(what: string): SyntaxError {
    return new SyntaxError(`Line ${lineAt(this.#text, this.#at)}: ${what}`);
  }
}
