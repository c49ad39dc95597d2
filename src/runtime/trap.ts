/** Recognises traps, and reads the guest's stack out of the engine's. */

import { TrapError } from "./errors.ts";

/** `    at main.f (wasm://wasm/0a1b2c:wasm-function[12]:0x1f3)`, and the same without a name. */
const V8_FRAME = /^\s*at (?:(.*) \()?wasm:\/\/[^)]*?wasm-function\[(\d+)\]:(0x[0-9a-f]+)\)?$/;

/** `    at .wasm-function[main.f]@[wasm code]`, as {@linkcode stackOf} writes it. */
const JSC_FRAME = /^(?:\s*at )?(.*)@\[wasm code\]$/;

/** What an engine calls the file of a guest's frame. */
const JSC_FILE = "[wasm code]";

/** A frame, as V8 and JavaScriptCore hand it to `Error.prepareStackTrace`. */
interface CallSite {
  getFileName?(): string | null | undefined;
  getFunctionName?(): string | null | undefined;
}

interface ErrorHooks {
  prepareStackTrace?: ((error: Error, frames: readonly CallSite[]) => unknown) | undefined;
}

/**
 * Turn an engine's error into a `TrapError`.
 *
 * @param error What a call of the guest threw.
 * @returns The trap; or `error` itself if it is none.
 */
export function asTrap(error: unknown): unknown {
  if (error instanceof WebAssembly.RuntimeError) {
    const message = error.message.replace(/ \(evaluating .*\)$/s, "");
    return new TrapError(`The guest trapped: ${message}`, guestFrames(stackOf(error)), error);
  }
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    const message = "The guest trapped: its calls are nested too deep for the stack";
    return new TrapError(message, guestFrames(stackOf(error)), error);
  }
  return error;
}

/** The stack of an error, in which Bun would write `unknown` for the frames of guests. */
function stackOf(error: Error): string | undefined {
  const hooks = Error as unknown as ErrorHooks;
  const { prepareStackTrace } = hooks;
  hooks.prepareStackTrace = (_, frames) => frames.map(frameText).join("\n");
  try {
    return error.stack;
  } finally {
    hooks.prepareStackTrace = prepareStackTrace;
  }
}

function frameText(frame: CallSite): string {
  const isGuest = frame.getFileName?.() === JSC_FILE;
  return `    at ${isGuest ? `${frame.getFunctionName?.() ?? ""}@${JSC_FILE}` : frame}`;
}

/**
 * The guest's frames of a stack trace.
 *
 * @param stack `Error.prototype.stack` of V8 or JavaScriptCore.
 * @returns Innermost first.
 */
export function guestFrames(stack: string | undefined): string[] {
  const frames: string[] = [];
  for (const line of (stack ?? "").split("\n")) {
    const frame = v8Frame(line) ?? jscFrame(line);
    if (frame !== undefined) frames.push(frame);
  }
  return frames;
}

function v8Frame(line: string): string | undefined {
  const match = V8_FRAME.exec(line);
  if (match === null) return undefined;
  const [, name, index, offset] = match;
  return `${readable(name ?? `wasm-function[${index}]`)} (${offset})`;
}

function jscFrame(line: string): string | undefined {
  const match = JSC_FRAME.exec(line);
  if (match === null) return undefined;
  const name = match[1]!.replace(/^.*\.wasm-function\[(.*)\]$/, "$1");
  return /^\d*$/.test(name) ? `wasm-function[${name}]` : readable(name);
}

/** V8 puts the module's own name in front, where it has one. */
function readable(name: string): string {
  return name.replace(/^[^ ]*\.wasm\./, "");
}
