/** Directories, links and listings. */

import { expect } from "vitest";
import { Errno } from "../../src/witx/errno.ts";
import { emptyFilestat, Filetype } from "../../src/witx/types.ts";
import {
  type Cases,
  CREATE,
  fails,
  flags,
  made,
  makeDirectory,
  namesIn,
  ok,
  open,
  put,
  readText,
  statAt,
  statOf,
  textIn,
  writeText,
} from "./under_test.ts";

/** Names that are harmless, however they look. */
const ODD_NAMES: readonly string[] = [
  " ",
  "...",
  "a b",
  "a\\b",
  "c:",
  "-rf",
  "*",
  "new\nline",
  "__proto__",
  "constructor",
  "ä",
  "日本語",
  "😀",
  "\ufeffmarked",
];

export const DIRECTORY_CASES: Cases = {
  "is empty at the start": ({ root }) => {
    expect(root.kind).toBe("directory");
    expect(namesIn(root)).toEqual([]);
  },

  "is a directory by its attributes, from within and from above": ({ root }) => {
    const directory = makeDirectory(root, "d");
    const stat = statOf(directory);
    expect(stat.filetype).toBe(Filetype.DIRECTORY);
    expect(stat).toEqual(statAt(root, "d"));
    ok(directory.close());
  },

  "lists each entry once, with its type": ({ root }) => {
    writeText(root, "file", "");
    ok(root.mkdirat("directory"));
    ok(root.symlinkat("file", "link"));
    const listed = made(root.readdir());
    expect(new Map(listed.map(({ name, filetype }) => [name, filetype]))).toEqual(
      new Map([
        ["file", Filetype.REGULAR_FILE],
        ["directory", Filetype.DIRECTORY],
        ["link", Filetype.SYMBOLIC_LINK],
      ]),
    );
    expect(listed.length).toBe(3);
  },

  "lists serial numbers as fstatat has them, or none": ({ root, features }) => {
    writeText(root, "file", "");
    ok(root.mkdirat("directory"));
    ok(root.symlinkat("file", "link"));
    for (const { name, ino } of made(root.readdir())) {
      expect(ino).toBe(features.listedInos ? statAt(root, name).ino : 0n);
    }
  },

  "gives each file a serial number of its own": ({ root }) => {
    writeText(root, "a", "");
    writeText(root, "b", "");
    ok(root.mkdirat("c"));
    const inos = new Set(["a", "b", "c"].map((name) => statAt(root, name).ino));
    inos.add(statOf(root).ino);
    expect(inos.size).toBe(4);
    expect(statAt(root, "a").dev).toBe(statOf(root).dev);
  },

  "takes odd names as they are": ({ root }) => {
    for (const name of ODD_NAMES) {
      writeText(root, name, name);
      expect(readText(root, name)).toBe(name);
    }
    expect(namesIn(root)).toEqual([...ODD_NAMES].sort());
    for (const name of ODD_NAMES) ok(root.unlinkat(name));
    expect(namesIn(root)).toEqual([]);
  },

  "tells names apart by case": ({ root }) => {
    writeText(root, "a", "small");
    writeText(root, "A", "large");
    expect(readText(root, "a")).toBe("small");
  },

  "takes names of 255 bytes": ({ root }) => {
    for (const name of ["x".repeat(255), "é".repeat(127)]) {
      writeText(root, name, "long");
      expect(readText(root, name)).toBe("long");
    }
  },

  "opens directories in it": ({ root }) => {
    const outer = makeDirectory(root, "outer");
    const inner = makeDirectory(outer, "inner");
    writeText(inner, "a", "deep");
    const again = made(made(root.openDirectory("outer")).openDirectory("inner"));
    expect(readText(again, "a")).toBe("deep");
    expect(statOf(again).ino).toBe(statOf(inner).ino);
    for (const directory of [outer, inner, again]) ok(directory.close());
  },

  "knows the one above": ({ root }) => {
    const directory = makeDirectory(root, "d");
    const parent = statOf(root);
    const out = emptyFilestat();
    ok(directory.fstatParent(out));
    expect(out.ino).toBe(parent.ino);
    expect(out.filetype).toBe(Filetype.DIRECTORY);
    ok(directory.close());
  },

  "counts its links: itself, its name, and each directory in it": ({ root, features }) => {
    const directory = makeDirectory(root, "d");
    const counts = [statOf(directory).nlink];
    ok(directory.mkdirat("one"));
    ok(directory.mkdirat("two"));
    writeText(directory, "file", "");
    counts.push(statOf(directory).nlink);
    ok(directory.rmdirat("one"));
    ok(directory.renameat("two", root, "two"));
    counts.push(statOf(directory).nlink);
    if (features.directoryLinkCounts) expect(counts).toEqual([2n, 4n, 2n]);
    else expect(counts.every((count) => count >= 1n)).toBe(true);
    ok(directory.close());
  },

  "can be removed when it is empty": ({ root }) => {
    ok(root.mkdirat("d"));
    ok(root.rmdirat("d"));
    expect(namesIn(root)).toEqual([]);
  },

  "syncs": ({ root }) => {
    ok(root.fsync());
  },

  "that was removed while it was open answers NOENT": ({ root }) => {
    const directory = makeDirectory(root, "d");
    writeText(root, "file", "");
    ok(root.rmdirat("d"));
    fails(directory.openFile("a", flags()), Errno.NOENT);
    fails(directory.openFile("a", CREATE), Errno.NOENT);
    fails(directory.openDirectory("a"), Errno.NOENT);
    fails(directory.mkdirat("a"), Errno.NOENT);
    fails(directory.symlinkat("target", "a"), Errno.NOENT);
    fails(directory.fstatat("a", statOf(root)), Errno.NOENT);
    fails(directory.unlinkat("a"), Errno.NOENT);
    fails(directory.rmdirat("a"), Errno.NOENT);
    fails(directory.readlinkat("a"), Errno.NOENT);
    fails(directory.utimensat("a", 1n, 1n), Errno.NOENT);
    fails(root.linkat("file", directory, "a"), Errno.NOENT);
    fails(root.renameat("file", directory, "a"), Errno.NOENT);
    expect(namesIn(root)).toEqual(["file"]);
    ok(directory.close());
  },

  "that was removed while it was open lists nothing": ({ root }) => {
    const directory = makeDirectory(root, "d");
    ok(root.rmdirat("d"));
    expect(directory.readdir()).toEqual([]);
    ok(directory.close());
  },

  "that was removed while it was open has its attributes still, and no links": ({ root }) => {
    const directory = makeDirectory(root, "d");
    const before = statOf(directory);
    ok(root.rmdirat("d"));
    const { dev, ino, filetype } = before;
    expect(statOf(directory)).toMatchObject({ dev, ino, filetype, nlink: 0n });
    ok(directory.close());
  },

  "that was replaced while it was open has its attributes still, and no links": ({ root }) => {
    const directory = makeDirectory(root, "d");
    const { ino } = statOf(directory);
    ok(root.mkdirat("other"));
    ok(root.renameat("other", root, "d"));
    expect(statOf(directory)).toMatchObject({ ino, filetype: Filetype.DIRECTORY, nlink: 0n });
    expect(statAt(root, "d").ino).not.toBe(ino);
    ok(directory.close());
  },

  "that was removed stays so when another one gets its name": ({ root }) => {
    const old = makeDirectory(root, "d");
    ok(root.rmdirat("d"));
    const fresh = makeDirectory(root, "d");
    writeText(fresh, "a", "new");
    fails(old.openFile("a", flags()), Errno.NOENT);
    fails(old.openFile("b", CREATE), Errno.NOENT);
    expect(namesIn(fresh)).toEqual(["a"]);
    ok(old.close());
    ok(fresh.close());
  },

  "keeps symbolic links as they are": ({ root }) => {
    const targets = { a: "target", b: "../up/and/away", c: "/abs", d: "日本", e: "\ufeffmarked" };
    for (const [name, target] of Object.entries(targets)) {
      ok(root.symlinkat(target, name));
      expect(root.readlinkat(name)).toBe(target);
      const stat = statAt(root, name);
      expect(stat.filetype).toBe(Filetype.SYMBOLIC_LINK);
      expect(stat.size).toBe(BigInt(new TextEncoder().encode(target).length));
    }
  },

  "removes a symbolic link and not what it leads to": ({ root }) => {
    writeText(root, "file", "kept");
    ok(root.symlinkat("file", "link"));
    ok(root.unlinkat("link"));
    expect(readText(root, "file")).toBe("kept");
    expect(namesIn(root)).toEqual(["file"]);
  },

  "gives a file a second name": ({ root }) => {
    writeText(root, "a", "hello");
    const directory = makeDirectory(root, "d");
    ok(root.linkat("a", directory, "b"));
    expect(statAt(root, "a")).toEqual(statAt(directory, "b"));
    expect(statAt(root, "a").nlink).toBe(2n);
    const file = open(directory, "b", CREATE);
    put(file, "J");
    ok(file.close());
    expect(readText(root, "a")).toBe("Jello");
    ok(directory.close());
  },

  "keeps a file until its last name is removed": ({ root }) => {
    const file = open(root, "a", CREATE);
    put(file, "hello");
    ok(root.linkat("a", root, "b"));
    ok(root.unlinkat("a"));
    expect(statOf(file).nlink).toBe(1n);
    expect(readText(root, "b")).toBe("hello");
    ok(root.unlinkat("b"));
    expect(statOf(file).nlink).toBe(0n);
    expect(textIn(file)).toBe("hello");
    ok(file.close());
  },

  "gives a symbolic link itself a second name": ({ root }) => {
    writeText(root, "file", "");
    ok(root.symlinkat("file", "a"));
    ok(root.linkat("a", root, "b"));
    expect(root.readlinkat("b")).toBe("file");
    expect(statAt(root, "file").nlink).toBe(1n);
    expect(statAt(root, "b").nlink).toBe(2n);
  },

  "lists hundreds of entries, each once": ({ root }) => {
    const names = Array.from({ length: 500 }, (_, i) => `entry-${i}`);
    for (const name of names) ok(open(root, name, CREATE).close());
    expect(namesIn(root)).toEqual(names.sort());
  },
};
