/** The command's process on Node and Bun. */

import fs from "node:fs";
import { createRequire } from "node:module";
import type { Platform } from "../core/platform.ts";
import { canSuspend } from "../runtime/jspi.ts";
import { type CommandHost, noSockets, STARTED, wasStartedWith, WITH_STACK_SIZE } from "./host.ts";

/** Write all of a text, though the pipe may be slow. */
function writeAll(fd: number, text: string): void {
  let bytes: Uint8Array = new TextEncoder().encode(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(fs.writeSync(fd, bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
    }
  }
}

/** Read all that comes, though whoever shares the pipe may have made it non-blocking. */
function readStdin(): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = new Uint8Array(1 << 16);
    const count = readOrWait(chunk);
    if (count === 0) return new Uint8Array(Buffer.concat(chunks));
    chunks.push(chunk.subarray(0, count));
  }
}

function readOrWait(bytes: Uint8Array): number {
  for (;;) {
    try {
      return fs.readSync(0, bytes, 0, bytes.length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** The wrappers of Node's foreign calls are fast only where V8 makes them part of their callers, for which they are too large. */
const INLINING = ["--max-inlined-bytecode-size=2000", "--max-inlined-bytecode-size-cumulative=4000"];

/** V8 reads these flags whenever it makes a stack for a suspended guest. To load `node:v8` is what takes the time: 5 ms. */
function setV8Flags(stackBytes: number): void {
  const kilobytes = Math.ceil(stackBytes / 1024);
  const v8 = createRequire(import.meta.url)("node:v8") as typeof import("node:v8");
  v8.setFlagsFromString(`--stack-size=${kilobytes}`);
  v8.setFlagsFromString(`--wasm-stack-switching-stack-size=${kilobytes}`);
  for (const flag of INLINING) v8.setFlagsFromString(flag);
}

/** Stack of the thread that is left to the engine itself (KiB). */
const MARGIN = 1024;

/** The shell that raises its limit and becomes the runtime; where the limit can't be raised, it stays as it is. */
const RAISE_AND_EXEC = 'ulimit -s "$1" 2>/dev/null; shift; exec "$@"';

/**
 * JavaScriptCore runs guests on the stack of the thread, whose size is fixed when the process starts: become a shell
 * that becomes this command again.
 */
function restartBun(stackBytes: number): void {
  const { execve } = process;
  if (wasStartedWith(process.env[STARTED], stackBytes) || execve === undefined) return;
  const kilobytes = String(Math.ceil(stackBytes / 1024) + MARGIN);
  const env = {
    ...process.env,
    [STARTED]: String(Math.ceil(stackBytes / 1024)),
    BUN_JSC_maxPerThreadStackUsage: String(stackBytes),
  };
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  try {
    execve("/bin/sh", ["sh", "-c", RAISE_AND_EXEC, "sh", kilobytes, ...command], env);
  } catch {
    // Without a shell the guest has the stack that there is.
  }
}

const JSPI_FLAG = "--experimental-wasm-jspi";

/** Early releases of Node 24 suspend guests only if they are told so when they start; those before it never do. */
function restartWithJspi(): void {
  const { execve } = process;
  const major = Number.parseInt(process.versions.node);
  if (major === 24 && !process.execArgv.includes(JSPI_FLAG)) {
    const args = [JSPI_FLAG, ...process.execArgv, "--", ...process.argv.slice(1)];
    try {
      execve?.(process.execPath, [process.execPath, ...args], process.env);
    } catch {
      // A system without it.
    }
    throw noSockets(`Node ${process.versions.node}`, `run it with node ${JSPI_FLAG} ${process.argv[1]}`);
  }
  throw noSockets(`Node ${process.versions.node}`, "use Node 25 or later, Deno or Bun");
}

/**
 * The process of Node or Bun.
 *
 * @param platform Its platform.
 */
export function nodeHost(platform: Platform): CommandHost {
  const bun = (process.versions as Record<string, string | undefined>)["bun"];
  return {
    runtime: bun === undefined ? `Node ${process.versions.node}` : `Bun ${bun}`,
    args: process.argv.slice(2),
    platform,
    mayCallForeign: () => true,
    env: () => process.env as Record<string, string>,
    readStdin,
    readText: (path) => fs.readFileSync(path, "utf8"),
    print: (text) => writeAll(1, text),
    warn: (text) => writeAll(2, text),
    exit: (code) => process.exit(code),
    restart(stackBytes) {
      if (bun !== undefined) restartBun(stackBytes);
      return Promise.resolve();
    },
    requireSuspension() {
      if (canSuspend()) return;
      if (bun !== undefined) throw noSockets(`Bun ${bun}`, "use Bun 1.4 or later");
      restartWithJspi();
    },
    compilesInBackground: bun === undefined,
    setEngineFlags(stackBytes) {
      if (bun === undefined && canSuspend()) setV8Flags(stackBytes);
    },
    deeperStack() {
      const takesOption = bun !== undefined || canSuspend();
      return takesOption
        ? WITH_STACK_SIZE
        : `this Node takes it only itself: node --stack-size=7000 ${process.argv[1]}`;
    },
  };
}
