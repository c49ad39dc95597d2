/** Resolves paths and runs one operation at the end of each. */

import { Errno } from "../../witx/errno.ts";
import type { Failure } from "../../contract/results.ts";
import type { MountedDirectory } from "./mounted_directory.ts";
import { PathWalk } from "./path_walk.ts";

/** What happens to a symbolic link that is the last component of a path. */
export type LastLink = "follow" | "nofollow";

/**
 * An operation on the last component of a path.
 *
 * @returns What it produces (an object, a string, a count or 0), or minus an errno; `-LOOP` if the component is a symbolic
 * link that has to be followed first.
 */
export type PathOperation<T, R> = (walk: PathWalk, argument: T) => R | Failure;

/**
 * Resolves the paths of one system. A walk is reused only if it has ended: after an exception, the next path gets a new
 * one, whatever the old one left behind.
 */
export class PathResolver {
  #spare: PathWalk | undefined;

  #take(): PathWalk {
    const walk = this.#spare ?? new PathWalk();
    this.#spare = undefined;
    return walk;
  }

  #end(walk: PathWalk): void {
    walk.end();
    this.#spare = walk;
  }

  /**
   * Resolves a path and runs an operation on its last component. If the operation returns `-LOOP`, the symbolic link is
   * followed in the mode `"follow"`, or where a slash follows it.
   *
   * @param start Directory that the path starts in; `..` never leads above it.
   * @param path Path of the guest.
   * @param lastLink What happens to a symbolic link at the end.
   * @param operation What to do.
   * @param argument Passed to `operation`.
   * @returns What the operation returns, or minus the errno of the resolution ({@linkcode PathWalk.start}).
   */
  resolve<T, R>(
    start: MountedDirectory,
    path: string,
    lastLink: LastLink,
    operation: PathOperation<T, R>,
    argument: T,
  ): R | Failure {
    const walk = this.#take();
    try {
      const started = walk.start(start, path);
      if (started < 0) return started;
      let result = operation(walk, argument);
      while (result === -Errno.LOOP && walk.name !== "" && (lastLink === "follow" || walk.needsDirectory)) {
        const followed = walk.followLink();
        if (followed < 0) return followed;
        result = operation(walk, argument);
      }
      return result;
    } finally {
      this.#end(walk);
    }
  }

  /** Resolves a path for an operation that changes its last component's directory; never follows a link at the end. */
  resolveToModify<T>(
    start: MountedDirectory,
    path: string,
    operation: PathOperation<T, number>,
    argument: T,
  ): number {
    const walk = this.#take();
    try {
      const started = walk.start(start, path);
      if (started < 0) return started;
      return walk.parent!.mount.readOnly ? -Errno.ROFS : operation(walk, argument);
    } finally {
      this.#end(walk);
    }
  }

  /** As {@linkcode PathResolver.resolveToModify}, for an operation on two paths. */
  resolveBothToModify(
    oldStart: MountedDirectory,
    oldPath: string,
    newStart: MountedDirectory,
    newPath: string,
    operation: (from: PathWalk, to: PathWalk) => number,
  ): number {
    const from = this.#take();
    try {
      const started = from.start(oldStart, oldPath);
      if (started < 0) return started;
      return this.resolveToModify(newStart, newPath, (to) => operation(from, to), undefined);
    } finally {
      this.#end(from);
    }
  }
}
