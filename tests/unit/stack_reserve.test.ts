import { expect, test } from "vitest";
import { reserveStack } from "../../src/core/guest/stack_reserve.ts";

/** Calls near the end of the stack that are tried, at so many depths. */
const TRIES = 60;
const DEPTHS = 20;

type Call = (text: string) => boolean;

/** Functions that were never called: the engine has compiled neither them nor their regular expressions. */
function newFunctions(): Call[] {
  const texts = Array.from({ length: TRIES }, (_, i) => {
    const body = `const inner = (text) => /^(?:name${i}|(\\d+)\\.(\\d+))$/.test(text); return inner(text);`;
    return `(text) => { ${body} }`;
  });
  return new Function(`return [${texts.join(", ")}];`)();
}

function atDepth<T>(depth: number, call: () => T): T {
  return depth === 0 ? call() : atDepth(depth - 1, call);
}

/** True if a call so deep begins. */
function begins(depth: number): boolean {
  try {
    atDepth(depth, () => reserveStack(undefined));
    return true;
  } catch {
    return false;
  }
}

function deepest(): number {
  let [low, high] = [0, 1 << 20];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (begins(middle)) low = middle;
    else high = middle;
  }
  return low;
}

test("a call that begins has room for functions and patterns that were never used before", () => {
  let begun = 0;
  newFunctions().forEach((call, i) => {
    let hasBegun = false;
    try {
      // Frames change whenever code is compiled better.
      atDepth(deepest() - i % DEPTHS, () => {
        reserveStack(undefined);
        hasBegun = true;
        expect(call("1.2")).toBe(true);
      });
    } catch (error) {
      if (hasBegun) throw error;
    }
    begun += Number(hasBegun);
  });
  expect(begun).toBeGreaterThan(TRIES / 2);
});
