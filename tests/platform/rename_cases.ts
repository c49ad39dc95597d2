/** rename(2). */

import { expect } from "vitest";
import { Errno } from "../../src/witx/errno.ts";
import { emptyFilestat } from "../../src/witx/types.ts";
import {
  type Cases,
  fails,
  flags,
  makeDirectory,
  namesIn,
  ok,
  open,
  readText,
  statAt,
  statOf,
  textIn,
  writeText,
} from "./under_test.ts";

export const RENAME_CASES: Cases = {
  "moves a file to a new name": ({ root }) => {
    writeText(root, "a", "hello");
    const { ino } = statAt(root, "a");
    ok(root.renameat("a", root, "b"));
    expect(namesIn(root)).toEqual(["b"]);
    expect(readText(root, "b")).toBe("hello");
    expect(statAt(root, "b").ino).toBe(ino);
  },

  "moves a file into another directory": ({ root }) => {
    const directory = makeDirectory(root, "d");
    writeText(root, "a", "hello");
    ok(root.renameat("a", directory, "b"));
    expect(namesIn(root)).toEqual(["d"]);
    expect(readText(directory, "b")).toBe("hello");
    ok(directory.close());
  },

  "replaces a file": ({ root }) => {
    writeText(root, "a", "new");
    writeText(root, "b", "old");
    const replaced = open(root, "b", flags());
    ok(root.renameat("a", root, "b"));
    expect(namesIn(root)).toEqual(["b"]);
    expect(readText(root, "b")).toBe("new");
    expect(statOf(replaced).nlink).toBe(0n);
    ok(replaced.close());
  },

  "replaces one name of a file and leaves the others": ({ root }) => {
    writeText(root, "a", "new");
    writeText(root, "b", "old");
    ok(root.linkat("b", root, "c"));
    ok(root.renameat("a", root, "b"));
    expect(readText(root, "c")).toBe("old");
    expect(statAt(root, "c").nlink).toBe(1n);
  },

  "moves a symbolic link, and replaces one": ({ root }) => {
    writeText(root, "file", "kept");
    ok(root.symlinkat("file", "a"));
    ok(root.symlinkat("elsewhere", "b"));
    ok(root.renameat("a", root, "b"));
    expect(root.readlinkat("b")).toBe("file");
    ok(root.renameat("file", root, "b"));
    expect(namesIn(root)).toEqual(["b"]);
    expect(readText(root, "b")).toBe("kept");
  },

  "moves a directory with all that is in it": ({ root }) => {
    const one = makeDirectory(root, "one");
    const two = makeDirectory(root, "two");
    const moved = makeDirectory(one, "d");
    writeText(moved, "a", "hello");
    ok(one.renameat("d", two, "e"));
    expect(namesIn(one)).toEqual([]);
    expect(namesIn(two)).toEqual(["e"]);
    const parent = statOf(two);
    const out = emptyFilestat();
    ok(moved.fstatParent(out));
    expect(out.ino).toBe(parent.ino);
    for (const directory of [one, two, moved]) ok(directory.close());
  },

  "leaves open directories open, also those below the moved one": ({ root }) => {
    const outer = makeDirectory(root, "outer");
    const inner = makeDirectory(outer, "inner");
    ok(root.renameat("outer", root, "other"));
    writeText(outer, "a", "in outer");
    writeText(inner, "b", "in inner");
    expect(namesIn(outer)).toEqual(["a", "inner"]);
    expect(readText(inner, "b")).toBe("in inner");
    expect(namesIn(root)).toEqual(["other"]);
    ok(outer.close());
    ok(inner.close());
  },

  "leaves open files open": ({ root }) => {
    const directory = makeDirectory(root, "d");
    writeText(directory, "a", "hello");
    const file = open(directory, "a", flags());
    ok(root.renameat("d", root, "e"));
    expect(textIn(file)).toBe("hello");
    ok(file.close());
    ok(directory.close());
  },

  "replaces an empty directory by a directory": ({ root }) => {
    const source = makeDirectory(root, "a");
    const replaced = makeDirectory(root, "b");
    writeText(source, "file", "hello");
    ok(root.renameat("a", root, "b"));
    expect(namesIn(root)).toEqual(["b"]);
    expect(readText(source, "file")).toBe("hello");
    fails(replaced.openFile("file", flags()), Errno.NOENT);
    ok(source.close());
    ok(replaced.close());
  },

  "to the same name does nothing": ({ root }) => {
    writeText(root, "a", "hello");
    ok(root.mkdirat("d"));
    ok(root.renameat("a", root, "a"));
    ok(root.renameat("d", root, "d"));
    expect(namesIn(root)).toEqual(["a", "d"]);
    expect(readText(root, "a")).toBe("hello");
  },

  "to another name of the same file does nothing, and both names stay": ({ root }) => {
    writeText(root, "a", "hello");
    ok(root.linkat("a", root, "b"));
    ok(root.renameat("a", root, "b"));
    expect(namesIn(root)).toEqual(["a", "b"]);
    expect(statAt(root, "a").nlink).toBe(2n);
  },

  "of what is not there answers NOENT": ({ root }) => {
    writeText(root, "b", "kept");
    fails(root.renameat("a", root, "b"), Errno.NOENT);
    fails(root.renameat("a", root, "a"), Errno.NOENT);
    expect(readText(root, "b")).toBe("kept");
  },

  "of a directory over a file answers NOTDIR": ({ root }) => {
    ok(root.mkdirat("d"));
    writeText(root, "a", "");
    fails(root.renameat("d", root, "a"), Errno.NOTDIR);
    expect(namesIn(root)).toEqual(["a", "d"]);
  },

  "of a directory over a symbolic link to a directory answers NOTDIR": ({ root }) => {
    ok(root.mkdirat("d"));
    ok(root.mkdirat("e"));
    ok(root.symlinkat("e", "link"));
    fails(root.renameat("d", root, "link"), Errno.NOTDIR);
  },

  "of a file over a directory answers ISDIR": ({ root }) => {
    ok(root.mkdirat("d"));
    writeText(root, "a", "");
    fails(root.renameat("a", root, "d"), Errno.ISDIR);
    expect(namesIn(root)).toEqual(["a", "d"]);
  },

  "of a directory over one that has entries answers NOTEMPTY": ({ root }) => {
    ok(root.mkdirat("d"));
    const full = makeDirectory(root, "full");
    writeText(full, "a", "kept");
    fails(root.renameat("d", root, "full"), Errno.NOTEMPTY);
    expect(readText(full, "a")).toBe("kept");
    ok(full.close());
  },

  "of a directory into itself, or below itself, answers INVAL": ({ root }) => {
    const directory = makeDirectory(root, "d");
    const below = makeDirectory(directory, "e");
    fails(root.renameat("d", directory, "x"), Errno.INVAL);
    fails(root.renameat("d", below, "x"), Errno.INVAL);
    expect(namesIn(below)).toEqual([]);
    ok(directory.close());
    ok(below.close());
  },

  "over a directory that it lies in answers NOTEMPTY": ({ root }) => {
    const directory = makeDirectory(root, "d");
    const below = makeDirectory(directory, "e");
    ok(below.mkdirat("f"));
    writeText(below, "a", "");
    fails(below.renameat("f", root, "d"), Errno.NOTEMPTY);
    fails(below.renameat("a", root, "d"), Errno.NOTEMPTY);
    ok(directory.close());
    ok(below.close());
  },
};
