/** The command's process on Deno. */

import { pathForDeno } from "../../platform/shared/fs/byte_paths.ts";
import { mayCallForeign } from "../../platform/shared/foreign_calls.ts";
import { textOfBytes } from "../../text/byte_text.ts";
import { canSuspend } from "../../runtime/jspi.ts";
import {
  type CommandHost,
  noSockets,
  type PlatformLoaders,
  STARTED,
  UNDER_GO,
  wasStartedWith,
  whereOptionsGo,
  WITH_STACK_SIZE,
} from "./host.ts";
import {
  exactArguments,
  exactEnvironment,
  type ProcessStrings,
  processStringsVariable,
  STRINGS_VARIABLE,
} from "./process_strings.ts";

type Signal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGQUIT";

interface ChildStatus {
  readonly code: number;
  readonly signal: Signal | null;
}

interface ChildProcess {
  readonly status: Promise<ChildStatus>;
  kill(signal: Signal): void;
}

interface DenoProcess {
  readonly args: readonly string[];
  readonly version: { readonly deno: string };
  readonly mainModule: string;
  readonly pid: number;
  readonly env: { get(name: string): string | undefined; toObject(): Record<string, string> };
  readonly permissions: {
    querySync(
      descriptor: { name: string; path?: string; variable?: string },
    ): { readonly state: string; readonly partial?: boolean };
  };
  readonly stdin: { readSync(bytes: Uint8Array): number | null };
  readonly stdout: { writeSync(bytes: Uint8Array): number };
  readonly stderr: { writeSync(bytes: Uint8Array): number };
  readonly Command: new (
    path: string,
    options: {
      args: readonly string[];
      env: Record<string, string>;
      stdin: "inherit";
      stdout: "inherit";
      stderr: "inherit";
    },
  ) => { spawn(): ChildProcess };
  execPath(): string;
  exit(code: number): never;
  kill(pid: number, signal: Signal): void;
  readFileSync(path: string | URL): Uint8Array<ArrayBuffer>;
  writeTextFileSync(path: string, text: string): void;
  statSync(path: string): { readonly isDirectory: boolean };
  addSignalListener(signal: Signal, listener: () => void): void;
  removeSignalListener(signal: Signal, listener: () => void): void;
}

const SIGNALS: readonly Signal[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

/** How long to wait for the end by a signal that the process has sent itself (ms). */
const SIGNAL_MS = 1000;

const PERMISSIONS: readonly string[] = ["read", "write", "env", "net", "run", "sys", "ffi"];

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes: Uint8Array = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch {
    // Nobody reads it.
  }
}

function readAll(stream: { readSync(bytes: Uint8Array): number | null }): Uint8Array<ArrayBuffer> {
  let bytes = new Uint8Array(1 << 16);
  let length = 0;
  for (;;) {
    const count = stream.readSync(bytes.subarray(length));
    if (count === null) return bytes.slice(0, length);
    length += count;
    if (length < bytes.length) continue;
    const grown = new Uint8Array(bytes.length * 2);
    grown.set(bytes);
    bytes = grown;
  }
}

/** Strings of this process. Deno leaves out variables that are not UTF-8, and lets only those read /proc who may do all. */
function stringsOf(deno: DenoProcess): ProcessStrings {
  return {
    args: deno.args,
    passed: () => mayReadVariable(deno, STRINGS_VARIABLE) ? deno.env.get(STRINGS_VARIABLE) : undefined,
    variables: () => deno.env.toObject(),
    isLeftOut(name) {
      try {
        deno.env.get(name);
        return false;
      } catch (error) {
        return (error as { name?: unknown }).name === "InvalidData";
      }
    },
    read(path) {
      if (!hasAllPermissions(deno)) return undefined;
      try {
        return deno.readFileSync(path);
      } catch {
        return undefined;
      }
    },
  };
}

/** The child has all permissions: it can be started only by a process that has them as well. */
function hasAllPermissions(deno: DenoProcess): boolean {
  return PERMISSIONS.every((name) => {
    const { state, partial } = deno.permissions.querySync({ name });
    return state === "granted" && partial !== true;
  });
}

function hasStackFlags(deno: DenoProcess, stackBytes: number): boolean {
  if (deno.permissions.querySync({ name: "env" }).state !== "granted") return true;
  return wasStartedWith(deno.env.get(STARTED), stackBytes) ||
    (deno.env.get("DENO_V8_FLAGS") ?? "").includes("stack-size");
}

/** The built command needs no configuration, a checkout its own; no other one is to be found. */
function ownConfiguration(): string[] {
  const { protocol, pathname } = new URL("../../../deno.json", import.meta.url);
  const isCheckout = protocol === "file:" && import.meta.url.endsWith("/src/cli/host/deno.ts");
  return [isCheckout ? `--config=${decodeURIComponent(pathname)}` : "--no-config", "--no-lock"];
}

/**
 * V8's flags are fixed once Deno has started, and Deno can't become another process: run the command in a child, hand
 * signals on, and end as it ends.
 */
async function runInChild(deno: DenoProcess, stackBytes: number): Promise<never> {
  const kilobytes = Math.ceil(stackBytes / 1024);
  const flags = `--v8-flags=--stack-size=${kilobytes},--wasm-stack-switching-stack-size=${kilobytes}`;
  // Before there is a child: a signal that ended this process alone would leave it behind.
  const forwards = SIGNALS.map((signal) => {
    const listener = (): void => child.kill(signal);
    deno.addSignalListener(signal, listener);
    return { signal, listener };
  });
  const child = new deno.Command(deno.execPath(), {
    args: ["run", "-A", "--quiet", flags, ...ownConfiguration(), deno.mainModule, ...deno.args],
    env: { [STARTED]: String(kilobytes), ...processStringsVariable(stringsOf(deno)) },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const { code, signal } = await child.status;
  for (const forward of forwards) deno.removeSignalListener(forward.signal, forward.listener);
  if (signal !== null && SIGNALS.includes(signal)) {
    deno.kill(deno.pid, signal);
    // Deno ends by the signal a little later, in a thread of its own.
    await new Promise((resolve) => setTimeout(resolve, SIGNAL_MS));
  }
  return deno.exit(code);
}

function mayReadVariable(deno: DenoProcess, variable: string): boolean {
  return deno.permissions.querySync({ name: "env", variable }).state === "granted";
}

function isDirectory(deno: DenoProcess, path: string): boolean {
  // Without the permission Deno would ask the user.
  if (deno.permissions.querySync({ name: "read", path }).state !== "granted") return false;
  try {
    return deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/**
 * The process of Deno.
 *
 * @param platforms Loads the platforms.
 */
export function denoHost(platforms: PlatformLoaders): CommandHost {
  const deno = (globalThis as unknown as { Deno: DenoProcess }).Deno;
  return {
    runtime: `Deno ${deno.version.deno}`,
    get args() {
      return exactArguments(stringsOf(deno));
    },
    runtimePlatform: platforms.runtime,
    posixPlatform: platforms.posix,
    readFile: (path) => deno.readFileSync(typeof path === "string" ? pathForDeno(path) : path),
    mayCallForeign,
    enterWorkingDirectory: () => {},
    env: () => exactEnvironment(stringsOf(deno)),
    readStdin: () => readAll(deno.stdin),
    whereOptionsGo: whereOptionsGo(mayReadVariable(deno, UNDER_GO) ? deno.env.get(UNDER_GO) : undefined),
    isDirectory: (path) => isDirectory(deno, path),
    readText: (path) => textOfBytes(deno.readFileSync(path)),
    writeFile: (path, text) => deno.writeTextFileSync(path, text),
    print: (text) => writeAll(deno.stdout, text),
    warn: (text) => writeAll(deno.stderr, text),
    exit: (code) => deno.exit(code),
    async restart(stackBytes) {
      if (!hasStackFlags(deno, stackBytes) && hasAllPermissions(deno)) await runInChild(deno, stackBytes);
    },
    requireSuspension() {
      if (!canSuspend()) throw noSockets(`Deno ${deno.version.deno}`, "use Deno 2.3 or later");
    },
    // V8's flags are fixed once Deno has started.
    setEngineFlags: () => {},
    deeperStack() {
      const takesOption = deno.permissions.querySync({ name: "env" }).state === "granted" && hasAllPermissions(deno);
      return takesOption ? WITH_STACK_SIZE : "run it with deno run -A, so that it can start itself with a deeper one";
    },
  };
}
