/** Recognises traps and extracts the guest's stack from the engine's. */

import { TrapError } from "../errors.ts";
import { exportedTag, isException } from "./exception.ts";

/** Start of a frame. Patterns never match names: a guest could choose one that takes them seconds. */
const AT = /^\s*at /;

/**
 * `    at main.f (wasm://wasm/0a1b2c:wasm-function[12]:0x1f3)`, and the same without a name and parentheses: this is
 * the place.
 */
const V8_PLACE = /^wasm:\/\/[^)]*wasm-function\[(\d+)\]:(0x[0-9a-f]+)\)?$/;
const V8_SCHEME = "wasm://";

/** `    at .wasm-function[main.f]@[wasm code]`, as {@linkcode stackOf} writes it. */
const JSC_END = "@[wasm code]";
const JSC_NAME = ".wasm-function[";

/** File names of guest frames by engine. */
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
 * Converts an error of the engine or of the canonical ABI to a `TrapError`.
 *
 * @param error What a call of the guest threw.
 * @returns The trap, or `error` itself if it is not one.
 */
export function asTrap(error: unknown): unknown {
  if (error instanceof WebAssembly.RuntimeError) {
    const message = error.message.replace(/ \(evaluating .*\)$/s, "");
    return new TrapError(`The guest trapped: ${message}`, framesOf(error), error);
  }
  if (isOfCanonicalAbi(error)) return new TrapError(`The guest trapped: ${error.message}`, framesOf(error), error);
  return isStackOverflow(error) ? stackTrap(error) : error;
}

/** A `ComponentTrap`, whose class belongs to the runtime of components: that may not be loaded. */
function isOfCanonicalAbi(error: unknown): error is Error {
  return error instanceof Error && error.name === "ComponentTrap";
}

/** The trap of a guest that overflowed the stack, in its own functions or in a host function. */
export function stackTrap(error: unknown): TrapError {
  return new TrapError("The guest trapped: its calls are nested too deep for the stack", framesOf(error), error);
}

/** The guest's frames in the stack of an exception, innermost first; empty if it has no stack. */
export function framesOf(error: unknown): string[] {
  if (error instanceof Error) return guestFrames(stackOf(error));
  const stack = (error as { readonly stack?: unknown } | null | undefined)?.stack;
  return guestFrames(typeof stack === "string" ? stack : undefined);
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && /call stack/.test(error.message);
}

/**
 * Converts an exception that the guest did not catch: a trap, a WebAssembly exception, or a value that the guest threw
 * through `WebAssembly.JSTag`.
 *
 * @param error What a call of the guest threw.
 * @param exports Exports of the guest: its tags have their names there.
 * @returns A `TrapError`; or `error` itself if it is an `Error` of JavaScript.
 */
export function asUncaught(error: unknown, exports: WebAssembly.Exports): unknown {
  if (error instanceof Error) return asTrap(error);
  const frames = framesOf(error);
  const what = isException(error) ? `WebAssembly exception${tagText(error, exports)}` : "JavaScript exception";
  const stack = frames.length === 0 ? " (the engine has not recorded its stack)" : "";
  return new TrapError(`The guest trapped: uncaught ${what}${stack}`, frames, error);
}

/** The name of an exception's tag, if the guest exports it. */
function tagText(exception: Parameters<typeof exportedTag>[0], exports: WebAssembly.Exports): string {
  const name = exportedTag(exception, exports);
  return name === undefined ? "" : ` with the tag ${JSON.stringify(name)}`;
}

/** The stack of an error, with guest frames that Bun shows as `unknown` by default. */
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
  const frame = withoutAt(line);
  if (frame === undefined) return undefined;
  const parenthesis = frame.lastIndexOf(` (${V8_SCHEME}`);
  const match = V8_PLACE.exec(parenthesis < 0 ? frame : frame.slice(parenthesis + 2));
  if (match === null) return undefined;
  const [, index, offset] = match;
  return `${readable(parenthesis < 0 ? `wasm-function[${index}]` : frame.slice(0, parenthesis))} (${offset})`;
}

function jscFrame(line: string): string | undefined {
  if (!line.endsWith(JSC_END)) return undefined;
  const whole = (withoutAt(line) ?? line).slice(0, -JSC_END.length);
  const nameAt = whole.endsWith("]") ? whole.lastIndexOf(JSC_NAME) : -1;
  const name = nameAt < 0 ? whole : whole.slice(nameAt + JSC_NAME.length, -1);
  return /^\d*$/.test(name) ? `wasm-function[${name}]` : readable(name);
}

function withoutAt(line: string): string | undefined {
  const at = AT.exec(line);
  return at === null ? undefined : line.slice(at[0].length);
}

/** V8 prefixes the module's own name, if it has one. */
function readable(name: string): string {
  return name.replace(/^[^ ]*\.wasm\./, "");
}
