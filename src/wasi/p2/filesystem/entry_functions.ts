/** Reading directories, lowered by hand. */

import type { CallContext } from "../../../component/abi/context.ts";
import type { HostFunction } from "../../../component/link/function.ts";
import type { DirectoryEntry } from "../../../contract/platform.ts";
import { Errno } from "../../../witx/errno.ts";
import type { FilesystemTypes } from "./filesystem_types.ts";
import { descriptorTypeNumber } from "./flags.ts";
import {
  ENTRY_RESULT,
  HANDLE_RESULT,
  resultAt,
  roomForHandle,
  storeErr,
  storeHandle,
  storeNone,
  storeOk,
  storeSome,
} from "./results.ts";
import { directoryEntryText, errorCodeText, methodText } from "./texts.ts";

/** Offset of the entry in an `option<directory-entry>`, and of the name in the entry. */
const ENTRY_AT = 4;
const NAME_AT = 4;

/** Functions by their names. */
export function entryFunctions({ descriptor, entries }: FilesystemTypes): Record<string, HostFunction> {
  return {
    "[method]descriptor.read-directory": {
      type: methodText("", "own<directory-entry-stream>"),
      lower: (cx) => (self: number, result: number): void => {
        cx.enter();
        const at = resultAt(cx, result, HANDLE_RESULT);
        const directory = cx.handle(self, descriptor);
        storeHandle(cx, at, entries, roomForHandle(cx) || directory.entries());
      },
    },
    "[method]directory-entry-stream.read-directory-entry": {
      type: "func(self: borrow<directory-entry-stream>) -> " +
        `result<option<${directoryEntryText()}>, ${errorCodeText()}>`,
      lower: (cx) => (self: number, result: number): void => {
        cx.enter();
        const at = resultAt(cx, result, ENTRY_RESULT);
        const entry = cx.handle(self, entries).next();
        if (entry === undefined) storeNone(cx, storeOk(cx, at, ENTRY_RESULT));
        else if (typeof entry === "number") storeErr(cx, at, ENTRY_RESULT, entry);
        else storeEntry(cx, at, entry);
      },
    },
  };
}

/** A name that is not UTF-8 is an error; the entry behind it comes next. */
function storeEntry(cx: CallContext, at: number, { name, filetype }: DirectoryEntry): void {
  if (!name.isWellFormed()) return storeErr(cx, at, ENTRY_RESULT, -Errno.ILSEQ);
  const option = storeOk(cx, at, ENTRY_RESULT);
  storeSome(cx, option);
  cx.bytes[option + ENTRY_AT] = descriptorTypeNumber(filetype);
  cx.storeString(option + ENTRY_AT + NAME_AT, name);
}
