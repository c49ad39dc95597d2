import { expect, test } from "vitest";
import type { PlatformDirectory } from "../../src/contract/platform.ts";
import { memoryDirectory } from "../../src/platform/memory/mod.ts";
import { errnoName } from "../../src/witx/errno.ts";
import { emptyFilestat } from "../../src/witx/types.ts";
import { type ClosableSystem, makeSystem, memoryBackend } from "../system/backends.ts";

/** As a stack that ends in the middle of a look-up. */
class Cut extends Error {}

/** A directory in which every look-up of attributes fails, and how many were opened from it and not closed. */
function fragile(directory: PlatformDirectory, open: { count: number }): PlatformDirectory {
  return {
    ...directory,
    kind: "directory",
    openDirectory(name) {
      const opened = directory.openDirectory(name);
      if (typeof opened === "number") return opened;
      open.count++;
      return fragile(opened, open);
    },
    fstatat() {
      throw new Cut();
    },
    close() {
      open.count--;
      return 0;
    },
  };
}

function systemOver(root: PlatformDirectory): ClosableSystem {
  return makeSystem(memoryBackend(), { mounts: { "/": { root } } }).system;
}

function stat(system: ClosableSystem, path: string): string {
  return errnoName(system.path.filestatGet(3, 0, path, emptyFilestat()));
}

test("an exception in a look-up leaves no trace, in any guest", () => {
  const open = { count: 0 };
  const broken = systemOver(fragile(memoryDirectory({ dir: { sub: {} } }), open));
  const other = systemOver(memoryDirectory({ "secret.txt": "", dir: {} }));
  for (const path of ["dir/sub/file.txt", "dir/file.txt"]) {
    expect(() => stat(broken, path)).toThrow(Cut);
    expect(open.count).toBe(0);
    expect(stat(other, "../secret.txt")).toBe("PERM");
    expect(stat(other, "dir/../../secret.txt")).toBe("PERM");
    expect(stat(other, "secret.txt")).toBe("SUCCESS");
    expect(stat(broken, "../dir")).toBe("PERM");
    expect(() => broken.path.rename(3, "dir/sub", 3, path)).toThrow();
    expect(open.count).toBe(0);
  }
});
