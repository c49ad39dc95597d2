/** The runtime that this process is. */

/** The runtimes that have a platform of their own. */
export type Runtime = "deno" | "bun" | "node";

/** Detects the runtime by the globals that only it has: Deno and Bun also have those of Node. */
export function currentRuntime(): Runtime {
  const { Deno, Bun } = globalThis as { Deno?: { version?: unknown }; Bun?: { version?: unknown } };
  if (Deno?.version !== undefined) return "deno";
  return Bun?.version === undefined ? "node" : "bun";
}
