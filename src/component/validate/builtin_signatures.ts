/** Core signatures of the built-ins of canonical definitions. */

import type { Canon } from "../binary/model_canon.ts";
import type { CoreFunctionType } from "../binary/model_types.ts";

/** Built-ins whose signature depends on nothing. */
type Builtin = Exclude<Canon["operation"], "lift" | "lower" | "task.return">;

/** Parameters, and results after the colon. */
const SIGNATURES: Readonly<Record<Builtin, string>> = {
  "resource.new": "i32:i32",
  "resource.drop": "i32:",
  "resource.rep": "i32:i32",
  "backpressure.inc": ":",
  "backpressure.dec": ":",
  "context.get": ":i32",
  "context.set": "i32:",
  "task.cancel": ":",
  "subtask.cancel": "i32:i32",
  "subtask.drop": "i32:",
  "stream.new": ":i64",
  "stream.read": "i32 i32 i32:i32",
  "stream.write": "i32 i32 i32:i32",
  "stream.cancel-read": "i32:i32",
  "stream.cancel-write": "i32:i32",
  "stream.drop-readable": "i32:",
  "stream.drop-writable": "i32:",
  "future.new": ":i64",
  "future.read": "i32 i32:i32",
  "future.write": "i32 i32:i32",
  "future.cancel-read": "i32:i32",
  "future.cancel-write": "i32:i32",
  "future.drop-readable": "i32:",
  "future.drop-writable": "i32:",
  "error-context.new": "i32 i32:i32",
  "error-context.debug-message": "i32 i32:",
  "error-context.drop": "i32:",
  "waitable-set.new": ":i32",
  "waitable-set.wait": "i32 i32:i32",
  "waitable-set.poll": "i32 i32:i32",
  "waitable-set.drop": "i32:",
  "waitable.join": "i32 i32:",
  "thread.index": ":i32",
  "thread.new-indirect": "i32 i32:i32",
  "thread.resume-later": "i32:",
  "thread.suspend": ":i32",
  "thread.yield": ":i32",
  "thread.suspend-then-resume": "i32:i32",
  "thread.yield-then-resume": "i32:i32",
  "thread.suspend-then-promote": "i32:i32",
  "thread.yield-then-promote": "i32:i32",
};

/** The core signature of a built-in. */
export function builtinSignature(operation: Builtin): CoreFunctionType {
  const [params = "", results = ""] = SIGNATURES[operation].split(":");
  return { kind: "core-func", params: words(params), results: words(results) };
}

function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}
