import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  BACKENDS,
  code,
  CREATE,
  FileGuest,
  type Files,
  made,
  MUTATE,
  READ,
  RW,
  TRUNCATE,
  WRITE,
} from "./file_guest.ts";

const NOW = { tag: "now" };

describe.each(BACKENDS)("a read-only preopen on %s", (_name, make) => {
  let files: Files;
  let guest: FileGuest;
  let ro: number;
  beforeEach(() => {
    files = make();
    const writer = new FileGuest(files.platform, { "/": { root: files.root } });
    made(writer.mkdir("dir"));
    writer.put("dir/f", "hello");
    made(writer.symlink("f", "dir/link"));
    guest = new FileGuest(files.platform, { "/ro": { root: files.root, readOnly: true }, "/rw": { root: files.root } });
    ro = guest.preopens.get("/ro")!;
  });
  afterEach(() => files.remove());

  function changes(start: number, prefix: string): Record<string, string> {
    const file = made(guest.open(`${prefix}f`, {}, start));
    const at = (name: string): string => prefix + name;
    return {
      write: code(guest.write(file, "x")),
      "write nothing": code(guest.write(file, "")),
      "set-size": code(guest.method("set-size", file, 0n)),
      "set-times": code(guest.method("set-times", file, NOW, NOW)),
      "write-via-stream": code(guest.stream("write-via-stream", file, 0n)),
      "append-via-stream": code(guest.stream("append-via-stream", file)),
      "open to write": code(guest.open(at("f"), { flags: WRITE }, start)),
      "open to read and write": code(guest.open(at("f"), { flags: RW }, start)),
      "open to create": code(guest.open(at("new"), { open: CREATE }, start)),
      "open to create what is there": code(guest.open(at("f"), { open: CREATE }, start)),
      "open to truncate": code(guest.open(at("f"), { open: TRUNCATE }, start)),
      "open to mutate": code(guest.open(at("."), { flags: READ | MUTATE }, start)),
      "create-directory-at": code(guest.mkdir(at("new"), start)),
      "remove-directory-at": code(guest.rmdir(at("."), start)),
      "unlink-file-at": code(guest.unlink(at("f"), start)),
      "symlink-at": code(guest.symlink("f", at("new"), start)),
      "rename-at": code(guest.rename(at("f"), at("new"), start)),
      "link-at": code(guest.link(at("f"), at("new"), false, start)),
      "set-times-at": code(guest.setTimesAt(at("f"), NOW, NOW, true, start)),
      "set-times-at of nothing": code(guest.setTimesAt(at("nope"), NOW, NOW, true, start)),
      "set-times of the directory": code(guest.method("set-times", start, NOW, NOW)),
    };
  }

  test("and all that is opened through it permits no change", () => {
    const directory = made(guest.open("dir", {}, ro));
    for (const [start, prefix] of [[ro, "dir/"], [directory, ""]] as const) {
      const answers = changes(start, prefix);
      expect(answers).toEqual(Object.fromEntries(Object.keys(answers).map((name) => [name, "not-permitted"])));
    }
    const rw = made(guest.open("dir", {}, guest.preopens.get("/rw")));
    for (const [from, to] of [[directory, rw], [rw, directory]] as const) {
      expect(code(guest.rename("f", "new", from, to))).toBe("not-permitted");
      expect(code(guest.link("f", "new", false, from, to))).toBe("not-permitted");
    }
    expect(guest.list(directory)).toEqual(["f regular-file", "link symbolic-link"]);
    expect(guest.text("f", directory)).toBe("hello");
  });

  test("can be read", () => {
    expect([guest.flags(ro), guest.flags(made(guest.open("dir", {}, ro)))]).toEqual([READ, READ]);
    const file = made(guest.open("dir/link", {}, ro));
    expect(guest.flags(file)).toBe(READ);
    expect(guest.read(file, 9n)).toEqual({ tag: "ok", val: ["hello", false] });
    expect(guest.readStream(made(guest.stream("read-via-stream", file, 0n)), 9n)).toEqual({ tag: "ok", val: "hello" });
    expect(guest.readlink("dir/link", ro)).toEqual({ tag: "ok", val: "f" });
    expect(code(guest.statAt("dir/f", true, ro))).toBe("ok");
    expect([code(guest.method("sync", file)), code(guest.method("sync", ro))]).toEqual(["ok", "ok"]);
  });

  test("inside a writable one permits no change either", () => {
    const nested = new FileGuest(files.platform, {
      "/": { root: make().root },
      "/ro": { root: files.root, readOnly: true },
    });
    const answers = [
      nested.open("ro/dir/f", { flags: RW }),
      nested.open("ro/dir/new", { open: CREATE }),
      nested.mkdir("ro/new"),
      nested.unlink("ro/dir/f"),
      nested.setTimesAt("ro/dir/f", NOW, NOW),
      nested.method("set-times", made(nested.open("ro/dir/f")), NOW, NOW),
    ];
    expect(new Set(answers.map(code))).toEqual(new Set(["read-only"]));
    const directory = made(nested.open("ro/dir", { flags: READ | MUTATE }));
    expect(nested.flags(directory)).toBe(READ);
    expect([code(nested.mkdir("x", directory)), code(nested.open("f", { flags: RW }, directory))])
      .toEqual(["not-permitted", "not-permitted"]);
  });
});
