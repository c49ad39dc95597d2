/** JavaScript Promise Integration, where the runtime has it. */

/** An export as called by the host. */
export type ExportFunction = (...args: unknown[]) => unknown;

interface Jspi {
  readonly Suspending?: new (fn: (...args: never[]) => unknown) => WebAssembly.ImportValue;
  readonly promising?: (fn: ExportFunction) => (...args: unknown[]) => Promise<unknown>;
}

/** True if guests can be suspended: Deno >= 2.3, Node >= 24.21 (24 with `--experimental-wasm-jspi`), Bun >= 1.4. */
export function canSuspend(): boolean {
  const { Suspending, promising } = WebAssembly as Jspi;
  return typeof Suspending === "function" && typeof promising === "function";
}

/** Why something can't be used with a guest that blocks the thread while it waits, and what to do. */
export function cannotSuspend(): string {
  const why = canSuspend()
    ? "runSync blocks the thread. Use run or instantiate"
    : "this runtime has no JavaScript Promise Integration. Use Deno, Bun, Node 24.21, 25 or later, or an earlier Node 24 " +
      "with --experimental-wasm-jspi";
  return `the guest can't be suspended: ${why}`;
}

/** True for what the caller has made by `WebAssembly.Suspending`. In Bun 1.4 that is a function, and no instance of it. */
export function isSuspending(value: unknown): boolean {
  const { Suspending } = WebAssembly as Jspi;
  if (Suspending === undefined) return false;
  return value instanceof Suspending || (typeof value === "function" && value.name === "WebAssembly.Suspending");
}

/** True for what an engine throws where a guest would wait that was not called by {@linkcode promising}. */
export function isSuspendError(error: unknown): boolean {
  return error instanceof Error && error.name === "SuspendError";
}

/** An import that may return a promise. Call only where {@linkcode canSuspend}. */
export function suspending(fn: (...args: never[]) => unknown): WebAssembly.ImportValue {
  const { Suspending } = WebAssembly as Jspi;
  if (Suspending === undefined) {
    throw new TypeError("Cannot suspend a guest: this runtime has no WebAssembly.Suspending");
  }
  return new Suspending(fn);
}

/** An export whose call returns a promise. Call only where {@linkcode canSuspend}. */
export function promising(fn: ExportFunction): (...args: unknown[]) => Promise<unknown> {
  const { promising } = WebAssembly as Jspi;
  if (promising === undefined) throw new TypeError("Cannot suspend a guest: this runtime has no WebAssembly.promising");
  return promising(fn);
}
