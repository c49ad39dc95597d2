import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toFloat64, widened, WIDENED_MODULE } from "../../src/preview1/abi/widened.ts";
import { assembleBare } from "../tools/wat.ts";
import { ROOT } from "../tools/wasirun.ts";

test("the module is what its text says", () => {
  const text = readFileSync(join(ROOT, "src", "preview1", "abi", "widened.wat"), "utf8");
  expect(WIDENED_MODULE).toBe(Buffer.from(assembleBare("widened.wat", text)).toString("base64"));
});

test("an i64 arrives in two halves, a precision not at all, and the rest in its order", () => {
  const calls: unknown[][] = [];
  const record = (name: string) => (...args: number[]): number => calls.push([name, ...args]);
  const names = ["clock_time_get", "fd_pread", "fd_pwrite", "fd_seek", "path_open", "other"];
  const table = widened(Object.fromEntries(names.map((name) => [name, record(name)])));
  const call = (name: string, ...args: (number | bigint)[]): unknown => table[name]!(...args as never[]);
  expect(call("clock_time_get", 1, 5n, 2)).toBe(1);
  call("fd_pread", 1, 2, 3, 0x1_0000_0002n, 4);
  call("fd_pwrite", 1, 2, 3, -1n, 4);
  call("fd_seek", 1, -2n, 2, 3);
  call("path_open", 1, 2, 3, 4, 5, 0x1_0000_0006n, 7n, 8, 9);
  call("other", 1, 2);
  expect(calls).toEqual([
    ["clock_time_get", 1, 2],
    ["fd_pread", 1, 2, 3, 2, 1, 4],
    ["fd_pwrite", 1, 2, 3, -1, -1, 4],
    ["fd_seek", 1, -2, -1, 2, 3],
    ["path_open", 1, 2, 3, 4, 5, 6, 7, 8, 9],
    ["other", 1, 2],
  ]);
});

test("two halves are the number", () => {
  for (const value of [0n, 1n, -1n, 2n ** 31n, 2n ** 32n, 2n ** 53n - 1n, -(2n ** 40n) - 3n]) {
    const [low, high] = [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))];
    expect(BigInt(toFloat64(low, high))).toBe(value);
  }
  expect(toFloat64(-1, 0x7fffffff)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
});
