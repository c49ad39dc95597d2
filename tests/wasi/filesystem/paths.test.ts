import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BACKENDS, code, FileGuest, type Files, made, type Result } from "./file_guest.ts";

/** Calls with one path. Those that make something are undone. */
const CALLS: Readonly<Record<string, (guest: FileGuest, path: string) => Result<unknown>>> = {
  stat: (guest, path) => guest.statAt(path),
  lstat: (guest, path) => guest.statAt(path, false),
  hash: (guest, path) => guest.hashAt(path),
  lhash: (guest, path) => guest.hashAt(path, false),
  readlink: (guest, path) => guest.readlink(path),
  mkdir: (guest, path) => undone(guest.mkdir(path), () => guest.rmdir(path)),
  times: (guest, path) => guest.setTimesAt(path, { tag: "now" }, { tag: "no-change" }),
  ltimes: (guest, path) => guest.setTimesAt(path, { tag: "now" }, { tag: "no-change" }, false),
  symlink: (guest, path) => undone(guest.symlink("f", path), () => guest.unlink(path)),
  target: (guest, path) => undone(guest.symlink(path, "made"), () => guest.unlink("made")),
  link: (guest, path) => undone(guest.link(path, "made"), () => guest.unlink("made")),
  linkTo: (guest, path) => undone(guest.link("f", path), () => guest.unlink(path)),
  rename: (guest, path) => undone(guest.rename(path, "made"), () => guest.rename("made", path.replace(/\/+$/, ""))),
};

function undone(result: Result<unknown>, undo: () => Result<unknown>): Result<unknown> {
  if (result.tag === "ok") expect(code(undo())).toBe("ok");
  return result;
}

type Codes = Readonly<Record<string, string>>;

function all(answer: string): Codes {
  return Object.fromEntries(Object.keys(CALLS).map((name) => [name, answer]));
}

const PERMITTED_TARGET = { target: "ok" };
const DIRECTORY_CODES: Codes = {
  ...all("ok"),
  readlink: "invalid",
  mkdir: "exist",
  symlink: "exist",
  link: "not-permitted",
  linkTo: "exist",
};

/** What wasmtime 49 answers, but for the calls in {@linkcode OTHER_CODES}. */
const CODES: Readonly<Record<string, Codes>> = {
  "": all("no-entry"),
  "/": all("not-permitted"),
  "/f": all("not-permitted"),
  "..": { ...all("not-permitted"), ...PERMITTED_TARGET },
  "a\0b": all("invalid"),
  "nope/x": { ...all("no-entry"), ...PERMITTED_TARGET },
  "f/x": { ...all("not-directory"), ...PERMITTED_TARGET },
  [`${"x".repeat(256)}`]: { ...all("name-too-long"), ...PERMITTED_TARGET },
  "f": { ...all("ok"), readlink: "invalid", mkdir: "exist", symlink: "exist", linkTo: "exist" },
  "f/": { ...all("not-directory"), ...PERMITTED_TARGET, mkdir: "exist" },
  ".": { ...DIRECTORY_CODES, rename: "busy" },
  "sub/..": { ...DIRECTORY_CODES, rename: "busy" },
  "sub": DIRECTORY_CODES,
  "sub/": DIRECTORY_CODES,
  "links": { ...all("ok"), mkdir: "exist", symlink: "exist", linkTo: "exist" },
  "dangling": {
    ...all("ok"),
    stat: "no-entry",
    hash: "no-entry",
    times: "no-entry",
    mkdir: "exist",
    symlink: "exist",
    linkTo: "exist",
  },
  "loop": {
    ...all("ok"),
    stat: "loop",
    hash: "loop",
    times: "loop",
    mkdir: "exist",
    symlink: "exist",
    linkTo: "exist",
  },
  "out": {
    ...all("ok"),
    stat: "not-permitted",
    hash: "not-permitted",
    times: "not-permitted",
    mkdir: "exist",
    symlink: "exist",
    linkTo: "exist",
  },
  "out/x": { ...all("not-permitted"), ...PERMITTED_TARGET },
};

/** Where the path resolver of the core answers as Linux does, and wasmtime as its own resolver. */
const OTHER_CODES: Readonly<Record<string, Codes>> = {
  "f/": { symlink: "exist", linkTo: "exist" },
};

describe.each(BACKENDS)("a path on %s", (_name, make) => {
  let files: Files;
  let guest: FileGuest;
  beforeEach(() => {
    files = make();
    guest = new FileGuest(files.platform, { "/data": { root: files.root } });
    guest.put("f", "hello");
    made(guest.mkdir("sub"));
    guest.put("sub/inner", "");
    for (const [path, target] of [["links", "sub"], ["loop", "loop"], ["out", "../.."], ["dangling", "nope"]]) {
      made(guest.symlink(target!, path!));
    }
  });
  afterEach(() => files.remove());

  test.each(Object.entries(CODES))("%j answers every call with its code", (path, codes) => {
    const answers = Object.fromEntries(Object.entries(CALLS).map(([name, call]) => [name, code(call(guest, path))]));
    expect(answers).toEqual({ ...codes, ...OTHER_CODES[path] });
  });

  test("is no directory to start in if it is a file", () => {
    const file = made(guest.open("f"));
    const answers = [
      guest.statAt("x", true, file),
      guest.hashAt("x", true, file),
      guest.readDirectory(file),
      guest.mkdir("x", file),
      guest.rmdir("x", file),
      guest.unlink("x", file),
      guest.readlink("x", file),
      guest.symlink("a", "x", file),
      guest.rename("f", "x", guest.root, file),
      guest.rename("x", "y", file, guest.root),
      guest.link("x", "y", false, file, guest.root),
      guest.link("f", "y", false, guest.root, file),
      guest.setTimesAt("x", { tag: "now" }, { tag: "now" }, true, file),
    ];
    expect(new Set(answers.map(code))).toEqual(new Set(["not-directory"]));
  });

  test("is removed", () => {
    const removals = ["sub", "sub/", "f/", "nope", "..", "sub/../.."];
    expect(removals.map((path) => `${path} ${code(guest.unlink(path))} ${code(guest.rmdir(path))}`)).toEqual([
      "sub is-directory not-empty",
      "sub/ is-directory not-empty",
      "f/ not-directory not-directory",
      "nope no-entry no-entry",
      ".. not-permitted not-permitted",
      "sub/../.. not-permitted not-permitted",
    ]);
    expect(["f", "links", "loop"].map((path) => `${path} ${code(guest.rmdir(path))} ${code(guest.unlink(path))}`))
      .toEqual(["f not-directory ok", "links not-directory ok", "loop not-directory ok"]);
    expect([code(guest.unlink("sub/inner")), code(guest.rmdir("sub")), code(guest.statAt("sub"))])
      .toEqual(["ok", "ok", "no-entry"]);
  });

  test("is renamed, also between directories and over what is there", () => {
    made(guest.mkdir("empty"));
    const sub = made(guest.open("sub"));
    expect(code(guest.rename("f", "moved", guest.root, sub))).toBe("ok");
    expect(guest.text("sub/moved")).toBe("hello");
    expect(code(guest.rename("moved", "inner", sub))).toBe("ok");
    expect(guest.text("sub/inner")).toBe("hello");
    expect(code(guest.rename("sub", "sub/deeper"))).toBe("invalid");
    expect(code(guest.rename("empty", "sub"))).toBe("not-empty");
    expect(code(guest.rename("sub/inner", "empty"))).toBe("is-directory");
    expect(code(guest.rename("empty", "links"))).toBe("not-directory");
    expect(code(guest.rename("sub", "empty"))).toBe("ok");
    expect(guest.text("inner", sub)).toBe("hello");
  });

  test("is not followed by link-at", () => {
    expect(code(guest.link("f", "made", true))).toBe("invalid");
    expect(code(guest.link("links", "made"))).toBe("ok");
    expect(guest.readlink("made")).toEqual({ tag: "ok", val: "sub" });
    expect(made(guest.statAt("f")).linkCount).toBe(1n);
    made(guest.link("f", "hard"));
    expect(made(guest.statAt("f")).linkCount).toBe(2n);
  });
});
