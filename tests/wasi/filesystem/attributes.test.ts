import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BACKENDS, code, FileGuest, type Files, made, type Stat } from "./file_guest.ts";

const NO_CHANGE = { tag: "no-change" };
const NOW = { tag: "now" };

function at(seconds: bigint, nanoseconds = 0): unknown {
  return { tag: "timestamp", val: { seconds, nanoseconds } };
}

/** A time to the millisecond: Deno sets it no more exactly. */
function millis(time: Stat["atim"]): string {
  return time === undefined ? "none" : `${time.seconds}.${Math.floor(time.nanoseconds / 1_000_000)}`;
}

describe.each(BACKENDS)("attributes on %s", (_name, make) => {
  let files: Files;
  let guest: FileGuest;
  beforeEach(() => {
    files = make();
    guest = new FileGuest(files.platform, { "/": { root: files.root } });
    guest.put("f", "hello");
    made(guest.mkdir("dir"));
    made(guest.symlink("f", "link"));
  });
  afterEach(() => files.remove());

  test("tell type, size and links", () => {
    const file = made(guest.statAt("f"));
    expect([file.type, file.size, file.linkCount]).toEqual(["regular-file", 5n, 1n]);
    expect(made(guest.statAt("link"))).toEqual(file);
    expect(made(guest.stat(made(guest.open("f"))))).toEqual(file);
    const link = made(guest.statAt("link", false));
    expect([link.type, link.size]).toEqual(["symbolic-link", 1n]);
    expect(made(guest.statAt("dir")).type).toBe("directory");
    expect(made(guest.stat(guest.root))).toEqual(made(guest.statAt(".")));
  });

  test("are those of the host", () => {
    if (files.path === undefined) return;
    const host = statSync(join(files.path, "f"));
    const { atim, mtim, linkCount } = made(guest.statAt("f"));
    const seconds = [host.atimeMs, host.mtimeMs].map((ms) => `${Math.floor(ms / 1000)}.${Math.floor(ms % 1000)}`);
    expect([millis(atim), millis(mtim), Number(linkCount)]).toEqual([...seconds, host.nlink]);
  });

  const SETTERS: Readonly<Record<string, (atim: unknown, mtim: unknown) => unknown>> = {
    "set-times": (atim, mtim) => made(guest.method("set-times", made(guest.open("f")), atim, mtim)),
    "set-times-at": (atim, mtim) => made(guest.setTimesAt("link", atim, mtim)),
    "set-times of a directory": (atim, mtim) => made(guest.method("set-times", made(guest.open("dir")), atim, mtim)),
  };

  test.each(Object.entries(SETTERS))("are set by %s", (name, set) => {
    const path = name.endsWith("directory") ? "dir" : "f";
    const times = (): string[] => {
      const { atim, mtim } = made(guest.statAt(path));
      return [millis(atim), millis(mtim)];
    };
    set(at(1_000_000_000n, 123_000_000), at(2n, 999_000_000));
    expect(times()).toEqual(["1000000000.123", "2.999"]);
    set(NO_CHANGE, at(3n));
    expect(times()).toEqual(["1000000000.123", "3.0"]);
    set(at(0n), NO_CHANGE);
    expect(times()).toEqual(["0.0", "3.0"]);
    set(at(1n, 1_500_000_000), NO_CHANGE);
    expect(times()).toEqual(["2.500", "3.0"]);
    set(NO_CHANGE, NO_CHANGE);
    expect(times()).toEqual(["2.500", "3.0"]);
    set(NO_CHANGE, NOW);
    const [, mtim] = times();
    expect(Math.abs(Number(mtim) - Number(guest.descriptor(guest.root).filesystem.now() / 10n ** 6n) / 1000))
      .toBeLessThan(
        60,
      );
    expect(times()[0]).toBe("2.500");
  });

  test("of a link are set if it is not followed", () => {
    const before = made(guest.statAt("f"));
    made(guest.setTimesAt("link", at(5n), at(6n), false));
    const { atim, mtim } = made(guest.statAt("link", false));
    expect([millis(atim), millis(mtim)]).toEqual(["5.0", "6.0"]);
    expect(made(guest.statAt("f"))).toEqual(before);
  });

  test("of what is missing are not set, even if they would not change", () => {
    for (const follow of [true, false]) {
      expect(code(guest.setTimesAt("nope", NO_CHANGE, NO_CHANGE, follow))).toBe("no-entry");
      expect(code(guest.setTimesAt("link", NO_CHANGE, NO_CHANGE, follow))).toBe("ok");
    }
  });

  test("take times up to the year 2554, and no later ones", () => {
    for (const seconds of [2n ** 63n, 2n ** 64n - 1n, 18_446_744_074n]) {
      expect(code(guest.setTimesAt("f", at(seconds), NO_CHANGE))).toBe("overflow");
      expect(code(guest.method("set-times", made(guest.open("f")), NO_CHANGE, at(seconds)))).toBe("overflow");
    }
    expect(code(guest.setTimesAt("f", at(4_000_000_000n), NO_CHANGE))).toBe("ok");
    expect(millis(made(guest.statAt("f")).atim)).toBe("4000000000.0");
  });

  test("have no time before 1970", () => {
    if (files.path === undefined) return;
    execFileSync("touch", ["-a", "-t", "196001010000", join(files.path, "f")]);
    execFileSync("touch", ["-h", "-m", "-t", "196912010000", join(files.path, "link")]);
    const file = made(guest.statAt("f"));
    expect([millis(file.atim), millis(file.mtim)]).toEqual(["none", expect.stringMatching(/^\d+/)]);
    const link = made(guest.statAt("link", false));
    expect([millis(link.atim), millis(link.mtim)]).toEqual([expect.stringMatching(/^\d+/), "none"]);
  });

  test("identify a file, whatever its name, and no other", () => {
    made(guest.link("f", "hard"));
    guest.put("other", "hello");
    const hash = made(guest.hashAt("f"));
    const file = made(guest.open("f"));
    expect([guest.hash(file), guest.hashAt("link"), guest.hashAt("hard")].map(made)).toEqual([hash, hash, hash]);
    made(guest.write(guest.file("f"), "changed"));
    made(guest.rename("f", "renamed"));
    expect(made(guest.hash(file))).toBe(hash);
    const others = ["other", "dir", "."].map((path) => made(guest.hashAt(path)));
    expect(new Set([...others, made(guest.hashAt("link", false)), hash]).size).toBe(5);
    expect(made(guest.hash(guest.root))).toBe(made(guest.hashAt("dir/..")));
  });

  test("do not disclose device and serial number", () => {
    const again = new FileGuest(files.platform, { "/": { root: files.root } });
    if (files.path === undefined) return;
    const hashes = [guest, again].map((each) => made(each.hashAt("f")));
    expect(hashes[0]).not.toBe(hashes[1]);
    const { dev, ino } = statSync(join(files.path, "f"), { bigint: true });
    for (const half of hashes.flatMap((hash) => hash.split(" "))) {
      expect([String(dev), String(ino)]).not.toContain(half);
    }
  });

  test("tell whether two descriptors are of the same file", () => {
    made(guest.link("f", "hard"));
    const descriptors = ["f", "hard", "link", "dir", "dir/.", "."].map((path) => made(guest.open(path)));
    const same = (a: number, b: number): unknown => guest.method("is-same-object", a, guest.descriptor(b));
    const classes = descriptors.map((each) =>
      descriptors.findIndex((other) => same(each, other) === (true as unknown))
    );
    expect(classes).toEqual([0, 0, 0, 3, 3, 5]);
    expect(same(guest.root, descriptors[5]!)).toBe(true);
  });
});
