/** The errno of each operation that a kind of open object does not support, so that none is tried to learn it. */

import { Errno } from "../witx/errno.ts";
import type { OpenObject } from "./descriptor.ts";

/** The kinds of open objects. */
type ObjectKind = OpenObject["kind"];

/** Operations that some kind does not support. */
export type Operation =
  | "read"
  | "write"
  | "pread"
  | "pwrite"
  | "seek"
  | "readdir"
  | "setSize"
  | "setTimes"
  | "sync"
  | "advise"
  | "allocate";

type Unsupported = Readonly<Partial<Record<Operation, Errno>>>;

const WITHOUT_OFFSET: Unsupported = {
  pread: Errno.SPIPE,
  pwrite: Errno.SPIPE,
  seek: Errno.SPIPE,
  readdir: Errno.NOTDIR,
  setSize: Errno.INVAL,
  setTimes: Errno.NOTSUP,
  sync: Errno.INVAL,
  advise: Errno.SPIPE,
  allocate: Errno.SPIPE,
};

const UNSUPPORTED: Readonly<Record<ObjectKind, Unsupported>> = {
  file: { readdir: Errno.NOTDIR },
  directory: {
    read: Errno.ISDIR,
    write: Errno.BADF,
    pread: Errno.ISDIR,
    pwrite: Errno.BADF,
    seek: Errno.ISDIR,
    setSize: Errno.ISDIR,
    advise: Errno.BADF,
    allocate: Errno.BADF,
  },
  stream: WITHOUT_OFFSET,
  socket: WITHOUT_OFFSET,
};

/**
 * Why an operation is refused: its kind does not support it, or its right is missing.
 *
 * @param kind Kind of the object.
 * @param operation The operation.
 * @param otherwise The errno if the kind supports the operation, so that only the right is missing.
 */
export function refusal(kind: ObjectKind, operation: Operation, otherwise: Errno = Errno.NOTCAPABLE): Errno {
  return UNSUPPORTED[kind][operation] ?? otherwise;
}
