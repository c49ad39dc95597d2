/** A system that tells of every call: System in, System out. */

import type { System } from "../core/system.ts";
import { type Answering, CALL_TEXTS, type CallText } from "./trace_calls.ts";
import { stringsText } from "./string_text.ts";
import { type Answer, type Call, type ImportFunction, TraceLog } from "./trace_log.ts";

/** A guest's system that tells of every call, and what its imports are watched with. */
export interface Trace {
  /** The system. */
  readonly system: System;
  /**
   * Watch an import that asks the system: then the lines say what the guest was answered, under the name that it called,
   * and there is one also where the import fails before it asks.
   */
  watch(name: string, fn: ImportFunction): ImportFunction;
}

type Method = keyof Answering;
type AnyMethod = (...args: readonly unknown[]) => Answer;

const METHODS = Object.keys(CALL_TEXTS) as readonly Method[];

/**
 * Trace a system: one line for each call, such as `fd_read(0, 512 bytes) => 17`. One that answers a promise is told of
 * when it has resolved, one that ends the guest before it does.
 *
 * @param system Answers the calls.
 * @param write Takes a line, without a newline.
 */
export function trace(system: System, write: (line: string) => void): Trace {
  const log = new TraceLog(write);
  const answering = Object.fromEntries(METHODS.map((method) => [method, tracedMethod(log, system, method)]));
  return {
    system: { ...answering as unknown as Answering, ...stringLists(log, system), ...ending(log, system) },
    watch: (name, fn) => log.watch(name, fn),
  };
}

/** The system of {@linkcode trace} alone. */
export function traced(system: System, write: (line: string) => void): System {
  return trace(system, write).system;
}

function tracedMethod(log: TraceLog, system: System, method: Method): AnyMethod {
  const own = CALL_TEXTS[method] as CallText<readonly unknown[]>;
  const ask = (system[method] as AnyMethod).bind(system);
  return (...args) => {
    const fd = typeof args[0] === "number" ? args[0] : -1;
    const { name, got } = own.also !== undefined && log.isIn(own.also.name, fd) ? own.also : own;
    const text = `${name}(${own.given(...args)})`;
    return log.ask({ name, fd, text, got: () => got?.(...args) ?? "" }, () => ask(...args));
  };
}

function stringLists(log: TraceLog, system: System): Pick<System, "argsGet" | "environGet"> {
  const told = (name: string, sizes: string, strings: readonly Uint8Array[]): readonly Uint8Array[] => {
    log.tellSucceeded(
      log.isIn(sizes) ? callOf(sizes, "", () => sizesText(strings)) : callOf(name, "", () => stringsText(strings)),
    );
    return strings;
  };
  return {
    argsGet: () => told("args_get", "args_sizes_get", system.argsGet()),
    environGet: () => told("environ_get", "environ_sizes_get", system.environGet()),
  };
}

function ending(log: TraceLog, system: System): Pick<System, "waitFd" | "procExit"> {
  return {
    waitFd: (fd, interest, blocking) => log.wait(fd, () => system.waitFd(fd, interest, blocking)),
    procExit(rval) {
      log.tellLast(callOf("proc_exit", String(rval), () => ""));
      return system.procExit(rval);
    },
  };
}

function callOf(name: string, given: string, got: () => string): Call {
  return { name, fd: -1, text: `${name}(${given})`, got };
}

function sizesText(strings: readonly Uint8Array[]): string {
  return `${strings.length}, ${strings.reduce((total, { length }) => total + length, 0)} bytes`;
}
