/** Decodes canonical definitions. */

import { decodeCoreValueType } from "./decode_core_types.ts";
import { decodeResult } from "./decode_types.ts";
import { InvalidComponentError } from "./invalid_component.ts";
import type {
  Canon,
  CanonCancelCopy,
  CanonCopy,
  CanonErrorContext,
  CanonOfType,
  CanonOptions,
  CanonPlain,
  CanonSwitch,
  CanonWait,
  StringEncoding,
} from "./model_canon.ts";
import type { Reader } from "./reader.ts";
import { unknownCode, unsupported } from "./unsupported.ts";

/** Built-ins by their codes, in groups of the same immediates. */
const PLAIN: Readonly<Record<number, CanonPlain["operation"]>> = {
  0x05: "task.cancel",
  0x0d: "subtask.drop",
  0x1e: "error-context.drop",
  0x1f: "waitable-set.new",
  0x22: "waitable-set.drop",
  0x23: "waitable.join",
  0x24: "backpressure.inc",
  0x25: "backpressure.dec",
  0x26: "thread.index",
  0x28: "thread.resume-later",
};
const OF_TYPE: Readonly<Record<number, CanonOfType["operation"]>> = {
  0x02: "resource.new",
  0x03: "resource.drop",
  0x04: "resource.rep",
  0x0e: "stream.new",
  0x13: "stream.drop-readable",
  0x14: "stream.drop-writable",
  0x15: "future.new",
  0x1a: "future.drop-readable",
  0x1b: "future.drop-writable",
};
const COPY: Readonly<Record<number, CanonCopy["operation"]>> = {
  0x0f: "stream.read",
  0x10: "stream.write",
  0x16: "future.read",
  0x17: "future.write",
};
const CANCEL_COPY: Readonly<Record<number, CanonCancelCopy["operation"]>> = {
  0x11: "stream.cancel-read",
  0x12: "stream.cancel-write",
  0x18: "future.cancel-read",
  0x19: "future.cancel-write",
};
const SWITCH: Readonly<Record<number, CanonSwitch["operation"]>> = {
  0x0c: "thread.yield",
  0x29: "thread.suspend",
  0x2a: "thread.suspend-then-resume",
  0x2b: "thread.yield-then-resume",
  0x2c: "thread.suspend-then-promote",
  0x2d: "thread.yield-then-promote",
};
const WAIT: Readonly<Record<number, CanonWait["operation"]>> = {
  0x20: "waitable-set.wait",
  0x21: "waitable-set.poll",
};
const ERROR_CONTEXT: Readonly<Record<number, CanonErrorContext["operation"]>> = {
  0x1c: "error-context.new",
  0x1d: "error-context.debug-message",
};

/** Decode a canonical definition. */
export function decodeCanon(reader: Reader): Canon {
  const { offset } = reader;
  const code = reader.byte("a canonical definition");
  return decodeSimple(reader, code) ?? decodeOther(reader, code, offset);
}

/** Decode a built-in of one of the groups. */
function decodeSimple(reader: Reader, code: number): Canon | undefined {
  if (code in PLAIN) return { operation: PLAIN[code]! };
  if (code in OF_TYPE) return { operation: OF_TYPE[code]!, type: reader.u32("a type index") };
  if (code in COPY) {
    const type = reader.u32("a type index");
    return { operation: COPY[code]!, type, options: decodeOptions(reader) };
  }
  if (code in CANCEL_COPY) {
    const type = reader.u32("a type index");
    return { operation: CANCEL_COPY[code]!, type, isAsync: reader.flag("whether a built-in is async") };
  }
  if (code in SWITCH) return { operation: SWITCH[code]!, isCancellable: decodeCancellable(reader) };
  if (code in WAIT) {
    const isCancellable = decodeCancellable(reader);
    return { operation: WAIT[code]!, isCancellable, memory: reader.u32("a core memory index") };
  }
  if (code in ERROR_CONTEXT) return { operation: ERROR_CONTEXT[code]!, options: decodeOptions(reader) };
  return undefined;
}

function decodeOther(reader: Reader, code: number, offset: number): Canon {
  switch (code) {
    case 0x00: {
      reader.expect(0x00, "the sort of what is lifted");
      const coreFunction = reader.u32("a core function index");
      const options = decodeOptions(reader);
      return { operation: "lift", coreFunction, options, type: reader.u32("a type index") };
    }
    case 0x01:
      reader.expect(0x00, "the sort of what is lowered");
      return { operation: "lower", function: reader.u32("a function index"), options: decodeOptions(reader) };
    case 0x06:
      return { operation: "subtask.cancel", isAsync: reader.flag("whether a built-in is async") };
    case 0x08:
      throw new InvalidComponentError(
        "it uses backpressure.set, which the component model has replaced; build it with newer tools",
        offset,
      );
    case 0x09: {
      const result = decodeResult(reader);
      return { operation: "task.return", result, options: decodeOptions(reader) };
    }
    case 0x0a:
    case 0x0b: {
      const type = decodeContextType(reader);
      const slot = reader.u32("the index of a slot");
      return { operation: code === 0x0a ? "context.get" : "context.set", type, slot };
    }
    case 0x27: {
      const type = reader.u32("a core type index");
      return { operation: "thread.new-indirect", type, table: reader.u32("a core table index") };
    }
    case 0x40:
    case 0x41:
    case 0x42:
      throw unsupported("threads with shared memory", offset);
    default:
      throw unknownCode("a canonical definition", code, offset);
  }
}

function decodeCancellable(reader: Reader): boolean {
  return reader.flag("whether a built-in can be cancelled");
}

function decodeContextType(reader: Reader): "i32" | "i64" {
  const { offset } = reader;
  const type = decodeCoreValueType(reader);
  if (type === "i32" || type === "i64") return type;
  throw new InvalidComponentError(`the type of a slot is ${type}, not i32 or i64`, offset);
}

const ENCODINGS: readonly StringEncoding[] = ["utf8", "utf16", "latin1+utf16"];

/** Options that have an index, by their codes. */
const INDEXED: Readonly<Record<number, "memory" | "realloc" | "postReturn" | "callback">> = {
  0x03: "memory",
  0x04: "realloc",
  0x05: "postReturn",
  0x07: "callback",
};
const ASYNC = 0x06;

function decodeOptions(reader: Reader): CanonOptions {
  const indices: Partial<Record<"memory" | "realloc" | "postReturn" | "callback", number>> = {};
  let encoding: StringEncoding | undefined;
  let isAsync = false;
  reader.list("options", () => {
    const { offset } = reader;
    const code = reader.byte("an option");
    const key = INDEXED[code];
    let isRepeated = false;
    if (key !== undefined) {
      isRepeated = indices[key] !== undefined;
      indices[key] = reader.u32(`the index of option ${key}`);
    } else if (code === ASYNC) {
      isRepeated = isAsync;
      isAsync = true;
    } else {
      isRepeated = encoding !== undefined;
      encoding = ENCODINGS[code];
      if (encoding === undefined) throw unknownCode("an option of a canonical definition", code, offset);
    }
    if (isRepeated) throw new InvalidComponentError("an option of a canonical definition is given twice", offset);
  });
  return {
    encoding: encoding ?? "utf8",
    memory: indices.memory,
    realloc: indices.realloc,
    postReturn: indices.postReturn,
    callback: indices.callback,
    isAsync,
  };
}
