/** The command's process on Deno. */

import { denoPlatform } from "../platform/deno.ts";
import { canSuspend } from "../runtime/jspi.ts";
import { type CommandHost, noSockets, STARTED, wasStartedWith, WITH_STACK_SIZE } from "./host.ts";

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
    querySync(descriptor: { name: string }): { readonly state: string; readonly partial?: boolean };
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
  readTextFileSync(path: string): string;
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

/** The child has all permissions: it can be started only by a process that has them as well. */
function hasAllPermissions(deno: DenoProcess): boolean {
  return hasPermissions(deno, PERMISSIONS);
}

function hasPermissions(deno: DenoProcess, names: readonly string[]): boolean {
  return names.every((name) => {
    const { state, partial } = deno.permissions.querySync({ name });
    return state === "granted" && partial !== true;
  });
}

function hasStackFlags(deno: DenoProcess, stackBytes: number): boolean {
  if (deno.permissions.querySync({ name: "env" }).state !== "granted") return true;
  return wasStartedWith(deno.env.get(STARTED), stackBytes) ||
    (deno.env.get("DENO_V8_FLAGS") ?? "").includes("stack-size");
}

/**
 * V8's flags are fixed once Deno has started, and Deno can't become another process: run the command in a child, hand
 * signals on, and end as it ends.
 */
async function runInChild(deno: DenoProcess, stackBytes: number): Promise<never> {
  const kilobytes = Math.ceil(stackBytes / 1024);
  const flags = `--v8-flags=--stack-size=${kilobytes},--wasm-stack-switching-stack-size=${kilobytes}`;
  const child = new deno.Command(deno.execPath(), {
    args: ["run", "-A", "--quiet", flags, deno.mainModule, ...deno.args],
    env: { [STARTED]: String(kilobytes) },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const forwards = SIGNALS.map((signal) => {
    const listener = (): void => child.kill(signal);
    deno.addSignalListener(signal, listener);
    return { signal, listener };
  });
  const { code, signal } = await child.status;
  for (const forward of forwards) deno.removeSignalListener(forward.signal, forward.listener);
  if (signal !== null && SIGNALS.includes(signal)) {
    deno.kill(deno.pid, signal);
    // Deno ends by the signal a little later, in a thread of its own.
    await new Promise((resolve) => setTimeout(resolve, SIGNAL_MS));
  }
  return deno.exit(code);
}

/** The process of Deno. */
export function denoHost(): CommandHost {
  const deno = (globalThis as unknown as { Deno: DenoProcess }).Deno;
  return {
    runtime: `Deno ${deno.version.deno}`,
    args: deno.args,
    platform: denoPlatform(),
    mayCallForeign: () => hasPermissions(deno, ["ffi", "read", "write", "net"]),
    env: () => deno.env.toObject(),
    readStdin: () => readAll(deno.stdin),
    readText: (path) => deno.readTextFileSync(path),
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
    compilesInBackground: false,
    setEngineFlags: () => {},
    deeperStack() {
      const takesOption = deno.permissions.querySync({ name: "env" }).state === "granted" && hasAllPermissions(deno);
      return takesOption ? WITH_STACK_SIZE : "run it with deno run -A, so that it can start itself with a deeper one";
    },
  };
}
