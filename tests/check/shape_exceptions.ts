/**
 * What the shape check lets pass, each with its reason.
 *
 * @module
 */

/** Reasons by what they are for. */
type Reasons = Readonly<Record<string, string>>;

/** What is let pass. */
export interface Exceptions {
  /** Files. */
  readonly largeFiles: Reasons;
  /** Folders. */
  readonly largeFolders: Reasons;
  /** Functions: `file name`. */
  readonly longFunctions: Reasons;
  /** Files, and folders ending in `/`, whose functions may have more than five parameters. */
  readonly manyParameters: Reasons;
  /** Calls: `file callee`. */
  readonly booleanCalls: Reasons;
  /** Exports: `file name`. */
  readonly unusedExports: Reasons;
  /** State at module level and statements: `file name`, `file (statement)`. */
  readonly moduleState: Reasons;
}

/** Tables that may be longer than other files. */
const LARGE_FILES: Reasons = {
  "src/runtime/trap/symbols/rust_v0.ts":
    "One grammar by recursive descent: its rules call each other and share the state of the reader",
};

/** Folders that may hold more files than others. */
const LARGE_FOLDERS: Reasons = {
  "src/preview1/abi": "One file for each prefix of the calls, and what they share",
};

const CONSTANTS = "A table of constants";
const ARITIES = "One function for each number of parameters: rest parameters would allocate";

/** Functions that may be longer than a screen: `file name`. */
const LONG_FUNCTIONS: Reasons = {
  "src/platform/posix/target/darwin.ts darwin": CONSTANTS,
  "src/platform/posix/target/linux.ts linux": CONSTANTS,
  "src/preview1/abi/import_function.ts wrapped": ARITIES,
  "src/core/guest/stack_reserve.ts reserveStack": "One call with thousands of arguments: its frame is the reserve",
  "src/runtime/guest/host_functions.ts guarded": ARITIES,
};

/** Files and folders whose functions may have more than five parameters. */
const MANY_PARAMETERS: Reasons = {
  "src/component/link/call/guard.ts": ARITIES,
  "src/platform/posix/ffi/node.ts": ARITIES,
  "src/platform/posix/poll/": "Parameters of epoll_ctl(2) and kevent(2): an object would be allocated for each call",
  "src/preview1/": "Parameters of the calls of preview 1: an object would be allocated for each call",
  "src/wasi/p2/filesystem/": "Core parameters of functions that are lowered by hand",
  "src/runtime/guest/imports.ts": "What the imports of a module are made from",
};

/** Functions that may be called with a boolean literal from other folders: `file of the call callee`. */
const BOOLEAN_CALLS: Reasons = {};

/** Exports that no file of the source imports: `file name`. */
const UNUSED_EXPORTS: Reasons = {
  "src/component/binary/component_names.ts componentNames":
    "For the adapters of preview 1, which are known by their names",
  "src/component/link/core_modules.ts compileCoreModules": "Tests of the linker compile and link in one step",
  "src/core/io/poll_list.ts PollList": "For the hosts of components: the second ABI of the tests uses it",
  "tests/tools/bundled_command.ts default": "vitest imports it: see vitest.config.ts",
  "tests/tools/longest_first.ts LongestFirst": "vitest.config.ts imports it",
};

const ONE_PLATFORM = "The same object for all callers, written once, complete";
const ONE_PROCESS = "What the process has once, whichever guest uses it";

/** State at module level: `file name`; RATIONALE "Which state belongs to the process?" has more. */
const MODULE_STATE: Reasons = {
  "src/cli/wasirun.ts (statement)": "The command",
  "src/platform/bun/mod.ts platform": ONE_PLATFORM,
  "src/platform/deno/mod.ts platform": ONE_PLATFORM,
  "src/platform/deno/network.ts closing": ONE_PROCESS,
  "src/platform/memory/fs/volume.ts nextDevice": "No two file systems in memory have the same device number",
  "src/platform/node/mod.ts platform": ONE_PLATFORM,
  "src/platform/posix/mod.ts platform": ONE_PLATFORM,
  "src/platform/posix/open_syscalls.ts opened": ONE_PLATFORM,
  "src/platform/shared/fs/path_directory.ts OPEN": ONE_PROCESS,
  "src/platform/shared/fs/precise_times.ts opened": ONE_PLATFORM,
  "src/preview1/abi/widened.ts compiled": "A compiled module, which has no state",
};

/** The exceptions of this repository. */
export const EXCEPTIONS: Exceptions = {
  largeFiles: LARGE_FILES,
  largeFolders: LARGE_FOLDERS,
  longFunctions: LONG_FUNCTIONS,
  manyParameters: MANY_PARAMETERS,
  booleanCalls: BOOLEAN_CALLS,
  unusedExports: UNUSED_EXPORTS,
  moduleState: MODULE_STATE,
};

/** None. */
export const NO_EXCEPTIONS: Exceptions = {
  largeFiles: {},
  largeFolders: {},
  longFunctions: {},
  manyParameters: {},
  booleanCalls: {},
  unusedExports: {},
  moduleState: {},
};
