/** The command's process on Node and Bun. */

import { readFileSync, readSync, statSync, writeFileSync, writeSync } from "node:fs";
import { pathForNode } from "../../platform/shared/fs/byte_paths.ts";
import { mayCallForeign } from "../../platform/shared/foreign_calls.ts";
import { textOfBytes } from "../../text/byte_text.ts";
import { canSuspend } from "../../runtime/jspi.ts";
import { enterWorkingDirectory, restartBun } from "./bun_process.ts";
import {
  exactArguments,
  exactEnvironment,
  type ProcessStrings,
  processStringsVariable,
  STRINGS_VARIABLE,
} from "./process_strings.ts";
import {
  type CommandHost,
  noSockets,
  type PlatformLoaders,
  UNDER_GO,
  whereOptionsGo,
  WITH_STACK_SIZE,
} from "./host.ts";

/** Write all of a text, though the pipe may be slow. */
function writeAll(fd: number, text: string): void {
  let bytes: Uint8Array = new TextEncoder().encode(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
    }
  }
}

function readFile(path: string | URL): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = readFileSync(typeof path === "string" ? pathForNode(path) : path);
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
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
      return readSync(0, bytes, 0, bytes.length, null);
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
  const v8 = process.getBuiltinModule("node:v8");
  v8.setFlagsFromString(`--stack-size=${kilobytes}`);
  v8.setFlagsFromString(`--wasm-stack-switching-stack-size=${kilobytes}`);
  for (const flag of INLINING) v8.setFlagsFromString(flag);
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Strings of this process. */
function nodeStrings(): ProcessStrings {
  return {
    args: process.argv.slice(2),
    passed: () => process.env[STRINGS_VARIABLE],
    variables: () => process.env,
    read(path) {
      try {
        return readFileSync(path);
      } catch {
        return undefined;
      }
    },
  };
}

const JSPI_FLAG = "--experimental-wasm-jspi";

/** Early releases of Node 24 suspend guests only with a flag at start; versions before it never do. */
function restartWithJspi(): void {
  const { execve } = process;
  const major = Number.parseInt(process.versions.node);
  if (major === 24 && !process.execArgv.includes(JSPI_FLAG)) {
    const args = [JSPI_FLAG, ...process.execArgv, "--", ...process.argv.slice(1)];
    const env = { ...process.env, ...processStringsVariable(nodeStrings()) };
    try {
      execve?.(process.execPath, [process.execPath, ...args], env);
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
 * @param platforms Loads the platforms.
 */
export function nodeHost(platforms: PlatformLoaders): CommandHost {
  const bun = (process.versions as Record<string, string | undefined>)["bun"];
  return {
    runtime: bun === undefined ? `Node ${process.versions.node}` : `Bun ${bun}`,
    get args() {
      return exactArguments(nodeStrings());
    },
    runtimePlatform: platforms.runtime,
    posixPlatform: platforms.posix,
    readFile,
    mayCallForeign,
    enterWorkingDirectory() {
      if (bun !== undefined) enterWorkingDirectory();
    },
    env: () => exactEnvironment(nodeStrings()),
    readStdin,
    whereOptionsGo: whereOptionsGo(process.env[UNDER_GO]),
    isDirectory,
    readText: (path) => textOfBytes(readFileSync(path)),
    writeFile: (path, text) => writeFileSync(path, text),
    print: (text) => writeAll(1, text),
    warn: (text) => writeAll(2, text),
    exit: (code) => process.exit(code),
    restart(stackBytes) {
      if (bun !== undefined) restartBun(stackBytes, nodeStrings());
      return Promise.resolve();
    },
    requireSuspension() {
      if (canSuspend()) return;
      if (bun !== undefined) throw noSockets(`Bun ${bun}`, "use Bun 1.4 or later");
      restartWithJspi();
    },
    setEngineFlags(stackBytes) {
      if (bun === undefined && canSuspend()) setV8Flags(stackBytes);
    },
    deeperStack() {
      if (bun !== undefined || canSuspend()) return WITH_STACK_SIZE;
      const node = `Node ${process.versions.node}`;
      const isSet = process.execArgv.some((option) => /^--stack[-_]size\b/.test(option));
      return isSet
        ? `give ${node} a larger --stack-size, within the limit of ulimit -s`
        : `${node} takes the size of its stack only when it starts: node --stack-size=7000 ${process.argv[1]}`;
    },
  };
}
