/** Methods of `descriptor` that are called often, lowered by hand. */

import type { CallContext } from "../../../component/abi/context.ts";
import type { HostFunction } from "../../../component/link/function.ts";
import type { ObjectHash } from "../../../core/fs/object_hash.ts";
import type { Failure } from "../../../contract/results.ts";
import { metadataHashAt, openAt, type OpenAtRequest, statAt } from "./descriptor_paths.ts";
import type { FilesystemTypes } from "./filesystem_types.ts";
import { DESCRIPTOR_FLAGS_ALL, descriptorTypeNumber, OPEN_FLAGS_ALL, SYMLINK_FOLLOW } from "./flags.ts";
import { readFunction } from "./read_function.ts";
import {
  BYTE_RESULT,
  HANDLE_RESULT,
  HASH_RESULT,
  offsetOf,
  resultAt,
  roomForHandle,
  SIZE_RESULT,
  STAT_RESULT,
  storeErr,
  storeHandle,
  storeOk,
  storeStat,
  storeU64,
} from "./results.ts";
import {
  DESCRIPTOR_FLAGS,
  descriptorStatText,
  descriptorTypeText,
  METADATA_HASH,
  methodText,
  OPEN_FLAGS,
  PATH_FLAGS,
} from "./texts.ts";

/** Functions by their names. */
export function hotFunctions(types: FilesystemTypes): Record<string, HostFunction> {
  return {
    "[method]descriptor.read": readFunction(types),
    "[method]descriptor.write": write(types),
    "[method]descriptor.stat": stat(types),
    "[method]descriptor.stat-at": statOfPath(types),
    "[method]descriptor.open-at": open(types),
    "[method]descriptor.get-flags": getFlags(types),
    "[method]descriptor.get-type": getType(types),
    "[method]descriptor.metadata-hash": metadataHash(types),
    "[method]descriptor.metadata-hash-at": metadataHashOfPath(types),
  };
}

function write({ descriptor }: FilesystemTypes): HostFunction {
  return {
    type: methodText(", buffer: list<u8>, offset: u64", "u64"),
    takesFloats: true,
    lower: (cx) => (self: number, buffer: number, length: number, offset: number, result: number): void => {
      cx.enter();
      const from = buffer >>> 0;
      const count = length >>> 0;
      cx.checkSpan(from, count);
      const at = resultAt(cx, result, SIZE_RESULT);
      const file = cx.handle(self, descriptor);
      const written = file.write(cx.bytes, from, count, offsetOf(offset));
      if (written < 0) storeErr(cx, at, SIZE_RESULT, written);
      else storeU64(cx, storeOk(cx, at, SIZE_RESULT), written);
    },
  };
}

function stat({ descriptor }: FilesystemTypes): HostFunction {
  return {
    type: methodText("", descriptorStatText()),
    lower: (cx) => (self: number, result: number): void => {
      cx.enter();
      const at = resultAt(cx, result, STAT_RESULT);
      const file = cx.handle(self, descriptor);
      const attributes = file.filesystem.stat;
      const status = file.stat(attributes);
      if (status < 0) storeErr(cx, at, STAT_RESULT, status);
      else storeStat(cx, storeOk(cx, at, STAT_RESULT), attributes);
    },
  };
}

function statOfPath({ descriptor }: FilesystemTypes): HostFunction {
  return {
    type: methodText(`, path-flags: ${PATH_FLAGS}, path: string`, descriptorStatText()),
    lower: (cx) => (self: number, pathFlags: number, path: number, length: number, result: number): void => {
      cx.enter();
      const at = resultAt(cx, result, STAT_RESULT);
      const text = cx.loadString(path, length);
      const file = cx.handle(self, descriptor);
      const attributes = file.filesystem.stat;
      const status = statAt(file, pathFlags & SYMLINK_FOLLOW, text, attributes);
      if (status < 0) storeErr(cx, at, STAT_RESULT, status);
      else storeStat(cx, storeOk(cx, at, STAT_RESULT), attributes);
    },
  };
}

function open({ descriptor }: FilesystemTypes): HostFunction {
  const request: OpenAtRequest = { pathFlags: 0, openFlags: 0, flags: 0 };
  return {
    type: methodText(
      `, path-flags: ${PATH_FLAGS}, path: string, open-flags: ${OPEN_FLAGS}, flags: ${DESCRIPTOR_FLAGS}`,
      "own<descriptor>",
    ),
    lower: (cx) =>
    (
      self: number,
      pathFlags: number,
      path: number,
      length: number,
      openFlags: number,
      flags: number,
      result: number,
    ): void => {
      cx.enter();
      const at = resultAt(cx, result, HANDLE_RESULT);
      const text = cx.loadString(path, length);
      request.pathFlags = pathFlags & SYMLINK_FOLLOW;
      request.openFlags = openFlags & OPEN_FLAGS_ALL;
      request.flags = flags & DESCRIPTOR_FLAGS_ALL;
      const from = cx.handle(self, descriptor);
      storeHandle(cx, at, descriptor, roomForHandle(cx) || openAt(from, text, request));
    },
  };
}

function getFlags({ descriptor }: FilesystemTypes): HostFunction {
  return {
    type: methodText("", DESCRIPTOR_FLAGS),
    lower: (cx) => (self: number, result: number): void => {
      cx.enter();
      const at = resultAt(cx, result, BYTE_RESULT);
      cx.bytes[storeOk(cx, at, BYTE_RESULT)] = cx.handle(self, descriptor).flags;
    },
  };
}

function getType({ descriptor }: FilesystemTypes): HostFunction {
  return {
    type: methodText("", descriptorTypeText()),
    lower: (cx) => (self: number, result: number): void => {
      cx.enter();
      const at = resultAt(cx, result, BYTE_RESULT);
      cx.bytes[storeOk(cx, at, BYTE_RESULT)] = descriptorTypeNumber(cx.handle(self, descriptor).filetype);
    },
  };
}

function metadataHash({ descriptor }: FilesystemTypes): HostFunction {
  return {
    type: methodText("", METADATA_HASH),
    lower: (cx) => (self: number, result: number): void => {
      cx.enter();
      const at = resultAt(cx, result, HASH_RESULT);
      storeHash(cx, at, cx.handle(self, descriptor).metadataHash());
    },
  };
}

function metadataHashOfPath({ descriptor }: FilesystemTypes): HostFunction {
  return {
    type: methodText(`, path-flags: ${PATH_FLAGS}, path: string`, METADATA_HASH),
    lower: (cx) => (self: number, pathFlags: number, path: number, length: number, result: number): void => {
      cx.enter();
      const at = resultAt(cx, result, HASH_RESULT);
      const text = cx.loadString(path, length);
      storeHash(cx, at, metadataHashAt(cx.handle(self, descriptor), pathFlags & SYMLINK_FOLLOW, text));
    },
  };
}

function storeHash(cx: CallContext, at: number, hash: ObjectHash | Failure): void {
  if (typeof hash === "number") return storeErr(cx, at, HASH_RESULT, hash);
  const payload = storeOk(cx, at, HASH_RESULT);
  for (let i = 0; i < 4; i++) cx.view.setUint32(payload + i * 4, hash.words[i]!, true);
}
