import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emptyFilestat, FilestatWord } from "../../src/witx/types.ts";

const SECOND = 1_000_000_000n;
const NANOSECONDS = fc.oneof(fc.integer({ min: 0, max: 999_999_999 }), fc.constantFrom(0, 1, 999_999_999));

describe("Filestat", () => {
  test("has the times that seconds and nanoseconds are", () => {
    const limit = 2n ** 63n / SECOND - 1n;
    const seconds = fc.oneof(fc.bigInt(-limit, limit), fc.bigInt(-10n, 10n), fc.bigInt(2n ** 32n - 3n, 2n ** 32n + 3n));
    fc.assert(fc.property(seconds, NANOSECONDS, (whole, rest) => {
      const stat = emptyFilestat();
      stat.setTime(FilestatWord.MTIM, Number(whole), rest);
      expect(stat.mtim).toBe(whole * SECOND + BigInt(rest));
    }));
  });

  test("keeps each field apart from the others, to its last bit", () => {
    const stat = emptyFilestat();
    const [unsigned, signed] = [2n ** 64n - 1n, 2n ** 63n - 1n];
    Object.assign(stat, { dev: unsigned, nlink: unsigned, atim: signed, ctim: -1n });
    expect({ dev: stat.dev, ino: stat.ino, filetype: stat.filetype, nlink: stat.nlink, size: stat.size })
      .toEqual({ dev: unsigned, ino: 0n, filetype: 0, nlink: unsigned, size: 0n });
    expect({ atim: stat.atim, mtim: stat.mtim, ctim: stat.ctim }).toEqual({ atim: signed, mtim: 0n, ctim: -1n });
    Object.assign(stat, { ino: 7n, filetype: 4, size: 8n, mtim: 9n });
    expect([...stat.words]).toEqual([
      ...[0xffff_ffff, 0xffff_ffff, 7, 0, 4, 0, 0xffff_ffff, 0xffff_ffff],
      ...[8, 0, 0xffff_ffff, 0x7fff_ffff, 9, 0, 0xffff_ffff, 0xffff_ffff],
    ]);
  });
});
