/**
 * Building a file once, however many test processes ask for it at the same time.
 *
 * @module
 */

import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

const LOCK_POLL_MS = 50;

const running = new Map<string, Promise<string>>();

/**
 * Make `target` unless it is there already.
 *
 * Other processes that ask meanwhile wait for this one. A lock that a dead process left is taken over, and even then
 * nobody sees half a file: it is built elsewhere and renamed.
 *
 * @param target Path to make; what it holds must be decided by its name.
 * @param build Makes the file or directory at the path it is given.
 * @returns `target`.
 */
export function buildOnce(target: string, build: (temporary: string) => Promise<void>): Promise<string> {
  const started = running.get(target);
  if (started !== undefined) return started;
  const promise = buildLocked(target, build).finally(() => running.delete(target));
  running.set(target, promise);
  return promise;
}

async function buildLocked(target: string, build: (temporary: string) => Promise<void>): Promise<string> {
  if (await exists(target)) return target;
  await mkdir(dirname(target), { recursive: true });
  const lock = `${target}.lock`;
  while (!await takeLock(lock)) {
    await sleep(LOCK_POLL_MS);
    await dropDeadLock(lock);
  }
  // Linkers may write the file's name into it, so it has its own already.
  const folder = `${target}.${process.pid}.tmp`;
  const temporary = join(folder, basename(target));
  try {
    if (await exists(target)) return target;
    await mkdir(folder, { recursive: true });
    await build(temporary);
    await rename(temporary, target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(lock, { force: true });
  }
}

/** @returns True if there is something at `path`. */
export async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

async function dropDeadLock(lock: string): Promise<void> {
  const holder = Number.parseInt(await readFile(lock, "utf8").catch(() => ""), 10);
  if (Number.isInteger(holder) && !isAlive(holder)) await rm(lock, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== "ESRCH";
  }
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
