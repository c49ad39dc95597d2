import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BACKENDS, code, CREATE, FileGuest, type Files, made, READ, RW } from "./file_guest.ts";

const U64_MAX = 2n ** 64n - 1n;

describe.each(BACKENDS)("a file on %s", (_name, make) => {
  let files: Files;
  let guest: FileGuest;
  let file: number;
  beforeEach(() => {
    files = make();
    guest = new FileGuest(files.platform, { "/": { root: files.root } });
    guest.put("f", "hello");
    file = guest.file("f");
  });
  afterEach(() => files.remove());

  describe("is read", () => {
    test("at an offset, up to its end", () => {
      expect(guest.read(file, 3n, 1n)).toEqual({ tag: "ok", val: ["ell", false] });
      expect(guest.read(file, 100n, 2n)).toEqual({ tag: "ok", val: ["llo", false] });
      expect(guest.read(file, 4096n, 2n)).toEqual({ tag: "ok", val: ["llo", false] });
      expect(guest.read(file, U64_MAX)).toEqual({ tag: "ok", val: ["hello", false] });
      expect(guest.read(file, 0n, 1n)).toEqual({ tag: "ok", val: ["", false] });
    });

    test("at and behind its end as nothing, however far", () => {
      for (const offset of [5n, 100n, 2n ** 40n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n]) {
        for (const length of [1n, 4096n]) {
          expect(guest.read(file, length, offset)).toEqual({ tag: "ok", val: ["", true] });
        }
      }
      for (const offset of [2n ** 63n, U64_MAX]) {
        for (const length of [1n, 4096n]) expect(code(guest.read(file, length, offset))).toBe("invalid");
      }
    });

    test("into memory of exactly its length, which is what a guest frees", () => {
      const { allocated } = guest.component;
      for (const [length, offset] of [[3n, 0n], [256n, 0n], [257n, 0n], [65536n, 3n], [U64_MAX, 0n], [4096n, 5n]]) {
        allocated.clear();
        const [text] = made(guest.read(file, length!, offset!));
        expect([...allocated.values()]).toContain(text.length);
        const others = [...allocated.values()].filter((size) => size !== 16 && size !== text.length);
        expect(others).toEqual([]);
      }
    });

    test("in pieces of any size", () => {
      const content = Array.from({ length: 40_000 }, (_, i) => String.fromCharCode(97 + i % 26)).join("");
      made(guest.write(file, content));
      for (const piece of [7n, 256n, 257n, 4096n, 39_999n, 40_001n, 1n << 20n]) {
        let text = "";
        for (;;) {
          const [part, end] = made(guest.read(file, piece, BigInt(text.length)));
          if (end) break;
          text += part;
        }
        expect(text === content).toBe(true);
      }
    });

    test("up to 1 MiB at a time", () => {
      made(guest.method("set-size", file, 3n << 20n));
      const [text, end] = made(guest.read(file, U64_MAX));
      expect([text.length, end]).toEqual([1 << 20, false]);
    });
  });

  describe("is written", () => {
    test("at an offset, also behind its end", () => {
      expect(guest.write(file, "J")).toEqual({ tag: "ok", val: 1n });
      expect(guest.write(file, "y!", 4n)).toEqual({ tag: "ok", val: 2n });
      expect(guest.write(file, "", 100n)).toEqual({ tag: "ok", val: 0n });
      expect(guest.text("f")).toBe("Jelly!");
      made(guest.write(file, ".", 8n));
      expect(guest.text("f")).toBe("Jelly!\0\0.");
    });

    test("not behind what is a file's limit", () => {
      for (const offset of [2n ** 53n, 2n ** 62n, 2n ** 63n - 1n]) {
        expect(code(guest.write(file, "x", offset))).toBe("file-too-large");
      }
      for (const offset of [2n ** 63n, U64_MAX]) expect(code(guest.write(file, "x", offset))).toBe("invalid");
      expect(guest.text("f")).toBe("hello");
    });
  });

  test("changes its size", () => {
    made(guest.method("set-size", file, 2n));
    expect(guest.text("f")).toBe("he");
    made(guest.method("set-size", file, 4n));
    expect(guest.text("f")).toBe("he\0\0");
    for (const size of [2n ** 53n, 2n ** 62n]) {
      expect(code(guest.method("set-size", file, size))).toBe("file-too-large");
    }
    for (const size of [2n ** 63n, U64_MAX]) expect(code(guest.method("set-size", file, size))).toBe("invalid");
  });

  test("takes advice about any range", () => {
    for (const advice of ["normal", "sequential", "random", "will-need", "dont-need", "no-reuse"]) {
      expect(code(guest.method("advise", file, 0n, 0n, advice))).toBe("ok");
      expect(code(guest.method("advise", file, 2n ** 53n, 1n, advice))).toBe("ok");
      expect(code(guest.method("advise", file, 2n ** 63n, 1n, advice))).toBe("ok");
      expect(code(guest.method("advise", file, 0n, U64_MAX, advice))).toBe("invalid");
    }
  });

  test("is written to the disk, and so is a directory", () => {
    for (const each of [file, made(guest.open("f")), guest.root]) {
      expect([code(guest.method("sync", each)), code(guest.method("sync-data", each))]).toEqual(["ok", "ok"]);
    }
  });

  test("is no directory, and a directory no file", () => {
    const { root } = guest;
    const answers = [
      guest.read(root, 1n),
      guest.read(root, 4096n, U64_MAX),
      guest.write(root, "x"),
      guest.write(root, "x", U64_MAX),
      guest.method("set-size", root, 1n),
      guest.method("advise", root, 0n, 1n, "normal"),
      guest.stream("write-via-stream", root, 0n),
      guest.stream("append-via-stream", root),
    ];
    expect(new Set(answers.map(code))).toEqual(new Set(["bad-descriptor"]));
    expect(code(guest.stream("read-via-stream", root, 0n))).toBe("is-directory");
    expect(code(guest.readDirectory(file))).toBe("not-directory");
  });

  describe("by streams", () => {
    test("is read from an offset on, in memory of exactly the length", () => {
      const stream = made(guest.stream("read-via-stream", file, 1n));
      expect(guest.readStream(stream, 2n)).toEqual({ tag: "ok", val: "el" });
      expect(guest.readStream(stream, 0n)).toEqual({ tag: "ok", val: "" });
      guest.component.allocated.clear();
      expect(guest.readStream(stream, 4096n)).toEqual({ tag: "ok", val: "lo" });
      expect([...guest.component.allocated.values()]).toEqual([12, 2]);
      expect(code(guest.readStream(stream, 4096n))).toBe("closed");
      made(guest.write(file, " world", 5n));
      expect(code(guest.readStream(stream, 4096n))).toBe("closed");
    });

    test("is skipped", () => {
      const stream = made(guest.stream("read-via-stream", file, 0n));
      expect(guest.skip(stream, 3n)).toEqual({ tag: "ok", val: 3n });
      expect(guest.readStream(stream, 1n)).toEqual({ tag: "ok", val: "l" });
      expect(guest.skip(stream, 300n)).toEqual({ tag: "ok", val: 1n });
      expect(code(guest.skip(stream, 1n))).toBe("closed");
    });

    test("has nothing far behind its end", () => {
      for (const offset of [5n, 100n, 2n ** 53n, 2n ** 63n - 1n]) {
        expect(code(guest.readStream(made(guest.stream("read-via-stream", file, offset)), 1n))).toBe("closed");
      }
      for (const name of ["read-via-stream", "write-via-stream"]) {
        for (const offset of [2n ** 63n, U64_MAX]) expect(code(guest.stream(name, file, offset))).toBe("invalid");
      }
      const far = made(guest.stream("write-via-stream", file, 2n ** 53n));
      expect(code(guest.writeStream(far, "x"))).toBe("file-too-large");
      expect(code(guest.writeStream(far, "x"))).toBe("closed");
    });

    test("is written from an offset on", () => {
      const stream = made(guest.stream("write-via-stream", file, 3n));
      expect([code(guest.writeStream(stream, "p")), code(guest.writeStream(stream, " me"))]).toEqual(["ok", "ok"]);
      expect(guest.text("f")).toBe("help me");
    });

    test("takes appends between other writes, though it is not in append mode", () => {
      const end = made(guest.stream("append-via-stream", file));
      const start = made(guest.stream("write-via-stream", file, 0n));
      made(guest.writeStream(end, "abc"));
      made(guest.writeStream(start, "J"));
      made(guest.writeStream(end, "def"));
      made(guest.write(file, "E", 1n));
      made(guest.writeStream(start, "--"));
      made(guest.writeStream(end, ""));
      expect(guest.text("f")).toBe("J--loabcdef");
    });

    test("appends what others append too", () => {
      const ends = [file, guest.file("f")].map((each) => made(guest.stream("append-via-stream", each)));
      for (const text of ["1", "2", "3", "4"]) made(guest.writeStream(ends[Number(text) % 2]!, text));
      expect(guest.text("f")).toBe("hello1234");
    });

    test("stays open when its descriptor is dropped, whichever is dropped first", () => {
      const streams = [
        made(guest.stream("read-via-stream", file, 0n)),
        made(guest.stream("write-via-stream", file, 5n)),
      ] as const;
      guest.drop(file);
      expect(guest.readStream(streams[0], 3n)).toEqual({ tag: "ok", val: "hel" });
      expect(code(guest.writeStream(streams[1], "!"))).toBe("ok");
      guest.dropStream(streams[0], "input-stream");
      expect(code(guest.writeStream(streams[1], "!"))).toBe("ok");
      guest.dropStream(streams[1], "output-stream");
      expect(guest.text("f")).toBe("hello!!");
    });
  });

  test("keeps its content when its name is gone", () => {
    made(guest.unlink("f"));
    expect(code(guest.open("f"))).toBe("no-entry");
    expect(guest.read(file, 9n)).toEqual({ tag: "ok", val: ["hello", false] });
    expect(made(guest.stat(file)).linkCount).toBe(0n);
  });

  test("is synchronised as requested", () => {
    for (const sync of [4, 8, 16, 28]) {
      const each = made(guest.open("f", { flags: RW | sync, open: CREATE }));
      expect(guest.flags(each)).toBe(RW | sync);
      expect(code(guest.write(each, "x"))).toBe("ok");
    }
    expect(guest.flags(made(guest.open("f", { flags: READ | 4 })))).toBe(READ | 4);
  });
});
