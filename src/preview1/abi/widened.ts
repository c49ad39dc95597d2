/**
 * Imports with an i64 parameter, wrapped in WebAssembly: an engine allocates a bigint for every i64 that it passes to JavaScript
 * (RATIONALE "Why do some imports go through WebAssembly?").
 */

type Narrow = (...args: never[]) => unknown;

/** The wrapped functions; `widened.wat` imports their narrow forms. */
const NAMES = ["clock_time_get", "fd_pread", "fd_pwrite", "fd_seek", "path_open"] as const;

/** `widened.wat`, assembled. A test assembles it again and compares. */
export const WIDENED_MODULE: string =
  "AGFzbQEAAAABTAhgAn9/AX9gBn9/f39/fwF/YAV/f39/fwF/YAl/f39/f39/f38Bf2ADf35/AX9gBX9/f35/AX9gBH9+f38Bf2AJ" +
  "f39/f39+fn9/AX8CRAUADmNsb2NrX3RpbWVfZ2V0AAAACGZkX3ByZWFkAAEACWZkX3B3cml0ZQABAAdmZF9zZWVrAAIACXBhdGhf" +
  "b3BlbgADAwYFBAUFBgcHPwUOY2xvY2tfdGltZV9nZXQABQhmZF9wcmVhZAAGCWZkX3B3cml0ZQAHB2ZkX3NlZWsACAlwYXRoX29w" +
  "ZW4ACQpjBQgAIAAgAhAACxUAIAAgASACIAOnIANCIIinIAQQAQsVACAAIAEgAiADpyADQiCIpyAEEAILEwAgACABpyABQiCIpyAC" +
  "IAMQAwsYACAAIAEgAiADIAQgBacgBqcgByAIEAQL";

let compiled: WebAssembly.Module | undefined;

/**
 * Turn functions in their narrow form, with two i32 or nothing in place of an i64, into functions of their type in preview 1.
 *
 * @param table Has the narrow forms of {@linkcode NAMES}, or of those that are needed.
 */
export function widened<Table extends Readonly<Record<string, Narrow>>>(table: Table): Record<string, Narrow> {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(WIDENED_MODULE), (char) => char.charCodeAt(0)));
  const narrow: Record<string, Narrow> = {};
  for (const name of NAMES) narrow[name] = table[name] ?? absent;
  const { exports } = new WebAssembly.Instance(compiled, { "": narrow as WebAssembly.ModuleImports });
  return { ...table, ...exports as Record<string, Narrow> };
}

/** In the place of a function that is not needed. */
function absent(): number {
  return 0;
}

/** An i64 in two halves as a float64: exact below 2^53. */
export function toFloat64(low: number, high: number): number {
  return high * 2 ** 32 + (low >>> 0);
}
