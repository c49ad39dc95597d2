/**
 * Scripts of file operations with each kind of success and error.
 *
 * @module
 */

import { ALLOWED } from "./allowed.ts";
import type { Command } from "./random_script.ts";
import type { Difference } from "./replies.ts";

/** A script, and what is there before. */
export interface ScriptCase {
  /** The commands. */
  readonly script: readonly Command[];
  /** As for `fillFolder`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Replies that may differ. */
  readonly allowed: readonly Difference[];
}

const FOLLOW = 1;
const CREATE = 1;
const DIRECTORY = 2;
const EXCLUSIVE = 4;
const TRUNCATE = 8;
const READ = 1;
const WRITE = 2;
const RW = READ | WRITE;
const NO_CHANGE = [0, 0, 0] as const;
const NOW = [1, 0, 0] as const;
const LONG_NAME = "n".repeat(256);
const LONG_PATH = "p/".repeat(2100);
const BEYOND_ANY_FILE = "9223372036854775807";
const ADVICE_KINDS = 6;

const IMPLIED_WRITE: Difference = {
  command: /^(write|get-flags|set-size|stat|read|open-at) \$/,
  wasmtime: /^ok/,
  wasirun: /^(ok|bad-descriptor|invalid)/,
  reason: "in wasmtime, create and truncate imply write; here the descriptor has the rights that were requested",
};
const BEYOND: Difference = {
  command: /^read \$\d+ \d+ 9223372036854775807$/,
  wasmtime: /^invalid$/,
  wasirun: /^ok/,
  reason: "a file that can't be that large is at its end there",
};
const PRECISE: Difference = {
  command: /./,
  wasmtime: /^(io|invalid|not-permitted|no-entry)$/,
  wasirun: /^(file-too-large|name-too-long|overflow|invalid)$/,
  reason: "the code is the precise one where wasmtime says io, or another",
};

const open = (slot: number, path: string, opening = 0, rights = READ): Command => [
  slot,
  "open-at",
  "$0",
  FOLLOW,
  path,
  opening,
  rights,
];

/** By name. */
export const SCRIPT_CASES: Readonly<Record<string, ScriptCase>> = {
  "files are made, written, read and cut": {
    allowed: ALLOWED,
    script: [
      open(1, "file", CREATE | EXCLUSIVE, RW),
      open(2, "file", CREATE | EXCLUSIVE, RW),
      [0, "write", "$1", "hello", 0],
      [0, "write", "$1", "far", 5000],
      [0, "read", "$1", 100, 4],
      [0, "read", "$1", 100, 5003],
      [0, "read", "$1", 100, 6000],
      [0, "read", "$1", 0, 0],
      [0, "set-size", "$1", 3],
      [0, "set-size", "$1", 10],
      [0, "read", "$1", 100, 0],
      open(2, "file", TRUNCATE, RW),
      [0, "stat", "$1"],
      [0, "get-flags", "$1"],
      [0, "get-type", "$1"],
      [0, "is-same-object", "$1", "$2"],
      [0, "is-same-object", "$1", "$0"],
      ...Array.from({ length: ADVICE_KINDS }, (_, kind): Command => [0, "advise", "$1", 0, 100, kind]),
      [0, "sync", "$1"],
      [0, "sync-data", "$1"],
      [1, "drop"],
      [0, "unlink-file-at", "$0", "file"],
      [0, "stat", "$2"],
      [0, "write", "$2", "still", 0],
      [0, "read", "$2", 10, 0],
    ],
  },
  "streams are read and written": {
    allowed: ALLOWED,
    files: { file: "0123456789" },
    script: [
      open(1, "file", 0, RW),
      [20, "read-via-stream", "$1", 4],
      [0, "stream-read", "$20", 3],
      [0, "stream-read", "$20", 100],
      [0, "stream-read", "$20", 100],
      [21, "read-via-stream", "$1", 50],
      [0, "stream-read", "$21", 1],
      [22, "write-via-stream", "$1", 8],
      [0, "stream-write", "$22", "abc"],
      [0, "stream-write", "$22", "def"],
      [23, "append-via-stream", "$1"],
      [0, "stream-write", "$23", "end"],
      [0, "stream-write", "$22", "ghi"],
      [0, "read", "$1", 100, 0],
      [24, "read-via-stream", "$0", 0],
      [25, "append-via-stream", "$0"],
    ],
  },
  "rights are those that were requested": {
    allowed: [IMPLIED_WRITE, ...ALLOWED],
    files: { file: "content", "dir/": "" },
    script: [
      open(1, "file", 0, READ),
      [0, "write", "$1", "x", 0],
      [0, "set-size", "$1", 1],
      [0, "get-flags", "$1"],
      open(2, "file", 0, WRITE),
      [0, "read", "$2", 1, 0],
      [0, "get-flags", "$2"],
      open(3, "file", 0, 0),
      [0, "read", "$3", 2, 0],
      [0, "get-flags", "$3"],
      open(4, "dir", 0, RW),
      open(4, "dir", DIRECTORY, READ),
      [0, "get-flags", "$4"],
      [0, "read", "$4", 1, 0],
      [0, "write", "$4", "x", 0],
      [0, "set-size", "$4", 1],
      open(5, "file", DIRECTORY, READ),
      open(6, "dir", CREATE | DIRECTORY, READ),
      open(7, "dir", CREATE, RW),
      open(8, "made", CREATE, READ),
      [0, "get-flags", "$8"],
    ],
  },
  "links are made, followed and refused": {
    allowed: ALLOWED,
    files: {
      file: "content",
      "dir/": "",
      "dir/inner": "inside",
      to_file: "-> file",
      to_dir: "-> dir",
      dangling: "-> nothing",
      loop: "-> loop",
      outside: "-> ../../etc/passwd",
      absolute: "-> /etc/passwd",
    },
    script: [
      ...["to_file", "to_dir", "dangling", "loop", "outside", "absolute"].flatMap((name): Command[] => [
        [0, "stat-at", "$0", 0, name],
        [0, "stat-at", "$0", FOLLOW, name],
        [0, "readlink-at", "$0", name],
        [1, "open-at", "$0", 0, name, 0, READ],
        [1, "open-at", "$0", FOLLOW, name, 0, READ],
      ]),
      [0, "stat-at", "$0", 0, "to_dir/inner"],
      [0, "readlink-at", "$0", "file"],
      [0, "readlink-at", "$0", "nothing"],
      [0, "symlink-at", "$0", "file", "made"],
      [0, "symlink-at", "$0", "file", "made"],
      [0, "symlink-at", "$0", "/etc", "to_etc"],
      [0, "link-at", "$0", 0, "file", "$0", "hard"],
      [0, "link-at", "$0", 0, "file", "$0", "hard"],
      [0, "link-at", "$0", 0, "dir", "$0", "hard_dir"],
      [0, "link-at", "$0", 0, "nothing", "$0", "hard_nothing"],
      [0, "link-at", "$0", 0, "to_file", "$0", "hard_link"],
      [0, "stat-at", "$0", 0, "hard_link"],
      [0, "stat-at", "$0", 0, "hard"],
      [2, "open-at", "$0", 0, "dangling", CREATE | EXCLUSIVE, RW],
      [0, "unlink-file-at", "$0", "to_dir"],
      [0, "remove-directory-at", "$0", "to_file"],
    ],
  },
  "directories are made, listed, moved and removed": {
    allowed: ALLOWED,
    files: { file: "content", "full/": "", "full/inner": "", "empty/": "" },
    script: [
      [0, "create-directory-at", "$0", "new"],
      [0, "create-directory-at", "$0", "new"],
      [0, "create-directory-at", "$0", "file"],
      [0, "create-directory-at", "$0", "none/new"],
      [0, "create-directory-at", "$0", "file/new"],
      [0, "list", "$0"],
      open(1, "full", DIRECTORY, READ),
      [0, "list", "$1"],
      [0, "rename-at", "$0", "full", "$0", "new"],
      [0, "list", "$1"],
      [0, "rename-at", "$0", "file", "$1", "file"],
      [0, "rename-at", "$0", "empty", "$0", "new"],
      [0, "rename-at", "$0", "new", "$0", "new/below"],
      [0, "rename-at", "$0", "none", "$0", "other"],
      [0, "rename-at", "$1", "file", "$0", "empty"],
      [0, "rename-at", "$0", "empty", "$1", "file"],
      [0, "remove-directory-at", "$0", "new"],
      [0, "remove-directory-at", "$0", "new/file"],
      [0, "unlink-file-at", "$0", "new"],
      [0, "unlink-file-at", "$0", "none"],
      [0, "remove-directory-at", "$0", "none"],
      [0, "remove-directory-at", "$0", "empty"],
      [0, "create-directory-at", "$0", "../out"],
      [0, "stat-at", "$0", 0, ".."],
      [0, "stat-at", "$0", 0, "/"],
      [0, "stat-at", "$0", 0, ""],
      [0, "stat-at", "$0", 0, "new/../new/file"],
    ],
  },
  "names and sizes have bounds": {
    allowed: [PRECISE, BEYOND, ...ALLOWED],
    script: [
      [0, "create-directory-at", "$0", LONG_NAME],
      [0, "create-directory-at", "$0", LONG_NAME.slice(1)],
      [0, "stat-at", "$0", 0, LONG_PATH],
      [0, "symlink-at", "$0", LONG_PATH, "link"],
      [0, "create-directory-at", "$0", "zero\0byte"],
      open(1, "file", CREATE, RW),
      [0, "write", "$1", "x", BEYOND_ANY_FILE],
      [0, "read", "$1", 1, BEYOND_ANY_FILE],
      [0, "set-size", "$1", BEYOND_ANY_FILE],
      [0, "stat", "$1"],
    ],
  },
  "times are set": {
    allowed: ALLOWED,
    files: { file: "content", link: "-> file", "dir/": "" },
    script: [
      open(1, "file", 0, RW),
      [0, "set-times", "$1", 2, 100, 5, 2, 200, 999_999_999],
      [0, "set-times", "$1", ...NOW, ...NO_CHANGE],
      [0, "set-times", "$1", 2, 1, 1_000_000_000, ...NO_CHANGE],
      [0, "set-times-at", "$0", FOLLOW, "link", 2, 5, 0, 2, 6, 0],
      [0, "set-times-at", "$0", 0, "link", 2, 7, 0, 2, 8, 0],
      [0, "set-times-at", "$0", 0, "dir", ...NOW, ...NOW],
      [0, "set-times-at", "$0", 0, "none", ...NOW, ...NOW],
    ],
  },
};
