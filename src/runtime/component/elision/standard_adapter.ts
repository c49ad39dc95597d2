/** Tells the standard adapter of preview 1 from others, which may do something else for the same imports. */

import { withoutVersion } from "../../../component/js/names.ts";
import { SIGNATURES } from "../../../witx/signatures.ts";

/** What the standard adapter imports for the functions of preview 1, by the beginnings of their names. */
const INTERFACES: Readonly<Record<string, string>> = {
  args_: "wasi:cli/environment",
  environ_: "wasi:cli/environment",
  clock_: "wasi:clocks/monotonic-clock",
  fd_pread: "wasi:filesystem/types",
  fd_read: "wasi:io/streams",
  fd_write: "wasi:io/streams",
  fd_prestat_: "wasi:filesystem/preopens",
  path_: "wasi:filesystem/types",
  poll_oneoff: "wasi:io/poll",
  proc_exit: "wasi:cli/exit",
  random_get: "wasi:random/random",
};

/** What the adapter of a command starts. */
const START = "__main_module__._start";

/** What it imports that is no interface of WASI. */
const OTHER_MODULES: readonly string[] = ["env", "__main_module__"];

/**
 * True for what looks like the standard adapter, and is used for nothing else than preview 1.
 *
 * @param adapter The module.
 * @param functions What is imported from it, in the place of preview 1.
 * @param kind Whether it starts the main module.
 */
export function isStandardAdapter(
  adapter: WebAssembly.Module,
  functions: readonly string[],
  kind: "command" | "reactor",
): boolean {
  if (!functions.every((name) => Object.hasOwn(SIGNATURES, unnumbered(name)))) return false;
  const imports = WebAssembly.Module.imports(adapter);
  const modules = new Set(imports.map(({ module }) => withoutVersion(module)));
  const others = [...modules].filter((name) => !name.startsWith("wasi:"));
  if (others.some((name) => !OTHER_MODULES.includes(name))) return false;
  const own = imports.filter(({ module }) => OTHER_MODULES.includes(module)).map((each) =>
    `${each.module}.${each.name}`
  );
  if (!own.includes("env.memory") || own.includes(START) !== (kind === "command")) return false;
  const needed = Object.entries(INTERFACES).filter(([prefix]) => functions.some((name) => name.startsWith(prefix)));
  return needed.every(([, name]) => modules.has(name));
}

/** Tools number imports of the same name: `fd_write [v2]`. @returns The name without the number. */
function unnumbered(name: string): string {
  return name.replace(/ \[v\d+\]$/, "");
}
