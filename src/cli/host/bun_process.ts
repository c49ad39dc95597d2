/** Start of the command on Bun, which must read nothing from the current folder. */

import { type BigIntStats, closeSync, fstatSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { STARTED, wasStartedWith, WORKING_DIRECTORY } from "./host.ts";
import { type ProcessStrings, processStringsVariable } from "./process_strings.ts";

/** Part of the thread's stack for the engine itself (KiB). */
const MARGIN = 1024;

/**
 * Bun runs what `bunfig.toml` in its working directory names, reads variables from `.env`, and uses `tsconfig.json`
 * to resolve imports. A guest may have written them.
 */
const CLOSED = ["--config=/dev/null", "--tsconfig-override=/dev/null", "--no-env-file", "--no-install"];

/** Raises the stack limit, leaves the user's folder as the launcher does, and replaces itself with the runtime. */
const RAISE_AND_EXEC = `ulimit -s "$1" 2>/dev/null
export ${WORKING_DIRECTORY}="$PWD"
if [ -n "$PWD" ] && [ -r . ] && [ -d /dev/fd ]; then
  for _held in 9 8 7 6 5 4 3 ''; do
    if ! [ -e "/dev/fd/$_held" ]; then break; fi
  done
  if [ -n "$_held" ] && eval "exec $_held<."; then
    ${WORKING_DIRECTORY}=$_held:$PWD
    case $PWD in *[!\\ -~]*) if [ -d /proc/self/fd ]; then ${WORKING_DIRECTORY}=$_held:; fi ;; esac
  fi
fi
_here=$PWD _old=\${OLDPWD-}
CDPATH= cd -- "$2" 2>/dev/null || cd / || exit 1
PWD=$_here OLDPWD=$_old
if [ -z "$_old" ]; then unset OLDPWD; fi
shift 2
exec "$@"`;

/**
 * Changes to the folder that the command was started in: the launcher starts Bun in another one.
 *
 * @throws {Error} If that fails: relative paths would refer to another folder.
 */
export function enterWorkingDirectory(): void {
  const value = process.env[WORKING_DIRECTORY];
  if (value === undefined) return;
  delete process.env[WORKING_DIRECTORY];
  if (value === "") throw new Error("Cannot enter the working directory: it was removed; go to one that is there");
  const [, held, path] = /^(?:(\d+):)?(.*)$/s.exec(value)!;
  try {
    if (held === undefined) process.chdir(path!);
    else enterHeld(Number(held), path!);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot enter the working directory${path === "" ? "" : ` ${path}`}: ${why}`, { cause: error });
  }
}

/** Changes to the folder of a descriptor; without /proc by name, which must still lead to the same folder. */
function enterHeld(fd: number, path: string): void {
  let held: BigIntStats | undefined;
  try {
    held = fstatSync(fd, { bigint: true });
  } catch {
    // Bun was started by a program that does not pass descriptors on.
  }
  if (held?.isDirectory() !== true) return process.chdir(path);
  process.chdir(process.platform === "linux" ? `/proc/self/fd/${fd}` : path);
  const { dev, ino } = statSync(".", { bigint: true });
  closeSync(fd);
  if (dev !== held.dev || ino !== held.ino) {
    throw new Error("it was replaced while Bun started; run the command again");
  }
}

/**
 * JavaScriptCore runs guests on the stack of the thread, whose size is fixed at process start: this becomes a shell
 * that becomes this command again. Returns if the process was started with that size, or can't be replaced.
 *
 * @param stackBytes Size of the guest's stack.
 * @param strings Arguments and variables of the process.
 */
export function restartBun(stackBytes: number, strings: ProcessStrings): void {
  const { execve } = process;
  if (wasStartedWith(process.env[STARTED], stackBytes) || execve === undefined) return;
  const kilobytes = String(Math.ceil(stackBytes / 1024) + MARGIN);
  // Bun has no value for a variable whose name is not UTF-8.
  const variables = Object.entries(process.env).filter(([, value]) => value !== undefined);
  const [, main = "/", ...args] = process.argv;
  const env = {
    // An instance for each request makes a memory for each request, which is slow if each is 4 GiB of addresses.
    ...(args[0] === "serve" ? { BUN_JSC_useWasmFastMemory: "0" } : {}),
    ...Object.fromEntries(variables),
    [STARTED]: String(Math.ceil(stackBytes / 1024)),
    ...processStringsVariable(strings),
    BUN_JSC_maxPerThreadStackUsage: String(stackBytes),
  };
  const flags = [...process.execArgv.filter((flag) => !CLOSED.includes(flag)), ...CLOSED];
  // Bun drops a -- that follows the file: not the one of the user.
  const command = [process.execPath, ...flags, main, "--", ...args];
  const script = ["sh", "-c", RAISE_AND_EXEC, "sh", kilobytes, dirname(main)];
  try {
    execve("/bin/sh", [...script, ...command], env);
  } catch {
    // Without a shell the guest gets the existing stack.
  }
}
