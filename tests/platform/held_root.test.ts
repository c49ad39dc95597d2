/** Holding a directory by a descriptor while another process replaces what its path leads to. */

import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { emptyFilestat } from "../../src/witx/types.ts";
import { denoDirectoryFds, denoFdPaths } from "../../src/platform/deno/paths.ts";
import { FdDirectory, openFdDirectory } from "../../src/platform/shared/fs/fd_directory.ts";
import type { DirectoryFdCalls, PathCalls } from "../../src/platform/shared/fs/directory_calls.ts";
import type { DenoNamespace, NodeFsOfDeno } from "../../src/platform/deno/api.ts";
import { ok, readText } from "./under_test.ts";

interface Calls {
  readonly paths: PathCalls;
  readonly descriptors: DirectoryFdCalls;
}

async function ownCalls(): Promise<Calls> {
  if (process.versions["deno"] === undefined) {
    const { NODE_DIRECTORY_FDS, NODE_PATHS } = await import("../../src/platform/node/paths.ts");
    return { paths: NODE_PATHS, descriptors: NODE_DIRECTORY_FDS };
  }
  const { Deno } = globalThis as unknown as { Deno: DenoNamespace };
  const nodeFs = process.getBuiltinModule("node:fs") as unknown as NodeFsOfDeno;
  return { paths: denoFdPaths(Deno, nodeFs), descriptors: denoDirectoryFds(Deno, nodeFs) };
}

const { paths, descriptors } = await ownCalls();

let base = "";
let box = "";

beforeEach(() => {
  base = fs.realpathSync(fs.mkdtempSync(join(os.tmpdir(), "wasirun-held-")));
  box = join(base, "box");
  fs.mkdirSync(box);
});

afterEach(() => fs.rmSync(base, { recursive: true, force: true }));

/** Calls between whose first openings and what follows another process puts a new directory in the place of the old one. */
function replacedAfterOpening(times: number): { readonly calls: DirectoryFdCalls; readonly open: Set<number> } {
  const open = new Set<number>();
  let count = 0;
  return {
    open,
    calls: {
      ...descriptors,
      open(path) {
        const fd = descriptors.open(path);
        open.add(fd);
        if (count++ < times) {
          fs.renameSync(box, join(base, `old ${count}`));
          fs.mkdirSync(box);
          fs.writeFileSync(join(box, "file"), `made ${count}`);
        }
        return fd;
      },
      close(fd) {
        open.delete(fd);
        return descriptors.close(fd);
      },
    },
  };
}

describe.skipIf(process.platform !== "linux")("a directory whose path is replaced while it is opened", () => {
  test.each([0, 1, 5])("is held by a descriptor all the same: replaced %i times", (times) => {
    const { calls, open } = replacedAfterOpening(times);
    const held = openFdDirectory(paths, calls, box);
    expect(held).toBeInstanceOf(FdDirectory);
    const [known, stat] = [emptyFilestat(), emptyFilestat()];
    ok(paths.lstat(box, known));
    ok(held!.fstat(stat));
    expect(stat.ino).toBe(known.ino);
    if (times > 0) expect(readText(held!, "file")).toBe(`made ${times}`);
    ok(held!.close());
    expect(open.size).toBe(0);
  });

  test("is refused if that does not end, and no descriptor stays open", () => {
    const { calls, open } = replacedAfterOpening(Infinity);
    expect(() => openFdDirectory(paths, calls, box)).toThrow(expect.objectContaining({ code: "EAGAIN" }));
    expect(open.size).toBe(0);
  });

  test("is not there any more: that is the error", () => {
    const calls: DirectoryFdCalls = {
      ...descriptors,
      open(path) {
        const fd = descriptors.open(path);
        fs.rmSync(box, { recursive: true, force: true });
        return fd;
      },
    };
    expect(() => openFdDirectory(paths, calls, box)).toThrow(expect.objectContaining({ code: "ENOENT" }));
  });
});
