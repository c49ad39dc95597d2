/** What is wrong, and which errno says so: a table of sentences. */

import { expect } from "vitest";
import { Errno } from "../../src/witx/errno.ts";
import { emptyFilestat } from "../../src/witx/types.ts";
import type { PlatformDirectory } from "../../src/contract/platform.ts";
import { type Cases, CREATE, fails, flags, makeDirectory, namesIn, ok, writeText } from "./under_test.ts";

type Row = readonly [sentence: string, call: (root: PlatformDirectory) => object | string | number, errno: Errno];

const LONG = "x".repeat(256);
const LONG_IN_BYTES = "é".repeat(128);
const EXCLUSIVE = flags({ write: true, create: true, exclusive: true });
const WRITE = flags({ write: true });
const out = emptyFilestat();

/** In the directory: `file`, `link` to it, `dangling`, `empty` and `full`, a directory with `full/inside`. */
const ROWS: readonly Row[] = [
  ["openFile of a missing file answers NOENT", (root) => root.openFile("none", flags()), Errno.NOENT],
  ["openFile to write a missing file answers NOENT", (root) => root.openFile("none", WRITE), Errno.NOENT],
  ["openFile of a directory answers ISDIR", (root) => root.openFile("empty", flags()), Errno.ISDIR],
  ["openFile to write a directory answers ISDIR", (root) => root.openFile("empty", WRITE), Errno.ISDIR],
  ["openFile to create over a directory answers ISDIR", (root) => root.openFile("empty", CREATE), Errno.ISDIR],
  ["openFile of a symbolic link answers LOOP", (root) => root.openFile("link", flags()), Errno.LOOP],
  ["openFile of a dangling link answers LOOP", (root) => root.openFile("dangling", flags()), Errno.LOOP],
  ["openFile does not create through a dangling link", (root) => root.openFile("dangling", CREATE), Errno.LOOP],
  [
    "openFile does not truncate through a link",
    (root) => root.openFile("link", flags({ write: true, truncate: true })),
    Errno.LOOP,
  ],
  ["exclusive openFile of a file answers EXIST", (root) => root.openFile("file", EXCLUSIVE), Errno.EXIST],
  ["exclusive openFile of a directory answers EXIST", (root) => root.openFile("empty", EXCLUSIVE), Errno.EXIST],
  ["exclusive openFile of a symbolic link answers EXIST", (root) => root.openFile("link", EXCLUSIVE), Errno.EXIST],
  ["exclusive openFile of a dangling link answers EXIST", (root) => root.openFile("dangling", EXCLUSIVE), Errno.EXIST],
  ["openFile of a name of 256 bytes answers NAMETOOLONG", (root) => root.openFile(LONG, CREATE), Errno.NAMETOOLONG],
  [
    "openFile of 128 characters in 256 bytes answers NAMETOOLONG",
    (root) => root.openFile(LONG_IN_BYTES, CREATE),
    Errno.NAMETOOLONG,
  ],
  ["openDirectory of a missing one answers NOENT", (root) => root.openDirectory("none"), Errno.NOENT],
  ["openDirectory of a file answers NOTDIR", (root) => root.openDirectory("file"), Errno.NOTDIR],
  ["openDirectory of a symbolic link answers NOTDIR", (root) => root.openDirectory("link"), Errno.NOTDIR],
  ["openDirectory of a link to a directory answers NOTDIR", (root) => root.openDirectory("way"), Errno.NOTDIR],
  ["openDirectory of a long name answers NAMETOOLONG", (root) => root.openDirectory(LONG), Errno.NAMETOOLONG],
  ["readlinkat of a missing link answers NOENT", (root) => root.readlinkat("none"), Errno.NOENT],
  ["readlinkat of a file answers INVAL", (root) => root.readlinkat("file"), Errno.INVAL],
  ["readlinkat of a directory answers INVAL", (root) => root.readlinkat("empty"), Errno.INVAL],
  ["fstatat of a missing file answers NOENT", (root) => root.fstatat("none", out), Errno.NOENT],
  ["fstatat of a long name answers NAMETOOLONG", (root) => root.fstatat(LONG, out), Errno.NAMETOOLONG],
  ["utimensat of a missing file answers NOENT", (root) => root.utimensat("none", 1n, 1n), Errno.NOENT],
  ["mkdirat over a file answers EXIST", (root) => root.mkdirat("file"), Errno.EXIST],
  ["mkdirat over a directory answers EXIST", (root) => root.mkdirat("empty"), Errno.EXIST],
  ["mkdirat over a dangling link answers EXIST", (root) => root.mkdirat("dangling"), Errno.EXIST],
  ["mkdirat of a long name answers NAMETOOLONG", (root) => root.mkdirat(LONG), Errno.NAMETOOLONG],
  ["symlinkat over a file answers EXIST", (root) => root.symlinkat("target", "file"), Errno.EXIST],
  ["symlinkat over a dangling link answers EXIST", (root) => root.symlinkat("target", "dangling"), Errno.EXIST],
  ["symlinkat to nothing answers NOENT", (root) => root.symlinkat("", "new"), Errno.NOENT],
  ["symlinkat of a long name answers NAMETOOLONG", (root) => root.symlinkat("target", LONG), Errno.NAMETOOLONG],
  [
    "symlinkat to a target of 4096 bytes answers NAMETOOLONG",
    (root) => root.symlinkat("x".repeat(4096), "new"),
    Errno.NAMETOOLONG,
  ],
  ["linkat of a missing file answers NOENT", (root) => root.linkat("none", root, "new"), Errno.NOENT],
  ["linkat of a directory answers PERM", (root) => root.linkat("empty", root, "new"), Errno.PERM],
  ["linkat over a file answers EXIST", (root) => root.linkat("file", root, "link"), Errno.EXIST],
  ["linkat over the file itself answers EXIST", (root) => root.linkat("file", root, "file"), Errno.EXIST],
  ["linkat to a long name answers NAMETOOLONG", (root) => root.linkat("file", root, LONG), Errno.NAMETOOLONG],
  ["renameat to a long name answers NAMETOOLONG", (root) => root.renameat("file", root, LONG), Errno.NAMETOOLONG],
  ["renameat of a long name answers NAMETOOLONG", (root) => root.renameat(LONG, root, "new"), Errno.NAMETOOLONG],
  ["unlinkat of a missing file answers NOENT", (root) => root.unlinkat("none"), Errno.NOENT],
  ["unlinkat of an empty directory answers ISDIR", (root) => root.unlinkat("empty"), Errno.ISDIR],
  ["unlinkat of a full directory answers ISDIR", (root) => root.unlinkat("full"), Errno.ISDIR],
  ["unlinkat of a long name answers NAMETOOLONG", (root) => root.unlinkat(LONG), Errno.NAMETOOLONG],
  ["rmdirat of a missing directory answers NOENT", (root) => root.rmdirat("none"), Errno.NOENT],
  ["rmdirat of a file answers NOTDIR", (root) => root.rmdirat("file"), Errno.NOTDIR],
  ["rmdirat of a link to a directory answers NOTDIR", (root) => root.rmdirat("way"), Errno.NOTDIR],
  ["rmdirat of a directory that has entries answers NOTEMPTY", (root) => root.rmdirat("full"), Errno.NOTEMPTY],
  ["rmdirat of a long name answers NAMETOOLONG", (root) => root.rmdirat(LONG), Errno.NAMETOOLONG],
];

const NAMES = ["dangling", "empty", "file", "full", "link", "way"];

function furnish(root: PlatformDirectory): void {
  writeText(root, "file", "kept");
  ok(root.symlinkat("file", "link"));
  ok(root.symlinkat("nowhere", "dangling"));
  ok(root.mkdirat("empty"));
  ok(root.symlinkat("empty", "way"));
  const full = makeDirectory(root, "full");
  writeText(full, "inside", "");
  ok(full.close());
}

/** An error changes nothing: the names and the file's bytes are as before. */
function checkUnchanged(root: PlatformDirectory): void {
  expect(namesIn(root)).toEqual(NAMES);
  ok(root.fstatat("file", out));
  expect(out.size).toBe(4n);
}

export const ERRNO_CASES: Cases = Object.fromEntries(ROWS.map(([sentence, call, errno]) => [
  sentence,
  ({ root }) => {
    furnish(root);
    fails(call(root), errno);
    checkUnchanged(root);
  },
]));
