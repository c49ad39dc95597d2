/** Streams whose content is fixed: none, or given bytes. */

import { Interest, type PlatformStream } from "../../contract/platform.ts";
import { MAX_WRITABLE } from "../../contract/pollable.ts";
import { Errno } from "../../witx/errno.ts";
import { Filetype } from "../../witx/types.ts";
import { readyAtOnce, streamFilestat } from "./stream_parts.ts";

/** A stream that is always at its end and takes whatever is written: /dev/null. */
export function nullStream(): PlatformStream {
  return {
    kind: "stream",
    isTerminal: false,
    filetype: Filetype.CHARACTER_DEVICE,
    needsEventLoop: false,
    readiness: (interest) => interest,
    readableBytes: () => 0,
    writableBytes: () => MAX_WRITABLE,
    flush: () => 0,
    subscribe: readyAtOnce,
    read: () => 0,
    write: (_bytes, _start, length) => length,
    fstat: (out) => streamFilestat(out, Filetype.CHARACTER_DEVICE),
    close: () => 0,
  };
}

/** A stream that holds these bytes, then ends. */
export function bytesStream(content: Uint8Array): PlatformStream {
  let at = 0;
  return {
    kind: "stream",
    isTerminal: false,
    filetype: Filetype.UNKNOWN,
    needsEventLoop: false,
    readiness: (interest) => interest & Interest.READ,
    readableBytes: () => content.length - at,
    writableBytes: () => -Errno.BADF,
    flush: () => 0,
    subscribe: readyAtOnce,
    read(bytes, start, length) {
      const taken = Math.min(length, content.length - at);
      bytes.set(content.subarray(at, at + taken), start);
      at += taken;
      return taken;
    },
    write: () => -Errno.BADF,
    fstat: (out) => streamFilestat(out),
    close: () => 0,
  };
}
