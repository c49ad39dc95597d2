/** `fd_*`, but for those that move bytes. */

import { Errno } from "../../witx/errno.ts";
import { emptyFilestat, type Fdstat } from "../../witx/types.ts";
import type { OffsetResult, Prestat, U32Result } from "../results.ts";
import type { Abi } from "./abi.ts";
import type { ImportTable } from "./import_function.ts";
import { writeFdstat } from "./layout.ts";
import { toFloat64 } from "./widened.ts";

/** The functions of descriptors, bodies. */
export function fdFunctions(abi: Abi): ImportTable {
  const { system } = abi;
  return {
    fd_advise: (fd: number, offset: bigint, len: bigint, advice: number): Errno =>
      system.fd.advise(fd, offset, len, advice),
    fd_allocate: (fd: number, offset: bigint, len: bigint): Errno => system.fd.allocate(fd, offset, len),
    fd_close: (fd: number): Errno => system.fd.close(fd),
    fd_datasync: (fd: number): Errno => system.fd.datasync(fd),
    fd_sync: (fd: number): Errno => system.fd.sync(fd),
    fd_fdstat_set_flags: (fd: number, flags: number): Errno => system.fd.fdstatSetFlags(fd, flags),
    fd_fdstat_set_rights: (fd: number, base: bigint, inheriting: bigint): Errno =>
      system.fd.fdstatSetRights(fd, base, inheriting),
    fd_filestat_set_size: (fd: number, size: bigint): Errno => system.fd.filestatSetSize(fd, size),
    fd_filestat_set_times: (fd: number, atim: bigint, mtim: bigint, fstFlags: number): Errno =>
      system.fd.filestatSetTimes(fd, atim, mtim, fstFlags),
    fd_renumber: (fd: number, to: number): Errno => system.fd.renumber(fd, to),
    ...storingFunctions(abi),
    ...prestatFunctions(abi),
  };
}

/** Those with a result. */
function storingFunctions({ system, memory, dialect }: Abi): ImportTable {
  const fdstat: Fdstat = { fsFiletype: 0, fsFlags: 0, fsRightsBase: 0, fsRightsInheriting: 0 };
  const filestat = emptyFilestat();
  const position: OffsetResult = { offset: 0 };
  const used: U32Result = { value: 0 };
  return {
    fd_fdstat_get(fd: number, resultPtr: number): Errno {
      const errno = system.fd.fdstatGet(fd, fdstat);
      if (errno === Errno.SUCCESS) writeFdstat(memory.view, resultPtr, fdstat);
      return errno;
    },
    fd_filestat_get(fd: number, resultPtr: number): Errno {
      const errno = system.fd.filestatGet(fd, filestat);
      if (errno === Errno.SUCCESS) dialect.writeFilestat(memory.view, resultPtr, filestat);
      return errno;
    },
    fd_readdir(fd: number, ptr: number, length: number, cookie: bigint, resultPtr: number): Errno {
      const errno = system.fd.readdir(fd, memory.bytes, ptr, length, cookie, used);
      if (errno === Errno.SUCCESS) memory.storeU32(resultPtr, used.value);
      return errno;
    },
    fd_tell(fd: number, resultPtr: number): Errno {
      const errno = system.fd.tell(fd, position);
      if (errno === Errno.SUCCESS) memory.storeSafeU64(resultPtr, position.offset);
      return errno;
    },
  };
}

function prestatFunctions({ system, memory }: Abi): ImportTable {
  const prestat: Prestat = { tag: 0, name: new Uint8Array(0) };
  return {
    fd_prestat_get(fd: number, resultPtr: number): Errno {
      const errno = system.fd.prestatGet(fd, prestat);
      if (errno !== Errno.SUCCESS) return errno;
      memory.storeU32(resultPtr, prestat.tag);
      memory.storeU32(resultPtr + 4, prestat.name.length);
      return Errno.SUCCESS;
    },
    fd_prestat_dir_name(fd: number, ptr: number, length: number): Errno {
      const errno = system.fd.prestatGet(fd, prestat);
      if (errno !== Errno.SUCCESS) return errno;
      if (length < prestat.name.length) return Errno.NAMETOOLONG;
      memory.bytes.set(prestat.name, ptr);
      return Errno.SUCCESS;
    },
  };
}

/** `fd_seek`, an import in its narrow form: the offset in two halves. */
export function narrowFdFunctions({ system, memory, dialect }: Abi): ImportTable {
  const { outcome } = memory;
  const position: OffsetResult = { offset: 0 };
  return {
    fd_seek(fd: number, offsetLow: number, offsetHigh: number, whence: number, resultPtr: number): Errno {
      try {
        memory.refresh();
        resultPtr >>>= 0;
        if (!memory.holds(resultPtr, 8)) return Errno.FAULT;
        const offset = toFloat64(offsetLow, offsetHigh);
        const errno = system.fd.seek(fd >>> 0, offset, dialect.whence(whence & 0xff), position);
        if (errno === Errno.SUCCESS) memory.storeSafeU64(resultPtr, position.offset);
        return errno;
      } catch (error) {
        return outcome.fail(error);
      }
    },
  };
}
