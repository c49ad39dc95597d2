/** Scripts that try to leave a directory, or to change one that is read-only. */

import { expect } from "vitest";
import type { Command } from "./command_guest.ts";
import { type Script } from "./command_scripts.ts";
import { code, made, preopens } from "./file_script.ts";

const READ = 1;
const RW = 3;
const CREATE = 1;
const TRUNCATE = 8;
const NOW = [1, 0n, 0] as const;

/** Everything that takes a path. */
function attempts(root: string, path: string): readonly Command[] {
  return [
    ["open-at", root, 1, path, 0, READ],
    ["open-at", root, 0, path, 0, READ],
    ["open-at", root, 1, path, CREATE, RW],
    ["open-at", root, 1, path, TRUNCATE, RW],
    ["stat-at", root, 1, path],
    ["metadata-hash-at", root, 1, path],
    ["set-times-at", root, 1, path, ...NOW, ...NOW],
    ["create-directory-at", root, path],
    ["remove-directory-at", root, path],
    ["unlink-file-at", root, path],
    ["readlink-at", root, path],
    ["symlink-at", root, "file", path],
    ["rename-at", root, path, root, "stolen"],
    ["rename-at", root, "file", root, path],
    ["link-at", root, 0, path, root, "stolen"],
    ["link-at", root, 0, "file", root, path],
  ];
}

function* expectAll(expected: string, commands: readonly Command[]): Script {
  for (const command of commands) expect([...command, yield* code(...command)]).toEqual([...command, expected]);
}

/** Nothing is reached by `..`, absolute paths, or links that lead outside. */
export function* escapeScript(): Script {
  const { "/": root } = yield* preopens();
  yield* made("create-directory-at", root!, "dir");
  yield* made("drop-descriptor", (yield* made("open-at", root!, 1, "file", CREATE, RW))[0]!);
  const links = [["up", ".."], ["out", "../outside"], ["dir/deep", "../../x"], ["chain", "dir/deep"], ["here", "."]];
  for (const [path, target] of links) yield* made("symlink-at", root!, target!, path!);
  expect(yield* code("symlink-at", root!, "/etc/passwd", "absolute")).toBe("not-permitted");
  const paths = [
    "..",
    "../x",
    "/etc/passwd",
    "/file",
    "dir/../../x",
    "up/x",
    "out/x",
    "dir/deep/x",
    "chain/x",
    "here/up/x",
  ];
  for (const path of paths) yield* expectAll("not-permitted", attempts(root!, path));
  const [dir] = yield* made("open-at", root!, 1, "here/dir", 0, READ);
  for (const path of ["..", "../file", "deep/x"]) yield* expectAll("not-permitted", attempts(dir!, path).slice(0, 12));
  yield* made("rename-at", root!, "dir", root!, "moved");
  yield* made("symlink-at", root!, "..", "dir");
  yield* expectAll("not-permitted", attempts(dir!, "../file").slice(0, 12));
  yield* made("create-directory-at", dir!, "new");
  yield* made("stat-at", root!, 0, "moved/new");
}

/** Nothing is changed through the read-only preopen `/ro` of what is also at `/`. */
export function* readOnlyScript(): Script {
  const { "/": root, "/ro": readOnly } = yield* preopens();
  yield* made("create-directory-at", root!, "dir");
  const [file] = yield* made("open-at", root!, 1, "dir/file", CREATE, RW);
  yield* made("write", file!, "text", 0);
  const [dir] = yield* made("open-at", readOnly!, 1, "dir", 0, READ);
  for (const [at, path] of [[readOnly!, "dir/file"], [dir!, "file"]] as const) {
    const [opened] = yield* made("open-at", at, 1, path, 0, READ);
    yield* expectAll("not-permitted", [
      ["open-at", at, 1, path, 0, RW],
      ["open-at", at, 1, path, TRUNCATE, READ],
      ["open-at", at, 1, "new", CREATE, READ],
      ["set-times-at", at, 1, path, ...NOW, ...NOW],
      ["create-directory-at", at, "new"],
      ["remove-directory-at", at, path],
      ["unlink-file-at", at, path],
      ["symlink-at", at, "file", "new"],
      ["rename-at", at, path, at, "new"],
      ["rename-at", at, path, root!, "new"],
      ["link-at", at, 0, path, root!, "new"],
      ["rename-at", root!, "dir/file", at, "new"],
      ["link-at", root!, 0, "dir/file", at, "new"],
      ["set-times", at, ...NOW, ...NOW],
      ["set-times", opened!, ...NOW, ...NOW],
      ["set-size", opened!, 0],
      ["write", opened!, "x", 0],
      ["write-via-stream", opened!, 0],
      ["append-via-stream", opened!],
    ]);
    expect(yield* made("read", opened!, 9, 0)).toEqual(["text"]);
  }
  expect(yield* made("list", dir!)).toEqual(["file", "regular-file"]);
}
