/** `wasi:io/error`: why an operation on a stream failed. */

import type { HostFunction } from "../../../component/link/function.ts";
import { Errno, errnoName } from "../../../witx/errno.ts";
import type { HostInterface, WasiHost } from "../../host.ts";
import { guestIo } from "./guest_io.ts";

const TEXTS: Readonly<Partial<Record<Errno, string>>> = {
  [Errno.ACCES]: "permission denied",
  [Errno.BADF]: "the stream is not open for this",
  [Errno.CONNABORTED]: "the connection was aborted",
  [Errno.CONNRESET]: "the connection was reset by the peer",
  [Errno.DQUOT]: "the disk quota is exceeded",
  [Errno.FBIG]: "the file is too large",
  [Errno.IO]: "input or output error",
  [Errno.NOSPC]: "no space is left",
  [Errno.NOTCONN]: "the socket is not connected",
  [Errno.TIMEDOUT]: "the connection timed out",
};

/** The text of an error, for people. @param errno Why the operation failed. */
function debugText(errno: Errno): string {
  const text = TEXTS[errno];
  return text === undefined ? errnoName(errno) : `${errnoName(errno)}: ${text}`;
}

/** The interface `wasi:io/error@0.2`. */
export function errorInterface(host: WasiHost): HostInterface {
  const { error } = host.shared(guestIo);
  const toDebugString: HostFunction = {
    type: "func(self: borrow<error>) -> string",
    lower: (cx) => (self: number, result: number): void => {
      cx.enter();
      const text = debugText(cx.handle(self, error).errno);
      cx.checkSpan(result >>> 0, 8, 4);
      cx.storeString(result >>> 0, text);
    },
  };
  return { functions: { "[method]error.to-debug-string": toDebugString }, resources: { error } };
}
