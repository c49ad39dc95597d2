/** JavaScript Promise Integration, where the runtime has it. */

/** An export as called by the host. */
export type ExportFunction = (...args: unknown[]) => unknown;

interface Jspi {
  readonly Suspending?: new (fn: (...args: never[]) => unknown) => WebAssembly.ImportValue;
  readonly promising?: (fn: ExportFunction) => (...args: unknown[]) => Promise<unknown>;
}

/** True if guests can be suspended: Deno >= 2.3, Node >= 25 (24 with `--experimental-wasm-jspi`), Bun >= 1.4. */
export function canSuspend(): boolean {
  const { Suspending, promising } = WebAssembly as Jspi;
  return typeof Suspending === "function" && typeof promising === "function";
}

/** An import that may answer a promise. Call only where {@linkcode canSuspend}. */
export function suspending(fn: (...args: never[]) => unknown): WebAssembly.ImportValue {
  const { Suspending } = WebAssembly as Jspi;
  if (Suspending === undefined) {
    throw new TypeError("Cannot suspend a guest: this runtime has no WebAssembly.Suspending");
  }
  return new Suspending(fn);
}

/** An export whose call answers a promise. Call only where {@linkcode canSuspend}. */
export function promising(fn: ExportFunction): (...args: unknown[]) => Promise<unknown> {
  const { promising } = WebAssembly as Jspi;
  if (promising === undefined) throw new TypeError("Cannot suspend a guest: this runtime has no WebAssembly.promising");
  return promising(fn);
}
