import { describe, expect, it } from "vitest";
import { Content } from "../../src/platform/memory/fs/content.ts";
import { Quota } from "../../src/platform/memory/fs/quota.ts";

/** Writes `size` bytes in pieces at the end; tells how often a buffer grew, and how many bytes may have been copied. */
function append(size: number, pieceSize: number): { content: Content; growths: number; copied: number } {
  const content = new Content(new Quota(Infinity, "test"));
  const piece = new Uint8Array(pieceSize).fill(7);
  let growths = 0;
  let copied = 0;
  for (let done = 0; done < size; done += pieceSize) {
    const before = content.capacity;
    content.write(piece, 0, pieceSize, content.size);
    if (content.capacity === before) continue;
    growths++;
    // The new buffer is at least twice the old one, so the old one was at most the difference.
    copied += content.capacity - before;
  }
  return { content, growths, copied };
}

describe("the contents of a file", () => {
  it.each([2 ** 12, 2 ** 16, 2 ** 20, 2 ** 22])("copies each of %i appended bytes about once", (size) => {
    const { content, growths, copied } = append(size, 16);
    expect(content.size).toBe(size);
    expect(copied).toBeLessThanOrEqual(2 * size);
    // Ten doublings from 64 bytes to a chunk of 64 KiB, and the first buffer.
    expect(growths).toBeLessThanOrEqual(11 * Math.ceil(size / 65_536));
  });

  it("takes at most twice its size, or 64 bytes", () => {
    expect(append(5, 5).content.capacity).toBeLessThanOrEqual(64);
    for (const size of [1000, 70_000, 1_000_000]) {
      expect(append(size, 10).content.capacity).toBeLessThanOrEqual(2 * size + 64);
    }
  });

  it("takes no room for holes", () => {
    const content = new Content(new Quota(Infinity, "test"));
    content.setSize(2 ** 40);
    expect(content.capacity).toBe(0);
    content.write(new Uint8Array(1), 0, 1, 2 ** 39);
    expect(content.capacity).toBeLessThanOrEqual(64);
    content.setSize(1);
    expect(content.capacity).toBe(0);
  });

  it("keeps what lies before a cut, however far the rest is spread", () => {
    const content = new Content(new Quota(Infinity, "test"));
    for (const offset of [0, 2 ** 20, 2 ** 38, 2 ** 39]) content.write(Uint8Array.from([7]), 0, 1, offset);
    content.setSize(2 ** 38);
    const bytes = new Uint8Array(1);
    for (const [offset, byte] of [[0, 7], [2 ** 20, 7], [2 ** 20 + 1, 0], [2 ** 38 - 1, 0]] as const) {
      expect(content.read(bytes, 0, 1, offset)).toBe(1);
      expect(bytes[0]).toBe(byte);
    }
    expect(content.capacity).toBe(128 + (2 ** 20 % 65_536));
  });

  it("pays for what it holds, and for nothing else", () => {
    const quota = new Quota(Infinity, "test");
    const content = new Content(quota);
    content.write(new Uint8Array(200_000), 0, 200_000, 0);
    expect(quota.used).toBe(200_000);
    content.write(new Uint8Array(10), 0, 10, 199_995);
    expect(quota.used).toBe(200_005);
    content.setSize(65_536);
    expect(quota.used).toBe(65_536);
    content.setSize(1);
    expect(quota.used).toBe(1);
    content.setSize(1_000_000);
    expect(quota.used).toBe(1);
    content.setSize(0);
    expect([quota.used, content.capacity]).toEqual([0, 0]);
  });

  it("stops at a chunk's border when the quota ends there", () => {
    const quota = new Quota(65_536, "test");
    const content = new Content(quota);
    expect(content.write(new Uint8Array(100_000), 0, 100_000, 0)).toBe(65_536);
    expect([content.size, quota.free]).toEqual([65_536, 0]);
  });
});
