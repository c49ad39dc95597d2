import { describe, expect, it } from "vitest";
import { ManualClock, memoryDirectory, memoryPlatform } from "../../src/platform/memory/mod.ts";
import { Errno } from "../../src/witx/errno.ts";
import { platformSuite } from "./platform_suite.ts";
import { CREATE, fails, flags, made, namesIn, ok, open, put, readText, statAt, statOf, textIn } from "./under_test.ts";
import type { PlatformFeatures } from "./under_test.ts";

const FEATURES: PlatformFeatures = {
  setTimesStepNs: 1,
  preciseCtim: true,
  directoryLinkCounts: true,
  listedInos: true,
  appendModeCanEnd: true,
  cputime: false,
  limitsFileSize: true,
};

platformSuite("memory", () => {
  const clock = new ManualClock();
  const platform = memoryPlatform({ clock });
  return Promise.resolve({
    platform,
    root: platform.root,
    features: FEATURES,
    cleanup: () => {},
    passTime: () => clock.advance(30e6),
  });
});

platformSuite("memory, with real clock and random bytes", () => {
  const platform = memoryPlatform({ clock: "real", random: "crypto" });
  return Promise.resolve({ platform, root: platform.openRoot("/"), features: FEATURES, cleanup: () => {} });
});

describe("the file system in memory", () => {
  it("keeps reading from changing atim", () => {
    const clock = new ManualClock();
    const root = memoryDirectory({ a: "hello" }, { clock });
    const before = statAt(root, "a");
    clock.advance(1e9);
    expect(readText(root, "a")).toBe("hello");
    expect(statAt(root, "a")).toEqual(before);
  });

  it("writes at the end in append mode, whatever the offset, as Linux does", () => {
    const root = memoryDirectory({ a: "hello" });
    const file = open(root, "a", flags({ write: true, append: true }));
    put(file, "!", 0);
    expect(textIn(file)).toBe("hello!");
  });

  it("is another device than every other one", () => {
    const devices = new Set([1, 2, 3].map(() => statOf(memoryDirectory()).dev));
    expect(devices.size).toBe(3);
  });

  it("answers XDEV to links and renames between two of them", () => {
    const one = memoryDirectory({ a: "1" });
    const other = memoryDirectory();
    fails(one.linkat("a", other, "b"), Errno.XDEV);
    fails(one.renameat("a", other, "b"), Errno.XDEV);
    expect([namesIn(one), namesIn(other)]).toEqual([["a"], []]);
  });

  it("lists 100,000 entries, each once, with the serial numbers that they have", () => {
    const root = memoryDirectory();
    let failed = 0;
    for (let i = 0; i < 100_000; i++) failed += root.mkdirat(`entry-${i}`);
    expect(failed).toBe(0);
    const listed = made(root.readdir());
    expect(listed.length).toBe(100_000);
    expect(new Set(listed.map(({ name }) => name)).size).toBe(100_000);
    expect(new Set(listed.map(({ ino }) => ino)).size).toBe(100_000);
    expect(listed[77_777]!.ino).toBe(statAt(root, listed[77_777]!.name).ino);
    for (let i = 0; i < 100_000; i++) failed += root.rmdirat(`entry-${i}`);
    expect(failed).toBe(0);
    expect(root.readdir()).toEqual([]);
  });

  it("can be used on after it was closed, as a guest does at its end", () => {
    const root = memoryDirectory({ a: "hello" });
    ok(root.close());
    expect(root.readText("a")).toBe("hello");
    expect(readText(root, "a")).toBe("hello");
  });

  it("answers FBIG at 1 TiB, and writes what fits below", () => {
    const file = open(memoryDirectory(), "a", CREATE);
    const end = 2 ** 40;
    expect(file.pwrite(new Uint8Array(10), 0, 10, end - 4)).toBe(4);
    fails(file.pwrite(new Uint8Array(10), 0, 10, end), Errno.FBIG);
    fails(file.fallocate(end, 1), Errno.FBIG);
    fails(file.ftruncate(end + 1), Errno.FBIG);
    expect(file.size()).toBe(end);
  });

  it("refuses sizes and ranges below zero", () => {
    const file = open(memoryDirectory(), "a", CREATE);
    fails(file.ftruncate(-1), Errno.INVAL);
    fails(file.fallocate(-1, 2), Errno.INVAL);
    fails(file.fallocate(0, 0), Errno.INVAL);
  });
});

describe("a file system in memory with limits", () => {
  it("writes what fits, then answers NOSPC", () => {
    const root = memoryDirectory({ a: "123" }, { maxBytes: 10 });
    const file = open(root, "b", CREATE);
    expect(file.pwrite(new Uint8Array(20).fill(1), 0, 20, 0)).toBe(7);
    fails(file.pwrite(new Uint8Array(1), 0, 1, 7), Errno.NOSPC);
    expect(file.size()).toBe(7);
    put(file, "abcdefg");
    expect(textIn(file)).toBe("abcdefg");
  });

  it("counts no holes, but what a write after one takes in its piece", () => {
    const root = memoryDirectory({}, { maxBytes: 10 });
    const file = open(root, "a", CREATE);
    ok(file.ftruncate(1e9));
    put(file, "12345", 65_536 * 100);
    fails(file.pwrite(new Uint8Array(1), 0, 1, 20), Errno.NOSPC);
    put(file, "12345", 65_536 * 3);
    fails(file.pwrite(new Uint8Array(1), 0, 1, 0), Errno.NOSPC);
  });

  it("gets back what is cut, removed or replaced", () => {
    const root = memoryDirectory({}, { maxBytes: 4 });
    const file = open(root, "a", CREATE);
    put(file, "1234");
    ok(file.ftruncate(2));
    put(file, "34", 2);
    ok(file.close());
    ok(open(root, "a", flags({ write: true, truncate: true })).close());
    root.writeFile("b", "1234");
    ok(root.renameat("a", root, "b"));
    root.writeFile("c", "1234");
    ok(root.unlinkat("c"));
    root.writeFile("d", "1234");
    expect(root.readText("d")).toBe("1234");
  });

  it("gets back what was removed while it was open only when it is closed", () => {
    const root = memoryDirectory({}, { maxBytes: 4 });
    const file = open(root, "a", CREATE);
    put(file, "1234");
    ok(root.unlinkat("a"));
    const other = open(root, "b", CREATE);
    fails(other.pwrite(new Uint8Array(1), 0, 1, 0), Errno.NOSPC);
    ok(file.close());
    put(other, "1234");
  });

  it("refuses fallocate beyond what is free", () => {
    const file = open(memoryDirectory({}, { maxBytes: 4 }), "a", CREATE);
    fails(file.fallocate(0, 5), Errno.NOSPC);
    expect(file.size()).toBe(0);
    ok(file.fallocate(0, 4));
    expect(file.size()).toBe(4);
  });

  it("has only so many names", () => {
    const root = memoryDirectory({ a: "", d: {} }, { maxNames: 3 });
    ok(root.linkat("a", root, "b"));
    fails(root.mkdirat("e"), Errno.NOSPC);
    fails(root.symlinkat("a", "e"), Errno.NOSPC);
    fails(root.linkat("a", root, "e"), Errno.NOSPC);
    expect(root.openFile("e", CREATE)).toBe(-Errno.NOSPC);
    ok(root.renameat("a", root, "e"));
    ok(root.rmdirat("d"));
    ok(root.mkdirat("f"));
    expect(namesIn(root)).toEqual(["b", "e", "f"]);
  });

  it("refuses limits that are none", () => {
    expect(() => memoryDirectory({}, { maxBytes: -1 })).toThrow(RangeError);
    expect(() => memoryDirectory({}, { maxNames: NaN })).toThrow(
      "Cannot limit what is kept in memory: maxNames is NaN",
    );
  });
});
