import { describe, expect, test } from "vitest";
import type { Platform, PlatformStdio, PlatformStream } from "../../src/contract/platform.ts";
import type { IoVectors } from "../../src/contract/vectors.ts";
import { Tail, withStderrTail } from "../../src/runtime/stdio/stderr_tail.ts";
import { Errno } from "../../src/witx/errno.ts";

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function push(tail: Tail, text: string): void {
  const bytes = bytesOf(`<${text}>`);
  tail.push(bytes, 1, bytes.length - 2);
}

describe("the tail of a text", () => {
  test("is all of a short one", () => {
    const tail = new Tail(8);
    expect(tail.text()).toBe("");
    push(tail, "ab");
    push(tail, "");
    push(tail, "c\nd");
    expect(tail.text()).toBe("abc\nd");
    push(tail, "efg");
    expect(tail.text()).toBe("abc\ndefg");
  });

  test("is the last of a long one, from the start of a line, however it came", () => {
    const text = "first\nsecond\nthird\nfourth\n";
    for (let piece = 1; piece <= text.length; piece++) {
      const tail = new Tail(16);
      for (let at = 0; at < text.length; at += piece) push(tail, text.slice(at, at + piece));
      expect(tail.text(), String(piece)).toBe("third\nfourth\n");
    }
  });
});

describe("a platform whose standard error has a tail", () => {
  /** Takes at most 4 bytes of each call. */
  class Output implements Partial<PlatformStream> {
    readonly kind = "stream";
    readonly written: string[] = [];
    readonly writev?: (iovs: IoVectors) => number;

    constructor(hasVectors: boolean) {
      if (hasVectors) this.writev = ({ bytes, starts }) => this.write(bytes, starts[0]!, 4);
    }

    write(bytes: Uint8Array, start: number, length: number): number {
      if (this.written.length === 3) return -Errno.AGAIN;
      const taken = Math.min(length, 4);
      this.written.push(new TextDecoder().decode(bytes.subarray(start, start + taken)));
      return taken;
    }
  }

  function streamOver(output: Output, tail: Tail): PlatformStream {
    const stdio = { stderr: output } as unknown as PlatformStdio;
    const platform = { stdio: () => stdio } satisfies Partial<Platform> as unknown as Platform;
    return withStderrTail(platform, tail).stdio("block").stderr;
  }

  test("hands on each write as it is, and keeps what was taken", () => {
    const output = new Output(false);
    const tail = new Tail();
    const stream = streamOver(output, tail);
    expect(stream.writev).toBeUndefined();
    const bytes = bytesOf("0123456789");
    expect([stream.write(bytes, 1, 2), stream.write(bytes, 3, 7), stream.write(bytes, 7, 3)]).toEqual([2, 4, 3]);
    expect(stream.write(bytes, 0, 1)).toBe(-Errno.AGAIN);
    expect(output.written).toEqual(["12", "3456", "789"]);
    expect(tail.text()).toBe("123456789");
  });

  test("hands on pieces in one call, where the stream takes them so", () => {
    const output = new Output(true);
    const tail = new Tail();
    const stream = streamOver(output, tail);
    const iovs: IoVectors = {
      bytes: bytesOf("abcdefgh"),
      starts: Uint32Array.of(0, 2),
      lengths: Uint32Array.of(2, 6),
      count: 2,
    };
    expect(stream.writev!(iovs)).toBe(4);
    expect(output.written).toEqual(["abcd"]);
    expect(tail.text()).toBe("abcd");
    output.written.push("", "");
    expect(stream.writev!(iovs)).toBe(-Errno.AGAIN);
    expect(tail.text()).toBe("abcd");
  });
});
