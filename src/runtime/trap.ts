/** Recognises traps, and reads the guest's stack out of the engine's. */

import { TrapError } from "./errors.ts";

/** `    at main.f (wasm://wasm/0a1b2c:wasm-function[12]:0x1f3)`, and the same without a name. */
const V8_FRAME = /^\s*at (?:(.*) \()?wasm:\/\/[^)]*?wasm-function\[(\d+)\]:(0x[0-9a-f]+)\)?$/;

/** `main.f@[wasm code]`, `<?>.wasm-function[12]@[wasm code]`. */
const JSC_FRAME = /^(.*)@\[wasm code\]$/;

/**
 * Turn an engine's error into a `TrapError`.
 *
 * @param error What a call of the guest threw.
 * @returns The trap; or `error` itself if it is none.
 */
export function asTrap(error: unknown): unknown {
  if (error instanceof WebAssembly.RuntimeError) {
    return new TrapError(`The guest trapped: ${error.message}`, guestFrames(error.stack), error);
  }
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    const message = "The guest trapped: its calls are nested too deep for the stack";
    return new TrapError(message, guestFrames(error.stack), error);
  }
  return error;
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
  const name = match[1]!.replace(/^<\?>\.wasm-function\[(\d+)\]$/, "wasm-function[$1]")
    .replace(/^.*\.wasm-function\[(.*)\]$/, "$1");
  return readable(name === "" ? "wasm function" : name);
}

/** The linker of Go writes what a name section can't hold as `_`, and the engines put the module's name in front. */
function readable(name: string): string {
  return name.replace(/^[^ ]*\.wasm\./, "");
}
