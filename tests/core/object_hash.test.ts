import { expect, test } from "vitest";
import { ObjectHash } from "../../src/core/fs/object_hash.ts";
import { emptyFilestat, type Filestat } from "../../src/witx/types.ts";

/** A hash with the key of the reference vectors: 0, 1, 2, … */
function counting(): ObjectHash {
  return new ObjectHash({
    fill: (bytes, start, length) => {
      for (let i = 0; i < length; i++) bytes[start + i] = i;
    },
  });
}

function file(dev: bigint, ino: bigint): Filestat {
  return Object.assign(emptyFilestat(), { dev, ino });
}

function hex(words: Uint32Array): string {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

test("the hash is HalfSipHash-2-4 of 64 bits", () => {
  const hash = counting();
  hash.compute(file(0x0706050403020100n, 0x0f0e0d0c0b0a0908n));
  // From vectors.h of the reference implementation (veorq/SipHash): HalfSipHash-2-4-64 of the bytes 0 to 15.
  expect(hex(hash.words.subarray(0, 2))).toBe("7336aad25f7bf3b5");
});

test("both halves depend on device and serial number, by keys of their own", () => {
  const hash = counting();
  const seen = new Set<string>();
  for (const dev of [0n, 1n, 2n ** 63n]) {
    for (const ino of [0n, 1n, 2n, 2n ** 32n, 2n ** 64n - 1n]) {
      hash.compute(file(dev, ino));
      seen.add(hex(hash.words.subarray(0, 2))).add(hex(hash.words.subarray(2)));
    }
  }
  expect(seen.size).toBe(30);
});

test("another key gives other hashes", () => {
  const other = new ObjectHash({ fill: (bytes, start, length) => void bytes.fill(7, start, start + length) });
  const hash = counting();
  for (const each of [other, hash]) each.compute(file(1n, 2n));
  expect(hex(other.words)).not.toBe(hex(hash.words));
});
