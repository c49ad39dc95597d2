import { describe, expect, it } from "vitest";
import { MemoryInput, MemoryOutput, memoryPlatform, seededRandom } from "../../src/platform/memory/mod.ts";
import { nextXoshiro128 } from "../../src/platform/memory/random.ts";
import { Interest, type PlatformRandom, Readiness } from "../../src/contract/platform.ts";
import { Errno } from "../../src/witx/errno.ts";
import { emptyFilestat, Filetype } from "../../src/witx/types.ts";
import { fails, ok } from "./under_test.ts";

function read(input: MemoryInput, length: number): string {
  const bytes = new Uint8Array(length + 2).fill(0x2a);
  const count = ok(input.read(bytes, 1, length));
  expect([bytes[0], ...bytes.subarray(1 + count)].every((byte) => byte === 0x2a)).toBe(true);
  return new TextDecoder().decode(bytes.subarray(1, 1 + count));
}

function draw(random: PlatformRandom, length: number): number[] {
  const bytes = new Uint8Array(length);
  random.fill(bytes, 0, length);
  return [...bytes];
}

describe("standard input in memory", () => {
  it("answers AGAIN while it is not fed, and 0 at its end", () => {
    const input = new MemoryInput();
    fails(input.read(new Uint8Array(4), 0, 4), Errno.AGAIN);
    expect([input.readiness(Interest.READ), input.needsEventLoop]).toEqual([0, true]);
    input.push("ab");
    expect([input.readiness(Interest.READ), input.readableBytes()]).toEqual([Readiness.READ, 2]);
    expect(read(input, 10)).toBe("ab");
    fails(input.read(new Uint8Array(4), 0, 4), Errno.AGAIN);
    input.push("c");
    input.end();
    expect([input.readiness(Interest.READ), input.needsEventLoop]).toEqual([Readiness.READ, false]);
    expect(read(input, 10)).toBe("c");
    expect(input.readiness(Interest.READ)).toBe(Readiness.READ | Readiness.HANGUP);
    expect([read(input, 10), read(input, 10)]).toEqual(["", ""]);
  });

  it("gives what was pushed in pieces of every size", () => {
    const input = new MemoryInput();
    const text = Array.from({ length: 1000 }, (_, i) => `piece ${i}\n`);
    for (const piece of text) input.push(piece);
    input.push(new Uint8Array(0));
    input.end();
    let result = "";
    for (let length = 1; input.readableBytes() > 0; length = (length * 7) % 101) result += read(input, length);
    expect(result).toBe(text.join(""));
  });

  it("copies what is pushed", () => {
    const input = new MemoryInput();
    const bytes = Uint8Array.from([0x61]);
    input.push(bytes);
    bytes[0] = 0x62;
    expect(read(input, 1)).toBe("a");
  });

  it("reads nothing into no room, fed or not", () => {
    expect(new MemoryInput().read(new Uint8Array(0), 0, 0)).toBe(0);
  });

  it("wakes each who waits, until the request is taken back", () => {
    const input = new MemoryInput();
    let calls = 0;
    const wake = (): void => void calls++;
    const cancels = [input.subscribe(Interest.READ, wake), input.subscribe(Interest.READ, wake)];
    input.push("x");
    expect(calls).toBe(2);
    cancels[0]!();
    input.end();
    expect(calls).toBe(3);
  });

  it("does not wake one whose request another one takes back", () => {
    const input = new MemoryInput();
    let late = 0;
    input.subscribe(Interest.READ, () => cancel());
    const cancel = input.subscribe(Interest.READ, () => late++);
    input.push("x");
    expect(late).toBe(0);
  });

  it("can't be fed after its end, nor written", () => {
    const input = new MemoryInput();
    input.end();
    expect(() => input.push("x")).toThrow("Cannot push to standard input: it was ended");
    fails(input.write(), Errno.BADF);
    expect(input.readiness(Interest.WRITE)).toBe(0);
  });

  it("is a pipe, and stays open when it is closed", () => {
    const input = new MemoryInput();
    const stat = emptyFilestat();
    ok(input.fstat(stat));
    expect([input.kind, stat.filetype, input.filetype, input.isTerminal]).toEqual([
      "stream",
      Filetype.UNKNOWN,
      Filetype.UNKNOWN,
      false,
    ]);
    ok(input.close());
    input.push("x");
    expect(read(input, 1)).toBe("x");
  });
});

describe("standard output in memory", () => {
  it("keeps the range that is written, and gives copies", () => {
    const output = new MemoryOutput();
    expect(output.write(new TextEncoder().encode("-häuser-"), 1, 7)).toBe(7);
    expect(output.text()).toBe("häuser");
    output.bytes()[0] = 0;
    expect(output.write(Uint8Array.from([0xff, 0]), 0, 2)).toBe(2);
    expect([...output.bytes().subarray(-3)]).toEqual([0x72, 0xff, 0]);
    expect(output.write(new Uint8Array(1), 0, 0)).toBe(0);
  });

  it("keeps no more than it may, until it forgets", () => {
    const { stdout } = memoryPlatform({ maxOutputBytes: 5 });
    expect(stdout.write(new Uint8Array(4), 0, 4)).toBe(4);
    expect(stdout.write(new Uint8Array(4), 0, 4)).toBe(1);
    fails(stdout.write(new Uint8Array(4), 0, 4), Errno.NOSPC);
    stdout.clear();
    expect(stdout.write(new Uint8Array(4), 0, 4)).toBe(4);
    expect(() => memoryPlatform({ maxOutputBytes: -1 })).toThrow("maxOutputBytes is -1, and not 0 or more");
  });

  it("forgets when it is told to", () => {
    const output = new MemoryOutput();
    output.write(Uint8Array.from([0x61, 0x62]), 0, 2);
    output.clear();
    output.write(Uint8Array.from([0x63]), 0, 1);
    expect(output.text()).toBe("c");
  });

  it("is always ready for writing, and never for reading", () => {
    const output = new MemoryOutput();
    expect(output.readiness(Interest.WRITE | Interest.READ)).toBe(Readiness.WRITE);
    fails(output.read(), Errno.BADF);
    let woken = 0;
    output.subscribe(Interest.WRITE, () => woken++);
    expect(woken).toBe(1);
  });
});

describe("seeded random bytes", () => {
  it("follow xoshiro128**", () => {
    const state = Uint32Array.from([1, 2, 3, 4]);
    const numbers = Array.from({ length: 10 }, () => nextXoshiro128(state));
    expect(numbers).toEqual(Array.from(referenceXoshiro128([1n, 2n, 3n, 4n], 10), Number));
    expect(numbers.slice(0, 4)).toEqual([11520, 0, 5927040, 70819200]);
  });

  it("are the same for the same seed, in this version and the next ones", () => {
    expect(draw(seededRandom(7), 1000)).toEqual(draw(seededRandom(7), 1000));
    expect(draw(seededRandom(7), 1000)).not.toEqual(draw(seededRandom(8), 1000));
    expect(draw(memoryPlatform().random, 100)).toEqual(draw(seededRandom(0), 100));
    expect(draw(memoryPlatform({ random: { seed: 7 } }).random, 100)).toEqual(draw(seededRandom(7), 100));
  });

  it.each([-1, 0.5, 2 ** 32, NaN])("refuse the seed %d", (seed) => {
    expect(() => seededRandom(seed)).toThrow(RangeError);
  });
});

describe("real random bytes", () => {
  it("differ between platforms", () => {
    const one = memoryPlatform({ random: "crypto" });
    const other = memoryPlatform({ random: "crypto" });
    expect(draw(one.random, 32)).not.toEqual(draw(other.random, 32));
  });
});

describe("memoryPlatform", () => {
  it("has an empty file system and an input at its end", () => {
    const platform = memoryPlatform();
    expect(platform.name).toBe("memory");
    expect(platform.root.entries()).toEqual([]);
    expect(read(platform.stdin, 4)).toBe("");
  });

  it("gives guests the standard streams that the host program sees", () => {
    const platform = memoryPlatform({ stdin: "hello" });
    for (const mode of ["block", "suspend"] as const) {
      const { stdin, stdout, stderr } = platform.stdio(mode);
      expect([stdin === platform.stdin, stdout === platform.stdout, stderr === platform.stderr]).toEqual([
        true,
        true,
        true,
      ]);
    }
    expect(read(platform.stdin, 10)).toBe("hello");
    const stdin = new MemoryInput();
    expect(memoryPlatform({ stdin }).stdin).toBe(stdin);
  });

  it("looks host paths up in its file system", () => {
    const platform = memoryPlatform({ files: { d: { "a b.txt": "hello" } } });
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    expect(text(platform.readFile("/d/a b.txt"))).toBe("hello");
    expect(text(platform.readFile("d/a b.txt"))).toBe("hello");
    expect(text(platform.readFile(new URL("file:///d/a%20b.txt")))).toBe("hello");
    expect(platform.openRoot("/d").fstatat("a b.txt", emptyFilestat())).toBe(0);
    expect(() => platform.openRoot("/none")).toThrow('Cannot open "/none": there is no such file or directory');
    expect(() => platform.openRoot("/d/a b.txt")).toThrow(/ENOTDIR|not a directory/);
    expect(() => platform.readFile(new URL("http://localhost/x"))).toThrow("only file: URLs are paths");
  });

  it("keeps its file system within its limits", () => {
    const { root } = memoryPlatform({ maxBytes: 3, maxNames: 1 });
    root.writeFile("a", "123");
    expect(() => root.writeFile("a", "1234")).toThrow("the limit of the file system is reached");
    expect(() => root.writeFile("b", "")).toThrow("the limit of the file system is reached");
  });
});

/** xoshiro128** once more, by whole numbers without end. */
function* referenceXoshiro128(state: [bigint, bigint, bigint, bigint], count: number): Generator<bigint> {
  const mask = 2n ** 32n - 1n;
  const rotate = (word: bigint, by: bigint): bigint => ((word << by) | (word >> (32n - by))) & mask;
  let [s0, s1, s2, s3] = state;
  for (let i = 0; i < count; i++) {
    yield (rotate((s1 * 5n) & mask, 7n) * 9n) & mask;
    const t = (s1 << 9n) & mask;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotate(s3, 11n);
  }
}
