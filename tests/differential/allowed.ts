/**
 * Replies of wasi:filesystem that differ from wasmtime's, each with its reason.
 *
 * @module
 */

import type { Difference } from "./replies.ts";

const ERROR = /^(?!ok|empty|true|false|nothing)/;
/** A path that has a part of dots, or ends with a slash. */
const ODD_PATH = /(^|[ /])\.\.?([ /]|$)|\/( |$)|\/\//;

/** The differences. */
export const ALLOWED: readonly Difference[] = [
  {
    command: /^set-times \$/,
    wasmtime: /^bad-descriptor$/,
    wasirun: /^ok$/,
    reason: "wasmtime can't set the times of a directory by its descriptor",
  },
  {
    command: /^(read|write|append)-via-stream/,
    wasmtime: /^ok$/,
    wasirun: /^bad-descriptor$/,
    reason: "a stream that the descriptor is not open for is refused here; in wasmtime its first use fails",
  },
  {
    command: /^stream-/,
    wasmtime: /^last-operation-failed$|^closed$/,
    wasirun: /^empty$/,
    reason: "as before: that stream was refused",
  },
  {
    command: ODD_PATH,
    wasmtime: ERROR,
    wasirun: ERROR,
    reason: "of several reasons why a path with dots or a slash at its end fails, Linux's is told here",
  },
  {
    command: /^(stat-at|open-at) .*(\/|\/\.)( |$)/,
    wasmtime: /^ok/,
    wasirun: /^(not-directory|loop|no-entry)$/,
    reason: "a path that ends with a slash is that of a directory, as on Linux; wasmtime ignores it",
  },
  {
    command: /^stat-at .*(\/|\/\.)$/,
    wasmtime: /^ok symbolic-link/,
    wasirun: /^ok directory/,
    reason: "as before, where the path is that of a link to a directory",
  },
  {
    command: /^stream-read \$\d+ 0$/,
    wasmtime: /^closed$/,
    wasirun: /^ok/,
    reason: "to read 0 bytes is not the end of a file here",
  },
  {
    command: /^get-flags/,
    wasmtime: /^ok 1$/,
    wasirun: /^ok 33$/,
    reason: "mutate-directory is told here where it was requested and granted",
  },
  {
    command: /^symlink-at \$\d+ {2}/,
    wasmtime: ERROR,
    wasirun: /^no-entry$/,
    reason: "an empty target is ENOENT, as on Linux",
  },
];
