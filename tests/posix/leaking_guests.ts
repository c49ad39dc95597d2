/** Guests that open files and directories, close none of them, and end in different ways. */

import { assemble } from "../tools/wat.ts";

/** How a guest ends, as the last instructions of its `_start`. */
const ENDINGS = {
  /** It returns. */
  return: "",
  /** It calls proc_exit. */
  exit: "(call $proc_exit (i32.const 3))",
  /** It traps. */
  trap: "unreachable",
  /** It waits for a minute, unless it is aborted. */
  wait: `
    (i64.store (i32.const 32) (i64.const 0))
    (i32.store (i32.const 40) (i32.const 0))
    (i32.store (i32.const 48) (i32.const 1))
    (i64.store (i32.const 56) (i64.const 60000000000))
    (i64.store (i32.const 64) (i64.const 0))
    (i32.store (i32.const 72) (i32.const 0))
    (drop (call $poll_oneoff (i32.const 32) (i32.const 128) (i32.const 1) (i32.const 0)))`,
  /** It opens what it can, until the system has no more descriptors, and exits with the errno of the last call. */
  open: `
    (loop $again
      (local.set $errno (call $open (i32.const 1032) (i32.const 8) (i32.const 0)))
      (br_if $again (i32.eqz (local.get $errno))))
    (call $proc_exit (local.get $errno))`,
} as const;

/** Name of an ending. */
export type GuestEnding = keyof typeof ENDINGS;

/** All of them. */
export const GUEST_ENDINGS: readonly GuestEnding[] = Object.keys(ENDINGS) as GuestEnding[];

/** Directories and files that the guests look for: paths that do and do not exist, short and long, through links. */
export const GUEST_FILES: readonly string[] = ["dir/file", "dir/sub/deep"];

/** A module that ends in a way of its own. */
export function leakingGuest(ending: GuestEnding): Uint8Array<ArrayBuffer> {
  return assemble(
    "leaking.wat",
    `(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get" (func $stat (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_rename" (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir" (func $readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "dir/sub/dir/file")
  (data (i32.const 1040) "dir/sub/../file")
  (data (i32.const 1056) "dir/sub/deep/no")
  (data (i32.const 1072) "link/sub/deep")
  (func $open (param $at i32) (param $length i32) (param $oflags i32) (result i32)
    (call $path_open (i32.const 3) (i32.const 1) (local.get $at) (local.get $length) (local.get $oflags)
      (i64.const 0x1fffffbf) (i64.const 0x1fffffff) (i32.const 0) (i32.const 0)))
  (func $must (param $errno i32)
    (if (local.get $errno) (then (call $proc_exit (i32.add (i32.const 100) (local.get $errno))))))
  (func (export "_start") (local $errno i32)
    ;; So that it is seen where a memory is kept.
    (memory.fill (i32.const 16384) (i32.const 1) (i32.const 49152))
    (call $must (call $open (i32.const 1032) (i32.const 3) (i32.const 2)))
    (call $must (call $readdir (i32.load (i32.const 0)) (i32.const 4096) (i32.const 4096) (i64.const 0) (i32.const 8)))
    (call $must (call $open (i32.const 1024) (i32.const 7) (i32.const 2)))
    (call $must (call $open (i32.const 1032) (i32.const 8) (i32.const 0)))
    (call $must (call $open (i32.const 1040) (i32.const 15) (i32.const 0)))
    (call $must (call $open (i32.const 1072) (i32.const 13) (i32.const 0)))
    (call $must (i32.ne (i32.const 54) (call $open (i32.const 1056) (i32.const 15) (i32.const 0))))
    (call $must (i32.ne (i32.const 54) (call $stat
      (i32.const 3) (i32.const 1) (i32.const 1056) (i32.const 15) (i32.const 256))))
    (call $must (i32.ne (i32.const 54) (call $rename
      (i32.const 3) (i32.const 1056) (i32.const 15) (i32.const 3) (i32.const 1040) (i32.const 15))))
    ${ENDINGS[ending]}))`,
  );
}
