/** Methods of `descriptor` without paths that are not called often, with JavaScript values. */

import type { HostFunction } from "../../../component/link/function.ts";
import { Errno } from "../../../witx/errno.ts";
import type { InputStream } from "../io/input_stream.ts";
import type { OutputStream } from "../io/output_stream.ts";
import type { Descriptor } from "./descriptor.ts";
import { FileSink, openInput, type WritePosition } from "./file_stream.ts";
import type { FilesystemTypes } from "./filesystem_types.ts";
import { ADVICES } from "./flags.ts";
import { newTimes, type NewTimestamp } from "./new_timestamp.ts";
import { err, fileOffset, produced, type ResultValue, unit } from "./results.ts";
import { adviceText, methodText, NEW_TIMESTAMP } from "./texts.ts";

/** Functions by their names. */
export function fileFunctions(types: FilesystemTypes): Record<string, HostFunction> {
  return {
    "[method]descriptor.read-via-stream": {
      type: methodText(", offset: u64", "own<input-stream>"),
      call: ([self, offset]) => readStream(self as Descriptor, fileOffset(offset as bigint)),
    },
    "[method]descriptor.write-via-stream": {
      type: methodText(", offset: u64", "own<output-stream>"),
      call: ([self, offset]) => writeStream(types, self as Descriptor, fileOffset(offset as bigint)),
    },
    "[method]descriptor.append-via-stream": {
      type: methodText("", "own<output-stream>"),
      call: ([self]) => writeStream(types, self as Descriptor, "end"),
    },
    "[method]descriptor.advise": {
      type: methodText(`, offset: u64, length: u64, advice: ${adviceText()}`, "_"),
      call: ([self, offset, length, advice]) =>
        unit((self as Descriptor).advise(
          fileOffset(offset as bigint),
          fileOffset(length as bigint),
          ADVICES.indexOf(advice as (typeof ADVICES)[number]),
        )),
    },
    "[method]descriptor.sync-data": {
      type: methodText("", "_"),
      call: ([self]) => unit((self as Descriptor).syncData()),
    },
    "[method]descriptor.sync": {
      type: methodText("", "_"),
      call: ([self]) => unit((self as Descriptor).sync()),
    },
    "[method]descriptor.set-size": {
      type: methodText(", size: u64", "_"),
      call: ([self, size]) => unit((self as Descriptor).setSize(fileOffset(size as bigint))),
    },
    "[method]descriptor.set-times": {
      type: methodText(
        `, data-access-timestamp: ${NEW_TIMESTAMP}, data-modification-timestamp: ${NEW_TIMESTAMP}`,
        "_",
      ),
      call: ([self, atim, mtim]) => setTimes(self as Descriptor, atim as NewTimestamp, mtim as NewTimestamp),
    },
    "[method]descriptor.is-same-object": {
      type: "func(self: borrow<descriptor>, other: borrow<descriptor>) -> bool",
      call: ([self, other]) => (self as Descriptor).isSameObject(other as Descriptor),
    },
  };
}

function setTimes(file: Descriptor, atim: NewTimestamp, mtim: NewTimestamp): ResultValue<undefined> {
  const times = newTimes(file.filesystem, atim, mtim);
  return typeof times === "number" ? err(times) : unit(file.setTimes(times.atim, times.mtim));
}

function readStream(file: Descriptor, offset: number): ResultValue<InputStream> {
  const refusal = file.mayRead() || (offset < 0 ? -Errno.INVAL : 0);
  return refusal < 0 ? err(refusal) : produced(openInput(file, offset));
}

function writeStream({ io }: FilesystemTypes, file: Descriptor, position: WritePosition): ResultValue<OutputStream> {
  const refusal = file.mayWrite() || (position === "end" || position >= 0 ? 0 : -Errno.INVAL);
  return refusal < 0 ? err(refusal) : produced(io.openOutput(new FileSink(file, position), "filesystem"));
}
