/** Reading and writing of one piece, in the way that is the fastest on the runtime's FFI. */

import type { ForeignFunctions } from "../ffi/ffi.ts";
import type { Iovecs } from "./iovecs.ts";
import type { Libc } from "../ffi/libc.ts";
import { Views } from "../ffi/views.ts";

/** The system's calls, with their own results. Lengths and offsets are below 2^31. */
export interface BufferIo {
  /** read(2). */
  read(fd: number, bytes: Uint8Array, start: number, length: number): number;
  /** write(2). */
  write(fd: number, bytes: Uint8Array, start: number, length: number): number;
  /** pread(2). */
  pread(fd: number, bytes: Uint8Array, start: number, length: number, offset: number): number;
  /** pwrite(2). */
  pwrite(fd: number, bytes: Uint8Array, start: number, length: number, offset: number): number;
}

/**
 * The way of an FFI.
 *
 * @param libc The C library.
 * @param iovecs Where pieces are stored, if they have to be.
 */
export function bufferIo(libc: Libc, iovecs: Iovecs): BufferIo {
  if (libc.ffi.hasFreeAddresses) return byAddress(libc, iovecs);
  return libc.ffi.takesBuffers ? byBuffer(libc) : byIovec(libc, iovecs);
}

/**
 * send(2) of one piece, or undefined where sendmsg(2), which has a parameter less, is the fastest.
 *
 * @param libc The C library.
 * @param iovecs Knows where arrays lie.
 */
export function openSend(libc: Libc, iovecs: Iovecs): SendBuffer | undefined {
  const pointer = libc.ffi.hasFreeAddresses ? "address" : libc.ffi.takesBuffers ? "buffer" : undefined;
  if (pointer === undefined) return undefined;
  const { send } = libc.open({ send: { parameters: ["i32", pointer, "i32", "i32"], result: "i32" } });
  if (pointer === "address") {
    return (fd, bytes, start, length, flags) => send(fd, iovecs.addressOf(bytes, start), length, flags);
  }
  const views = new Views();
  return (fd, bytes, start, length, flags) => send(fd, views.from(bytes, start), length, flags);
}

/** send(2), with its own result. */
export type SendBuffer = (fd: number, bytes: Uint8Array, start: number, length: number, flags: number) => number;

function functions(pointer: "address" | "buffer") {
  return {
    read: { parameters: ["i32", pointer, "i32"], result: "i32" },
    write: { parameters: ["i32", pointer, "i32"], result: "i32" },
    pread: { parameters: ["i32", pointer, "i32", "i32"], result: "i32" },
    pwrite: { parameters: ["i32", pointer, "i32", "i32"], result: "i32" },
  } as const satisfies ForeignFunctions<string>;
}

function byAddress(libc: Libc, iovecs: Iovecs): BufferIo {
  const calls = libc.open(functions("address"));
  return {
    read: (fd, bytes, start, length) => calls.read(fd, iovecs.addressOf(bytes, start), length),
    write: (fd, bytes, start, length) => calls.write(fd, iovecs.addressOf(bytes, start), length),
    pread: (fd, bytes, start, length, offset) => calls.pread(fd, iovecs.addressOf(bytes, start), length, offset),
    pwrite: (fd, bytes, start, length, offset) => calls.pwrite(fd, iovecs.addressOf(bytes, start), length, offset),
  };
}

function byBuffer(libc: Libc): BufferIo {
  const calls = libc.open(functions("buffer"));
  const views = new Views();
  return {
    read: (fd, bytes, start, length) => calls.read(fd, views.from(bytes, start), length),
    write: (fd, bytes, start, length) => calls.write(fd, views.from(bytes, start), length),
    pread: (fd, bytes, start, length, offset) => calls.pread(fd, views.from(bytes, start), length, offset),
    pwrite: (fd, bytes, start, length, offset) => calls.pwrite(fd, views.from(bytes, start), length, offset),
  };
}

function byIovec(libc: Libc, iovecs: Iovecs): BufferIo {
  const { readv, writev } = libc.open({
    readv: { parameters: ["i32", "address", "i32"], result: "i32" },
    writev: { parameters: ["i32", "address", "i32"], result: "i32" },
  });
  const { preadv, pwritev } = libc.open({
    preadv: { parameters: ["i32", "address", "i32", "i32"], result: "i32" },
    pwritev: { parameters: ["i32", "address", "i32", "i32"], result: "i32" },
  });
  const { address } = iovecs;
  return {
    read(fd, bytes, start, length) {
      iovecs.storeOne(bytes, start, length);
      return readv(fd, address, 1);
    },
    write(fd, bytes, start, length) {
      iovecs.storeOne(bytes, start, length);
      return writev(fd, address, 1);
    },
    pread(fd, bytes, start, length, offset) {
      iovecs.storeOne(bytes, start, length);
      return preadv(fd, address, 1, offset);
    },
    pwrite(fd, bytes, start, length, offset) {
      iovecs.storeOne(bytes, start, length);
      return pwritev(fd, address, 1, offset);
    },
  };
}
