/** Open regular files. */

import { expect } from "vitest";
import { Errno } from "../../src/witx/errno.ts";
import { Advice, emptyFilestat, Filetype } from "../../src/witx/types.ts";
import {
  type Cases,
  CREATE,
  fails,
  flags,
  ok,
  open,
  put,
  readText,
  statAt,
  statOf,
  textIn,
  writeText,
} from "./under_test.ts";

const SENTINEL = 0x2a;

function sentinels(length: number): Uint8Array {
  return new Uint8Array(length).fill(SENTINEL);
}

/** Offsets around the places where a backend may cut a file into pieces. */
const SEAMS: readonly number[] = [0, 1, 63, 64, 4095, 4096, 65535, 65536, 131072];

export const FILE_CASES: Cases = {
  "is a file": ({ root }) => {
    const file = open(root, "a", CREATE);
    expect(file.kind).toBe("file");
    ok(file.close());
  },

  "is empty when it was made": ({ root }) => {
    const file = open(root, "a", CREATE);
    expect(file.size()).toBe(0);
    expect(file.pread(sentinels(4), 0, 4, 0)).toBe(0);
    ok(file.close());
  },

  "gives back what was written": ({ root }) => {
    const file = open(root, "a", CREATE);
    put(file, "hello");
    put(file, "J");
    expect(textIn(file)).toBe("Jello");
    expect(file.size()).toBe(5);
    ok(file.close());
  },

  "pread stores only in the range that it is given": ({ root }) => {
    writeText(root, "a", "hello");
    const file = open(root, "a", flags());
    const bytes = sentinels(6);
    expect(file.pread(bytes, 2, 3, 1)).toBe(3);
    expect([...bytes]).toEqual([SENTINEL, SENTINEL, 0x65, 0x6c, 0x6c, SENTINEL]);
    ok(file.close());
  },

  "pread at the end leaves the rest of its range alone": ({ root }) => {
    writeText(root, "a", "hi");
    const file = open(root, "a", flags());
    const bytes = sentinels(4);
    expect(file.pread(bytes, 0, 4, 1)).toBe(1);
    expect([...bytes]).toEqual([0x69, SENTINEL, SENTINEL, SENTINEL]);
    ok(file.close());
  },

  "pread beyond the end reads nothing": ({ root }) => {
    writeText(root, "a", "hi");
    const file = open(root, "a", flags());
    for (const offset of [2, 3, 2 ** 32, 2 ** 40]) expect(file.pread(sentinels(4), 0, 4, offset)).toBe(0);
    ok(file.close());
  },

  "pwrite takes only the range that it is given": ({ root }) => {
    const file = open(root, "a", CREATE);
    expect(file.pwrite(Uint8Array.from([1, 2, 3, 4, 5]), 1, 3, 0)).toBe(3);
    const bytes = sentinels(4);
    expect(file.pread(bytes, 0, 4, 0)).toBe(3);
    expect([...bytes]).toEqual([2, 3, 4, SENTINEL]);
    ok(file.close());
  },

  "reads and writes of no bytes do nothing": ({ root }) => {
    const file = open(root, "a", CREATE);
    expect(file.pwrite(sentinels(1), 0, 0, 10)).toBe(0);
    expect(file.pread(sentinels(1), 0, 0, 0)).toBe(0);
    expect(file.size()).toBe(0);
    ok(file.close());
  },

  "a write beyond the end leaves zeros before it": ({ root }) => {
    const file = open(root, "a", CREATE);
    put(file, "a");
    put(file, "z", 4);
    const bytes = sentinels(6);
    expect(file.pread(bytes, 0, 6, 0)).toBe(5);
    expect([...bytes]).toEqual([0x61, 0, 0, 0, 0x7a, SENTINEL]);
    ok(file.close());
  },

  "keeps its bytes at every offset": ({ root }) => {
    const file = open(root, "a", CREATE);
    const expected = new Uint8Array(131072 + 100);
    for (const [i, offset] of SEAMS.entries()) {
      const piece = Uint8Array.from({ length: 100 }, (_, j) => (i * 37 + j) & 255);
      expected.set(piece, offset);
      expect(file.pwrite(piece, 0, 100, offset)).toBe(100);
    }
    const bytes = sentinels(expected.length);
    expect(file.pread(bytes, 0, bytes.length, 0)).toBe(bytes.length);
    expect(bytes.every((byte, at) => byte === expected[at])).toBe(true);
    ok(file.close());
  },

  "takes and gives large pieces whole": ({ root }) => {
    const file = open(root, "a", CREATE);
    const piece = Uint8Array.from({ length: 300_001 }, (_, i) => (i * 7) & 255);
    let done = 0;
    while (done < piece.length) done += ok(file.pwrite(piece, done, piece.length - done, done + 13));
    const bytes = sentinels(piece.length);
    expect(file.pread(bytes, 0, bytes.length, 13)).toBe(piece.length);
    expect(bytes.every((byte, at) => byte === piece[at])).toBe(true);
    expect(file.size()).toBe(piece.length + 13);
    ok(file.close());
  },

  "append writes at the end, wherever that is": ({ root }) => {
    const appending = open(root, "a", flags({ write: true, create: true, append: true }));
    const other = open(root, "a", CREATE);
    expect(appending.append(Uint8Array.from([0x61, 0x62, 0x63]), 0, 2)).toBe(2);
    put(other, "XYZ", 2);
    expect(appending.append(Uint8Array.from([0x61, 0x62, 0x63]), 2, 1)).toBe(1);
    expect(textIn(other)).toBe("abXYZc");
    ok(appending.close());
    ok(other.close());
  },

  "append mode can be turned on later": ({ root }) => {
    writeText(root, "a", "one");
    const file = open(root, "a", flags({ write: true }));
    ok(file.setAppend(true));
    expect(file.append(Uint8Array.from([0x21]), 0, 1)).toBe(1);
    expect(textIn(file)).toBe("one!");
    ok(file.setAppend(false));
    put(file, "O");
    expect(textIn(file)).toBe("One!");
    ok(file.close());
  },

  "append mode can be turned off, or the backend says that it can't": ({ root, features }) => {
    const file = open(root, "a", flags({ write: true, create: true, append: true }));
    expect(file.append(Uint8Array.from([0x61, 0x62]), 0, 2)).toBe(2);
    if (features.appendModeCanEnd) {
      ok(file.setAppend(false));
      put(file, "X");
      expect(textIn(file)).toBe("Xb");
    } else {
      fails(file.setAppend(false), Errno.NOTSUP);
    }
    ok(file.close());
  },

  "truncate on opening empties it": ({ root }) => {
    writeText(root, "a", "hello");
    ok(open(root, "a", flags({ write: true, truncate: true })).close());
    expect(readText(root, "a")).toBe("");
  },

  "create opens what is there, and leaves it as it is": ({ root }) => {
    writeText(root, "a", "hello");
    const file = open(root, "a", CREATE);
    expect(textIn(file)).toBe("hello");
    ok(file.close());
  },

  "exclusive creation makes what is not there": ({ root }) => {
    ok(open(root, "a", flags({ write: true, create: true, exclusive: true })).close());
    expect(statAt(root, "a").filetype).toBe(Filetype.REGULAR_FILE);
  },

  "can be created for reading alone": ({ root }) => {
    const file = open(root, "a", flags({ create: true }));
    fails(file.pwrite(sentinels(1), 0, 1, 0), Errno.BADF);
    ok(file.close());
    expect(statAt(root, "a").size).toBe(0n);
  },

  "may be opened with every flag of synchronous writing": ({ root }) => {
    for (const sync of [{ syncData: true }, { syncAll: true }]) {
      const file = open(root, "a", flags({ write: true, create: true, ...sync }));
      put(file, "x");
      ok(file.close());
    }
    expect(readText(root, "a")).toBe("x");
  },

  "ftruncate cuts": ({ root }) => {
    const file = open(root, "a", CREATE);
    put(file, "hello");
    ok(file.ftruncate(2));
    expect(textIn(file)).toBe("he");
    expect(file.size()).toBe(2);
    ok(file.close());
  },

  "ftruncate extends with zeros, and does not bring back what was cut": ({ root }) => {
    const file = open(root, "a", CREATE);
    put(file, "hello");
    ok(file.ftruncate(1));
    ok(file.ftruncate(5));
    expect(textIn(file)).toBe("h\0\0\0\0");
    put(file, "!", 3);
    expect(textIn(file)).toBe("h\0\0!\0");
    ok(file.close());
  },

  "a write beyond a cut does not bring back what was cut": ({ root }) => {
    const file = open(root, "a", CREATE);
    const old = new Uint8Array(200_000).fill(0xff);
    for (let done = 0; done < old.length;) done += ok(file.pwrite(old, done, old.length - done, done));
    for (const size of [150_000, 65_537, 65_536, 65_535, 10, 0]) {
      ok(file.ftruncate(size));
      put(file, "z", 180_000);
      const bytes = sentinels(180_000 - size);
      expect(file.pread(bytes, 0, bytes.length, size)).toBe(bytes.length);
      expect(bytes.every((byte) => byte === 0)).toBe(true);
    }
    ok(file.close());
  },

  "may have a hole of gigabytes": ({ root }) => {
    const file = open(root, "a", CREATE);
    const size = 2 ** 33;
    ok(file.ftruncate(size));
    expect(file.size()).toBe(size);
    expect(statAt(root, "a").size).toBe(BigInt(size));
    put(file, "end", size - 3);
    const bytes = sentinels(5);
    expect(file.pread(bytes, 0, 5, size - 4)).toBe(4);
    expect([...bytes]).toEqual([0, 0x65, 0x6e, 0x64, SENTINEL]);
    ok(file.ftruncate(0));
    ok(file.close());
  },

  "fallocate makes it as long as it must be": ({ root }) => {
    const file = open(root, "a", CREATE);
    put(file, "hello");
    ok(file.fallocate(2, 6));
    expect(textIn(file)).toBe("hello\0\0\0");
    ok(file.close());
  },

  "fallocate of a part that is there changes nothing": ({ root }) => {
    const file = open(root, "a", CREATE);
    put(file, "hello");
    ok(file.fallocate(1, 2));
    expect(textIn(file)).toBe("hello");
    ok(file.close());
  },

  "fadvise takes every advice": ({ root }) => {
    const file = open(root, "a", CREATE);
    for (const advice of Object.values(Advice)) ok(file.fadvise(0, 100, advice));
    ok(file.close());
  },

  "fsync and fdatasync succeed": ({ root }) => {
    const file = open(root, "a", CREATE);
    put(file, "hello");
    ok(file.fsync());
    ok(file.fdatasync());
    ok(file.close());
  },

  "fstat and fstatat agree": ({ root }) => {
    const file = open(root, "a", CREATE);
    put(file, "hello");
    const stat = statOf(file);
    expect(stat).toEqual(statAt(root, "a"));
    expect(stat.filetype).toBe(Filetype.REGULAR_FILE);
    expect(stat.size).toBe(5n);
    expect(stat.nlink).toBe(1n);
    ok(file.close());
  },

  "is seen at once by others who have it open": ({ root }) => {
    const one = open(root, "a", CREATE);
    const other = open(root, "a", flags());
    put(one, "hello");
    expect(textIn(other)).toBe("hello");
    ok(one.ftruncate(1));
    expect(other.size()).toBe(1);
    ok(one.close());
    ok(other.close());
  },

  "works on after its name was removed": ({ root }) => {
    const file = open(root, "a", CREATE);
    put(file, "hello");
    ok(root.unlinkat("a"));
    expect(statOf(file).nlink).toBe(0n);
    put(file, "J");
    expect(textIn(file)).toBe("Jello");
    ok(file.ftruncate(2));
    expect(file.size()).toBe(2);
    ok(file.close());
  },

  "is another one than that of the same name before": ({ root }) => {
    const old = open(root, "a", CREATE);
    put(old, "old");
    ok(root.unlinkat("a"));
    writeText(root, "a", "new");
    expect(textIn(old)).toBe("old");
    expect(statOf(old).ino).not.toBe(statAt(root, "a").ino);
    ok(old.close());
  },

  "works on after it was renamed over": ({ root }) => {
    const old = open(root, "a", CREATE);
    put(old, "old");
    writeText(root, "b", "new");
    ok(root.renameat("b", root, "a"));
    expect(textIn(old)).toBe("old");
    expect(readText(root, "a")).toBe("new");
    ok(old.close());
  },

  "answers BADF to every call once it is closed": ({ root }) => {
    const file = open(root, "a", CREATE);
    ok(file.close());
    const bytes = sentinels(1);
    fails(file.pread(bytes, 0, 1, 0), Errno.BADF);
    fails(file.pwrite(bytes, 0, 1, 0), Errno.BADF);
    fails(file.append(bytes, 0, 1), Errno.BADF);
    fails(file.size(), Errno.BADF);
    fails(file.fstat(emptyFilestat()), Errno.BADF);
    fails(file.ftruncate(1), Errno.BADF);
    fails(file.futimens(1n, 1n), Errno.BADF);
    fails(file.fsync(), Errno.BADF);
    fails(file.fdatasync(), Errno.BADF);
    fails(file.fallocate(0, 1), Errno.BADF);
    fails(file.close(), Errno.BADF);
    expect(bytes[0]).toBe(SENTINEL);
  },

  "can't be read if it was opened for writing alone": ({ root }) => {
    const file = open(root, "a", flags({ read: false, write: true, create: true }));
    put(file, "x");
    fails(file.pread(sentinels(1), 0, 1, 0), Errno.BADF);
    ok(file.close());
  },

  "can't be changed if it was opened for reading alone": ({ root }) => {
    writeText(root, "a", "hello");
    const file = open(root, "a", flags());
    fails(file.pwrite(sentinels(1), 0, 1, 0), Errno.BADF);
    fails(file.append(sentinels(1), 0, 1), Errno.BADF);
    fails(file.ftruncate(1), Errno.INVAL);
    expect(textIn(file)).toBe("hello");
    ok(file.close());
  },

  "can't be larger than files can be": ({ root, features }) => {
    const file = open(root, "a", CREATE);
    if (features.limitsFileSize) {
      fails(file.ftruncate(2 ** 52), Errno.FBIG);
      fails(file.pwrite(sentinels(1), 0, 1, 2 ** 52), Errno.FBIG);
      expect(file.size()).toBe(0);
    } else {
      ok(file.ftruncate(2 ** 52));
      expect(file.size()).toBe(2 ** 52);
      ok(file.ftruncate(0));
    }
    ok(file.close());
  },
};
