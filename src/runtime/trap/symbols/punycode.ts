/** Punycode (RFC 3492), by which Rust encodes identifiers that are not ASCII. */

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_CODE = 128;

/**
 * Decode.
 *
 * @param basic The ASCII characters.
 * @param deltas Where the others are inserted, in `a` to `z` and `0` to `9`.
 * @returns The text; undefined if it is none.
 */
export function decodePunycode(basic: string, deltas: string): string | undefined {
  const output = [...basic];
  let code = INITIAL_CODE;
  let index = 0;
  let bias = INITIAL_BIAS;
  for (let at = 0; at < deltas.length;) {
    const before = index;
    let weight = 1;
    for (let k = BASE;; k += BASE) {
      const digit = digitOf(deltas[at++]);
      if (digit === undefined) return undefined;
      index += digit * weight;
      if (index > 0x7fff_ffff) return undefined;
      const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const count = output.length + 1;
    bias = adapt(index - before, count, before === 0);
    code += Math.floor(index / count);
    index %= count;
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
    output.splice(index++, 0, String.fromCodePoint(code));
  }
  return output.join("");
}

function digitOf(char: string | undefined): number | undefined {
  if (char === undefined) return undefined;
  if (char >= "a" && char <= "z") return char.charCodeAt(0) - 97;
  return char >= "0" && char <= "9" ? char.charCodeAt(0) - 48 + 26 : undefined;
}

function adapt(delta: number, count: number, isFirst: boolean): number {
  let rest = isFirst ? Math.floor(delta / DAMP) : delta >> 1;
  rest += Math.floor(rest / count);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor((BASE - T_MIN + 1) * rest / (rest + SKEW));
}
