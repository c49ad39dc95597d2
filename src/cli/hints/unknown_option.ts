/** Advice for unknown options: those of other tools, and typing errors. */

import leven from "leven";

const DIR = "directories are mounted by --dir HOST::GUEST";
const NET = "the network is opened by --allow-net, --listen and --dial";
const NO_LIMIT = "a running guest has no limit of time; use timeout(1), such as: timeout 10 wasirun app.wasm";
const PROFILE = "profile the runtime, such as NODE_OPTIONS=--cpu-prof with WASIRUN_RUNTIME=node";
const ENGINE = "the engine is the runtime's; its options are set by NODE_OPTIONS, BUN_OPTIONS or DENO_V8_FLAGS";

/** Options of wasmtime, wazero, wasmer, wasi-go, Deno, Node and docker. */
const OTHER_TOOLS: Readonly<Record<string, string>> = {
  // wasmtime
  "-S": `WASI needs no option to be switched on; ${NET}`,
  "--wasi": `WASI needs no option to be switched on; ${NET}`,
  "-W": "the features of WebAssembly are the runtime's; the size of the stack is --stack-size",
  "--wasm": "the features of WebAssembly are the runtime's; the size of the stack is --stack-size",
  "-O": ENGINE,
  "-C": ENGINE,
  "-D": ENGINE,
  "--preload": "modules are not linked with others; pass imports through the library",
  "--fuel": NO_LIMIT,
  "--max-wasm-stack": "the size of the stack is --stack-size",
  "--max-memory-size": "the memory of the guest is limited by --max-memory",
  "--listenfd": "sockets are handed to the guest by --listen",
  "--profile": PROFILE,
  "--mapdir": DIR,
  // wazero
  "--mount": DIR,
  "--timeout": NO_LIMIT,
  "--hostlogging": "calls of the host are printed by --trace",
  "--cachedir": "there is no cache of compiled modules",
  "--interpreter": ENGINE,
  "--cpuprofile": PROFILE,
  "--memprofile": PROFILE,
  // wasmer
  "--net": NET,
  "--volume": DIR,
  "--forward-host-env": "the environment is passed on by --env-inherit, or a variable by --env NAME",
  "--entrypoint": "an export other than _start is called by --invoke",
  "--singlepass": ENGINE,
  "--cranelift": ENGINE,
  "--llvm": ENGINE,
  // wasi-go
  "--pprof-addr": PROFILE,
  "--http": `wasi-http is not there; ${NET}`,
  "--max-open-dirs": "directories count as files: --max-open-files",
  "--tracer-string-size": "--trace prints no contents",
  // Deno, Node, docker and others
  "-A": "nothing is allowed as a whole; write --dir /, --env-inherit and --allow-net",
  "--allow-all": "nothing is allowed as a whole; write --dir /, --env-inherit and --allow-net",
  "--allow-read": "directories are mounted by --dir, only to be read with :ro at the end",
  "--allow-write": "directories are mounted by --dir",
  "--allow-env": "variables are passed on by --env NAME, all by --env-inherit",
  "--allow-fs-read": "directories are mounted by --dir, only to be read with :ro at the end",
  "--allow-fs-write": "directories are mounted by --dir",
  "--publish": NET,
  "--workdir": "the working directory of the guest is --cwd",
  "-e": "variables are set by --env NAME=VALUE",
  "-d": "directories are mounted by --dir",
  "-p": NET,
  "-w": "the working directory of the guest is --cwd",
  "-V": "the version is printed by --version",
  "--verbose": "calls of the host are printed by --trace",
  "--runtime": "the runtime is chosen by the variable WASIRUN_RUNTIME=deno|bun|node",
};

/**
 * Suggests a replacement for an unknown option.
 *
 * @param option The option, without a value.
 * @param known All options.
 * @param flags The boolean ones.
 */
export function unknownOptionAdvice(option: string, known: readonly string[], flags: readonly string[]): string {
  const long = option.replace(/^-+/, "--");
  // wasmtime's one-letter options include their values: -Shttp.
  const advice = OTHER_TOOLS[option] ?? OTHER_TOOLS[long] ?? OTHER_TOOLS[/^-[SWOCD]/.exec(option)?.[0] ?? ""];
  if (advice !== undefined) return advice;
  if (known.includes(long)) return `did you mean ${long}?`;
  const negated = long.replace(/^--no-/, "--");
  if (flags.includes(negated)) return `write ${negated}=false`;
  const near = nearest(long, known);
  if (near !== undefined) return `did you mean ${near}?`;
  return "there is no such option; see wasirun --help. Options of the guest go behind the module";
}

/** The most similar known option: up to one error in three letters, or swapped letters. */
function nearest(option: string, known: readonly string[]): string | undefined {
  const [first] = known.map((name) => ({ name, distance: leven(name, option) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor((name.length - 2) / 3)) || isSwap(name, option))
    .sort((a, b) => a.distance - b.distance);
  return first?.name;
}

function isSwap(name: string, option: string): boolean {
  return leven(name, option) <= 2 && [...name].sort().join("") === [...option].sort().join("");
}
