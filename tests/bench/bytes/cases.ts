/** The calls whose memory is counted. */

import type { LoopArgument, LoopCall } from "../../tools/loop_module.ts";

/** Addresses in the guest's memory, and what {@linkcode fillMemory} puts there. */
const RESULT = 8;
const FD = 16;
const PATH = 64;
const IOV = 128;
const FOUR_IOVS = 160;
const ELAPSED = 256;
const READABLE = 320;
const EVENTS = 512;
const BUFFER = 4096;

const READ = 1n << 1n | 1n << 2n | 1n << 5n | 1n << 21n | 1n << 27n;
const WRITE = READ | 1n << 6n;

/** Not 0, for which an engine may have a bigint ready. */
const OFFSET = 5n;
const PRECISION = 1000n;

/** Bytes of a piece, of which there are one or four. */
const PIECE = 16;
const CONTENT = "content";

/** What a guest is given beside a folder. */
export type Given = "nothing" | "connection";

/** Calls that are made again and again. */
export interface Case {
  /** Name of the row. */
  readonly name: string;
  /** What is repeated. */
  readonly calls: readonly LoopCall[];
  /** What is called once before. */
  readonly once: readonly LoopCall[];
  /** What it needs. */
  readonly given: Given;
}

const fd: LoopArgument = { i32At: FD };
const rewind: LoopCall = { name: "fd_seek", args: [fd, OFFSET, 0, RESULT] };

/** The mount is the first preopen, and opened files are kept at an address. */
const open: LoopCall = { name: "path_open", args: [3, 0, PATH, CONTENT.length, 0, WRITE, 0n, 0, FD] };

function ofFile(name: string, ...calls: LoopCall[]): Case {
  return { name, calls, once: [open], given: "nothing" };
}

function plain(name: string, call: LoopCall): Case {
  return { name, calls: [call], once: [], given: "nothing" };
}

/** In the order of the table. */
export const CASES: readonly Case[] = [
  plain("clock_time_get", { name: "clock_time_get", args: [1, PRECISION, RESULT] }),
  ofFile("fd_read, fd_seek", { name: "fd_read", args: [fd, IOV, 1, RESULT] }, rewind),
  ofFile("fd_read of 4 pieces, fd_seek", { name: "fd_read", args: [fd, FOUR_IOVS, 4, RESULT] }, rewind),
  ofFile("fd_write, fd_seek", { name: "fd_write", args: [fd, IOV, 1, RESULT] }, rewind),
  ofFile("fd_write of 4 pieces, fd_seek", { name: "fd_write", args: [fd, FOUR_IOVS, 4, RESULT] }, rewind),
  ofFile("fd_pread", { name: "fd_pread", args: [fd, IOV, 1, OFFSET, RESULT] }),
  ofFile("fd_pread of 4 pieces", { name: "fd_pread", args: [fd, FOUR_IOVS, 4, OFFSET, RESULT] }),
  ofFile("fd_pwrite", { name: "fd_pwrite", args: [fd, IOV, 1, OFFSET, RESULT] }),
  ofFile("fd_pwrite of 4 pieces", { name: "fd_pwrite", args: [fd, FOUR_IOVS, 4, OFFSET, RESULT] }),
  plain("poll_oneoff, elapsed clock", { name: "poll_oneoff", args: [ELAPSED, EVENTS, 1, RESULT] }),
  plain("poll_oneoff, readable pipe", { name: "poll_oneoff", args: [READABLE, EVENTS, 1, RESULT] }),
  {
    name: "sock_recv",
    calls: [{ name: "sock_recv", args: [3, IOV, 1, 0, RESULT, RESULT + 4] }],
    once: [],
    given: "connection",
  },
  {
    name: "sock_send",
    calls: [{ name: "sock_send", args: [3, IOV, 1, 0, RESULT] }],
    once: [],
    given: "connection",
  },
];

/** Names of the files that {@linkcode CASES} open. */
export const FILES: readonly string[] = [CONTENT];

/** Bytes that each of {@linkcode FILES} holds at least. */
export const FILE_BYTES: number = Number(OFFSET) + 4 * PIECE;

/** Put into memory what the calls point to. */
export function fillMemory(memory: WebAssembly.Memory): void {
  const view = new DataView(memory.buffer);
  new Uint8Array(memory.buffer).set(new TextEncoder().encode(CONTENT), PATH);
  for (const [at, count] of [[IOV, 1], [FOUR_IOVS, 4]] as const) {
    for (let i = 0; i < count; i++) {
      view.setUint32(at + i * 8, BUFFER + i * PIECE, true);
      view.setUint32(at + i * 8 + 4, PIECE, true);
    }
  }
  // CLOCK_MONOTONIC, after 0 ns; and standard input.
  view.setUint32(ELAPSED + 16, 1, true);
  view.setUint8(READABLE + 8, 1);
}
