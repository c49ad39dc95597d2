/** `fd_read`, `fd_write`, `fd_pread` and `fd_pwrite`. */

import { Errno } from "../../witx/errno.ts";
import type { WaitMode } from "../../contract/waiter.ts";
import type { MaybePromise } from "../../core/io/maybe_promise.ts";
import { Interest } from "../../contract/pollable.ts";
import type { Abi } from "./abi.ts";
import type { ImportTable } from "./import_function.ts";
import { emptyIoVectors } from "./memory.ts";
import { retryWhileAgain } from "./suspend.ts";
import { toFloat64 } from "./widened.ts";
import type { U32Result } from "../results.ts";

/** How `fd_read` and `fd_write` wait: one that returns promises must be wrapped to suspend, which slows down every call. */
export interface TransferModes {
  /** How `fd_read` waits. */
  readonly reads: WaitMode;
  /** How `fd_write` waits. */
  readonly writes: WaitMode;
}

/** `fd_read` and `fd_write`, bodies. */
export function transferFunctions(abi: Abi, modes: TransferModes): ImportTable {
  const { system, memory } = abi;
  const iovs = emptyIoVectors();
  const moved: U32Result = { value: 0 };

  function read(fd: number, ptr: number, count: number, resultPtr: number): Errno {
    const errno = memory.readIovecs(ptr, count, iovs) || system.fd.read(fd, iovs, moved);
    if (errno === Errno.SUCCESS) memory.storeU32(resultPtr, moved.value);
    return errno;
  }

  function write(fd: number, ptr: number, count: number, resultPtr: number): Errno {
    const errno = memory.readIovecs(ptr, count, iovs) || system.fd.write(fd, iovs, moved);
    if (errno === Errno.SUCCESS) memory.storeU32(resultPtr, moved.value);
    return errno;
  }

  // The closures are made where they are needed: a function that has one allocates it in every call.
  function readAgain(fd: number, ptr: number, count: number, resultPtr: number): MaybePromise {
    return retryWhileAgain(abi, fd, Interest.READ, modes.reads, () => read(fd, ptr, count, resultPtr));
  }

  function writeAgain(fd: number, ptr: number, count: number, resultPtr: number): MaybePromise {
    return retryWhileAgain(abi, fd, Interest.WRITE, modes.writes, () => write(fd, ptr, count, resultPtr));
  }

  return {
    fd_read(fd: number, ptr: number, count: number, resultPtr: number): MaybePromise {
      const errno = read(fd, ptr, count, resultPtr);
      return errno === Errno.AGAIN ? readAgain(fd, ptr, count, resultPtr) : errno;
    },
    fd_write(fd: number, ptr: number, count: number, resultPtr: number): MaybePromise {
      const errno = write(fd, ptr, count, resultPtr);
      return errno === Errno.AGAIN ? writeAgain(fd, ptr, count, resultPtr) : errno;
    },
  };
}

/** `fd_pread` and `fd_pwrite`, imports in their narrow form: the offset in two halves. */
export function narrowTransferFunctions({ system, memory }: Abi): ImportTable {
  const { outcome } = memory;
  const iovs = emptyIoVectors();
  const moved: U32Result = { value: 0 };

  function decode(ptr: number, count: number, resultPtr: number): Errno {
    memory.refresh();
    if (!memory.holds(resultPtr, 4)) return Errno.FAULT;
    return memory.readIovecs(ptr, count, iovs);
  }

  function encode(errno: Errno, resultPtr: number): Errno {
    if (errno === Errno.SUCCESS) memory.storeU32(resultPtr, moved.value);
    return errno;
  }

  return {
    fd_pread(fd: number, ptr: number, count: number, low: number, high: number, resultPtr: number): Errno {
      try {
        resultPtr >>>= 0;
        return decode(ptr >>> 0, count >>> 0, resultPtr) ||
          encode(system.fd.pread(fd >>> 0, iovs, toFloat64(low, high), moved), resultPtr);
      } catch (error) {
        return outcome.fail(error);
      }
    },
    fd_pwrite(fd: number, ptr: number, count: number, low: number, high: number, resultPtr: number): Errno {
      try {
        resultPtr >>>= 0;
        return decode(ptr >>> 0, count >>> 0, resultPtr) ||
          encode(system.fd.pwrite(fd >>> 0, iovs, toFloat64(low, high), moved), resultPtr);
      } catch (error) {
        return outcome.fail(error);
      }
    },
  };
}
