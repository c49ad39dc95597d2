/** Directories from plain objects. */

import type { PlatformClock } from "../../../contract/platform.ts";
import { MemoryDirectory } from "./directory.ts";
import { failure } from "./failure.ts";
import { newRoot } from "./inode.ts";
import type { MemoryLimits } from "./quota.ts";
import { realClock } from "../real_clock.ts";
import { Volume } from "./volume.ts";
import { errnoFromResult } from "../../../contract/results.ts";

/** Stands for a symbolic link in a {@linkcode MemoryTree}. */
export class MemorySymlink {
  /** Its target. */
  readonly target: string;

  /**
   * Make a link; {@linkcode symlink} is shorter.
   *
   * @param target Its target.
   */
  constructor(target: string) {
    this.target = target;
  }
}

/**
 * A directory as a plain object, by names: texts (stored as UTF-8) and bytes are files, objects are directories, and
 * {@linkcode symlink} makes links.
 */
export interface MemoryTree {
  /** A file, a directory or a link, by its name. */
  readonly [name: string]: string | Uint8Array | MemorySymlink | MemoryTree;
}

/** Options of {@linkcode memoryDirectory}. */
export interface MemoryDirectoryOptions extends MemoryLimits {
  /** Clock for file times. Default: the wall clock of the runtime. */
  readonly clock?: PlatformClock;
}

/**
 * A symbolic link, for a {@linkcode MemoryTree}.
 *
 * @param target Its target, relative to the directory of the link.
 *
 * @example A link beside a file
 * ```ts
 * import { memoryDirectory, symlink } from "wasirun/memory";
 * import assert from "node:assert/strict";
 *
 * const directory = memoryDirectory({ "v2.txt": "new", "latest.txt": symlink("v2.txt") });
 * assert.equal(directory.readText("latest.txt"), "new");
 * ```
 */
export function symlink(target: string): MemorySymlink {
  return new MemorySymlink(target);
}

/**
 * Creates a directory in memory, on a new file system.
 *
 * @param tree Its content. Default: empty.
 * @param options Limits and clock.
 * @throws {TypeError} If a name is empty, `.` or `..`, or has a slash or NUL in it.
 * @throws {Error} If the limits do not allow for the tree.
 *
 * @example Give a guest a directory, and see afterwards what it wrote
 * ```ts
 * import { memoryDirectory } from "wasirun/memory";
 * import type { RunOptions } from "wasirun";
 * import assert from "node:assert/strict";
 *
 * const data = memoryDirectory({ "a.txt": "hi", in: { "b.bin": new Uint8Array([1, 2]) } });
 * const options: RunOptions = { preopens: { "/data": { source: data } } };
 * // await run("app.wasm", options);
 *
 * assert.equal(data.readText("a.txt"), "hi");
 * assert.deepEqual(data.entries().map(({ name }) => name), ["a.txt", "in"]);
 * ```
 */
export function memoryDirectory(tree: MemoryTree = {}, options: MemoryDirectoryOptions = {}): MemoryDirectory {
  const root = new MemoryDirectory(newRoot(new Volume(options.clock ?? realClock(), options)));
  fill(root, tree, "");
  return root;
}

function fill(directory: MemoryDirectory, tree: MemoryTree, above: string): void {
  for (const [name, value] of Object.entries(tree)) {
    const path = above + name;
    if (name === "" || name === "." || name === ".." || /[/\0]/.test(name)) {
      throw new TypeError(`Cannot make "${path}" in memory: names are not empty, "." or "..", and have no "/" or NUL`);
    }
    if (typeof value === "string" || value instanceof Uint8Array) directory.writeFile(name, value);
    else if (value instanceof MemorySymlink) check(path, directory.symlinkat(value.target, name));
    else if (isTree(value)) fillBelow(directory, name, value, path);
    else throw new TypeError(`Cannot make "${path}" in memory: it is neither a text, bytes, an object nor a symlink`);
  }
}

/** False for arrays, buffers and the like, which would be taken for empty directories. */
function isTree(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object Object]";
}

function fillBelow(directory: MemoryDirectory, name: string, tree: MemoryTree, path: string): void {
  check(path, directory.mkdirat(name));
  fill(directory.directoryAt(name), tree, path + "/");
}

function check(path: string, result: number): void {
  if (result < 0) throw failure("make", path, errnoFromResult(result));
}
