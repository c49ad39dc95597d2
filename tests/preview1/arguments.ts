/**
 * Arguments of every import that are valid, and what each of them points to.
 *
 * @module
 */

import type { Argument } from "./abi_guest.ts";

/** A pointer among the arguments: which one, and how many bytes it stands for. */
export interface Pointer {
  /** Index of the argument. */
  readonly at: number;
  /** Bytes, or the index of the argument that counts them and the size of each. */
  readonly size: number | { readonly at: number; readonly each: number };
  /** True for those that the call reads and does not write. */
  readonly isInput?: true;
}

/** Valid arguments of an import. */
export interface ValidCall {
  readonly args: readonly Argument[];
  readonly pointers: readonly Pointer[];
}

/** Where {@linkcode VALID_CALLS} have their strings, vectors and results. */
export const Place = {
  /** "file" */ PATH: 1024,
  /** "other" */ OTHER_PATH: 1040,
  /** Two vectors of 4 bytes at `BUFFER`. */ VECTORS: 1056,
  /** One subscription to a clock with timeout 0. */ SUBSCRIPTION: 1088,
  BUFFER: 2048,
  RESULT: 4096,
  OTHER_RESULT: 4160,
} as const;

const { PATH, OTHER_PATH, VECTORS, SUBSCRIPTION, BUFFER, RESULT, OTHER_RESULT } = Place;

/** A regular file, opened for everything. */
export const FILE = 4;

const encoder = new TextEncoder();

/** Store what {@linkcode VALID_CALLS} point to. */
export function storeInputs(bytes: Uint8Array): void {
  bytes.set(encoder.encode("file"), PATH);
  bytes.set(encoder.encode("other"), OTHER_PATH);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [i, value] of [BUFFER, 4, BUFFER + 4, 4].entries()) view.setUint32(VECTORS + 4 * i, value, true);
  bytes.fill(0, SUBSCRIPTION, SUBSCRIPTION + 56);
}

function call(args: readonly Argument[], ...pointers: readonly Pointer[]): ValidCall {
  return { args, pointers };
}

function input(at: number, lengthAt: number, each = 1): Pointer {
  return { at, size: { at: lengthAt, each }, isInput: true };
}

function output(at: number, size: number | { readonly at: number; readonly each: number }): Pointer {
  return { at, size };
}

/** Calls that succeed on a guest with the arguments `["app"]`, the environment `A=1`, a mount at `/` and {@linkcode FILE}. */
export const VALID_CALLS: Readonly<Record<string, ValidCall>> = {
  args_get: call([RESULT, BUFFER], output(0, 4), output(1, 4)),
  args_sizes_get: call([RESULT, OTHER_RESULT], output(0, 4), output(1, 4)),
  environ_get: call([RESULT, BUFFER], output(0, 8), output(1, 10)),
  environ_sizes_get: call([RESULT, OTHER_RESULT], output(0, 4), output(1, 4)),
  clock_res_get: call([1, RESULT], output(1, 8)),
  clock_time_get: call([1, 0n, RESULT], output(2, 8)),
  fd_advise: call([FILE, 0n, 1n, 0]),
  fd_allocate: call([FILE, 0n, 1n]),
  fd_close: call([FILE]),
  fd_datasync: call([FILE]),
  fd_fdstat_get: call([FILE, RESULT], output(1, 24)),
  fd_fdstat_set_flags: call([FILE, 0]),
  fd_fdstat_set_rights: call([FILE, 0n, 0n]),
  fd_filestat_get: call([FILE, RESULT], output(1, 64)),
  fd_filestat_set_size: call([FILE, 1n]),
  fd_filestat_set_times: call([FILE, 0n, 0n, 0]),
  fd_pread: call([FILE, VECTORS, 2, 0n, RESULT], input(1, 2, 8), output(4, 4)),
  fd_prestat_get: call([3, RESULT], output(1, 8)),
  fd_prestat_dir_name: call([3, BUFFER, 1], output(1, { at: 2, each: 1 })),
  fd_pwrite: call([FILE, VECTORS, 2, 0n, RESULT], input(1, 2, 8), output(4, 4)),
  fd_read: call([FILE, VECTORS, 2, RESULT], input(1, 2, 8), output(3, 4)),
  fd_readdir: call([3, BUFFER, 1000, 0n, RESULT], output(1, { at: 2, each: 1 }), output(4, 4)),
  fd_renumber: call([FILE, FILE]),
  fd_seek: call([FILE, 0n, 0, RESULT], output(3, 8)),
  fd_sync: call([FILE]),
  fd_tell: call([FILE, RESULT], output(1, 8)),
  fd_write: call([FILE, VECTORS, 2, RESULT], input(1, 2, 8), output(3, 4)),
  path_create_directory: call([3, OTHER_PATH, 5], input(1, 2)),
  path_filestat_get: call([3, 0, PATH, 4, RESULT], input(2, 3), output(4, 64)),
  path_filestat_set_times: call([3, 0, PATH, 4, 0n, 0n, 0], input(2, 3)),
  path_link: call([3, 0, PATH, 4, 3, OTHER_PATH, 5], input(2, 3), input(5, 6)),
  path_open: call([3, 0, PATH, 4, 0, 2n, 0n, 0, RESULT], input(2, 3), output(8, 4)),
  path_readlink: call(
    [3, OTHER_PATH, 5, BUFFER, 100, RESULT],
    input(1, 2),
    output(3, { at: 4, each: 1 }),
    output(5, 4),
  ),
  path_remove_directory: call([3, OTHER_PATH, 5], input(1, 2)),
  path_rename: call([3, PATH, 4, 3, OTHER_PATH, 5], input(1, 2), input(4, 5)),
  path_symlink: call([PATH, 4, 3, OTHER_PATH, 5], input(0, 1), input(3, 4)),
  path_unlink_file: call([3, PATH, 4], input(1, 2)),
  poll_oneoff: call([SUBSCRIPTION, BUFFER, 1, RESULT], input(0, 2, 48), output(1, { at: 2, each: 32 }), output(3, 4)),
  proc_exit: call([0]),
  proc_raise: call([0]),
  sched_yield: call([]),
  random_get: call([BUFFER, 16], output(0, { at: 1, each: 1 })),
  sock_accept: call([FILE, 0, RESULT], output(2, 4)),
  sock_recv: call([FILE, VECTORS, 2, 0, RESULT, OTHER_RESULT], input(1, 2, 8), output(4, 4), output(5, 2)),
  sock_send: call([FILE, VECTORS, 2, 0, RESULT], input(1, 2, 8), output(4, 4)),
  sock_shutdown: call([FILE, 1]),
};
