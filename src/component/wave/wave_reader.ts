/** Reads the tokens of WAVE, the text form of values of components. */

/** A text is no value of the type that is wanted. */
class WaveError extends TypeError {
  override readonly name: string = "WaveError";

  /**
   * @param message What is wrong.
   * @param at Offset in the text (UTF-16 units).
   */
  constructor(message: string, at: number) {
    super(`${message} (at character ${at + 1})`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  "'": "'",
  '"': '"',
  "\\": "\\",
  t: "\t",
  n: "\n",
  r: "\r",
};
const BLANK = /(?:[ \t\n\r]|\/\/[^\n]*)*/y;
const NUMBER = /-?(?:inf\b|nan\b|(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
const LABEL = /%?[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*/y;
const ESCAPE = /\\(?:u\{([0-9a-fA-F]{1,6})\}|(.))/sy;
const MULTILINE = /"""(?:\r?\n)((?:(?!""")[^])*?)([ ]*)"""/y;

/** Reads tokens from the start of a text. Spaces and comments before a token are passed over. */
export class WaveReader {
  readonly #text: string;
  #at = 0;

  /** @param text The text. */
  constructor(text: string) {
    this.#text = text;
  }

  /** @throws {WaveError} Always. */
  fail(message: string): never {
    throw new WaveError(message, this.#at);
  }

  /** The next character; empty at the end. */
  peek(): string {
    this.#match(BLANK);
    return this.#text.charAt(this.#at);
  }

  /** Take a character if it is the next. */
  take(char: string): boolean {
    if (this.peek() !== char) return false;
    this.#at++;
    return true;
  }

  /** Take a character. @throws {WaveError} Another one is next. */
  expect(char: string): void {
    if (!this.take(char)) this.fail(`expected ${char}, found ${this.#found()}`);
  }

  /** The text is over. @throws {WaveError} It is not. */
  end(): void {
    if (this.peek() !== "") this.fail(`expected nothing more, found ${this.#found()}`);
  }

  #found(): string {
    const rest = this.#text.slice(this.#at, this.#at + 12);
    return rest === "" ? "the end" : JSON.stringify(rest);
  }

  /** Items between two characters, separated by commas; one may follow the last. */
  items(open: string, close: string, read: () => void): void {
    this.expect(open);
    while (!this.take(close)) {
      read();
      if (this.take(",")) continue;
      this.expect(close);
      return;
    }
  }

  /** A number, as text. @throws {WaveError} There is none. */
  number(what: string): string {
    this.peek();
    return this.#match(NUMBER)?.[0] ?? this.fail(`expected ${what}, found ${this.#found()}`);
  }

  /** A label, if there is one: with its `%`, which tells it from a keyword. */
  label(): string | undefined {
    this.peek();
    return this.#match(LABEL)?.[0];
  }

  /** Go back to where {@linkcode WaveReader.position} was. */
  rewind(position: number): void {
    this.#at = position;
  }

  /** Where the reader is. */
  get position(): number {
    return this.#at;
  }

  /** A string in quotation marks. @throws {WaveError} There is none. */
  string(): string {
    if (this.peek() !== '"') this.fail(`expected a string in ", found ${this.#found()}`);
    if (this.#text.startsWith('"""', this.#at)) return this.#multiline();
    this.#at++;
    let text = "";
    while (!this.#closes('"')) text += this.#character();
    return text;
  }

  /** A character in apostrophes. @throws {WaveError} There is none. */
  char(): string {
    if (!this.take("'")) this.fail(`expected a character in ', found ${this.#found()}`);
    if (this.#closes("'")) this.fail("expected a character between two '");
    const char = this.#character();
    if (!this.#closes("'")) this.fail(`expected ', found ${this.#found()}`);
    return char;
  }

  /** Lines between `"""`; the spaces before the last of them are taken from the start of each line. */
  #multiline(): string {
    const [, lines = "", indentation = ""] = this.#match(MULTILINE) ??
      this.fail('expected """, the end of a line, lines, and """');
    if (lines !== "" && !lines.endsWith("\n")) this.fail('expected """ on a line of its own');
    const text = lines.split(/\r?\n/).slice(0, -1).map((line) => {
      if (line.startsWith(indentation)) return line.slice(indentation.length);
      return line.trim() === "" ? "" : this.fail('a line of the string is indented less than its """');
    });
    return new WaveReader(text.join("\n")).#characters();
  }

  #characters(): string {
    let text = "";
    while (this.#at < this.#text.length) text += this.#character();
    return text;
  }

  #closes(quote: string): boolean {
    if (this.#at >= this.#text.length) this.fail(`expected ${quote}, found the end`);
    if (this.#text[this.#at] !== quote) return false;
    this.#at++;
    return true;
  }

  #character(): string {
    if (this.#text[this.#at] === "\\") return this.#escape();
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    this.#at += char.length;
    return char;
  }

  #escape(): string {
    const match = this.#match(ESCAPE) ?? this.fail("expected a character after \\");
    const [, hex, plain = ""] = match;
    if (hex === undefined) return ESCAPES[plain] ?? this.fail(`unknown escape \\${plain}`);
    const code = Number.parseInt(hex, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) this.fail(`\\u{${hex}} is no character`);
    return String.fromCodePoint(code);
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }
}
