/** Canonical definitions as they are decoded. */

import type { TypeReference } from "./model_types.ts";

/** Encoding of strings in the memory of a core module. */
export type StringEncoding = "utf8" | "utf16" | "latin1+utf16";

/** Options of a canonical definition. Indices are those of core memories and core functions; undefined if not given. */
export interface CanonOptions {
  /** `utf8` if it is not given. */
  readonly encoding: StringEncoding;
  readonly memory: number | undefined;
  readonly realloc: number | undefined;
  readonly postReturn: number | undefined;
  readonly callback: number | undefined;
  readonly isAsync: boolean;
}

/** `canon lift`: makes a component function of a core function. */
export interface CanonLift {
  readonly operation: "lift";
  /** Index of the core function. */
  readonly coreFunction: number;
  readonly options: CanonOptions;
  /** Index of the type of the component function. */
  readonly type: number;
}

/** `canon lower`: makes a core function of a component function. */
export interface CanonLower {
  readonly operation: "lower";
  /** Index of the component function. */
  readonly function: number;
  readonly options: CanonOptions;
}

/** Built-ins of a type, which is a resource for `resource.…` and a stream or future for all others. */
export interface CanonOfType {
  readonly operation:
    | "resource.new"
    | "resource.drop"
    | "resource.rep"
    | "stream.new"
    | "stream.drop-readable"
    | "stream.drop-writable"
    | "future.new"
    | "future.drop-readable"
    | "future.drop-writable";
  /** Index of the type. */
  readonly type: number;
}

/** Built-ins that copy the elements of a stream or a future from or to memory. */
export interface CanonCopy {
  readonly operation: "stream.read" | "stream.write" | "future.read" | "future.write";
  /** Index of the type of the stream or future. */
  readonly type: number;
  readonly options: CanonOptions;
}

/** Built-ins that cancel a copy. */
export interface CanonCancelCopy {
  readonly operation: "stream.cancel-read" | "stream.cancel-write" | "future.cancel-read" | "future.cancel-write";
  /** Index of the type of the stream or future. */
  readonly type: number;
  readonly isAsync: boolean;
}

/** `canon task.return`. */
export interface CanonTaskReturn {
  readonly operation: "task.return";
  /** Undefined if the task has no result. */
  readonly result: TypeReference | undefined;
  readonly options: CanonOptions;
}

/** `canon context.get` and `canon context.set`. */
export interface CanonContext {
  readonly operation: "context.get" | "context.set";
  readonly type: "i32" | "i64";
  /** Index of the slot of the task's storage. */
  readonly slot: number;
}

/** `canon subtask.cancel`. */
export interface CanonSubtaskCancel {
  readonly operation: "subtask.cancel";
  readonly isAsync: boolean;
}

/** Built-ins that wait for a waitable set. */
export interface CanonWait {
  readonly operation: "waitable-set.wait" | "waitable-set.poll";
  readonly isCancellable: boolean;
  /** Index of the core memory that the event is stored in. */
  readonly memory: number;
}

/** Built-ins that let other threads run. All but `thread.yield` are not released yet. */
export interface CanonSwitch {
  readonly operation:
    | "thread.yield"
    | "thread.suspend"
    | "thread.suspend-then-resume"
    | "thread.yield-then-resume"
    | "thread.suspend-then-promote"
    | "thread.yield-then-promote";
  readonly isCancellable: boolean;
}

/** `canon thread.new-indirect`, which is not released yet. */
export interface CanonThreadNew {
  readonly operation: "thread.new-indirect";
  /** Index of the core type of the function. */
  readonly type: number;
  /** Index of the core table that holds the function. */
  readonly table: number;
}

/** Built-ins of error contexts with options, which are not released yet. */
export interface CanonErrorContext {
  readonly operation: "error-context.new" | "error-context.debug-message";
  readonly options: CanonOptions;
}

/** Built-ins without immediates. */
export interface CanonPlain {
  readonly operation:
    | "backpressure.inc"
    | "backpressure.dec"
    | "task.cancel"
    | "subtask.drop"
    | "waitable-set.new"
    | "waitable-set.drop"
    | "waitable.join"
    | "error-context.drop"
    | "thread.index"
    | "thread.resume-later";
}

/** A canonical definition. */
export type Canon =
  | CanonLift
  | CanonLower
  | CanonOfType
  | CanonCopy
  | CanonCancelCopy
  | CanonTaskReturn
  | CanonContext
  | CanonSubtaskCancel
  | CanonWait
  | CanonSwitch
  | CanonThreadNew
  | CanonErrorContext
  | CanonPlain;
