/** The command's process on Node and Bun. */

import fs from "node:fs";
import process from "node:process";
import type { Platform } from "../core/platform.ts";
import { type CommandHost, STARTED, wasStartedWith } from "./host.ts";

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

/** V8 reads these flags whenever it makes a stack for a suspended guest. */
async function deepenV8Stacks(stackBytes: number): Promise<void> {
  const kilobytes = Math.ceil(stackBytes / 1024);
  const v8 = await import("node:v8");
  v8.setFlagsFromString(`--stack-size=${kilobytes}`);
  v8.setFlagsFromString(`--wasm-stack-switching-stack-size=${kilobytes}`);
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
    env: () => process.env as Record<string, string>,
    readStdin: () => new Uint8Array(fs.readFileSync(0)),
    readText: (path) => fs.readFileSync(path, "utf8"),
    print: (text) => writeAll(1, text),
    warn: (text) => writeAll(2, text),
    exit: (code) => process.exit(code),
    restart(stackBytes) {
      if (bun !== undefined) restartBun(stackBytes);
      return Promise.resolve();
    },
    async deepenStacks(stackBytes) {
      if (bun === undefined) await deepenV8Stacks(stackBytes);
    },
  };
}
