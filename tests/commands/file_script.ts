/** Scripts of files: what they answer is the same on every platform and in both ways of waiting. */

import { expect } from "vitest";
import type { Field, Reply } from "./command_guest.ts";
import { does, type Script } from "./command_scripts.ts";

const CREATE = 1;
const DIRECTORY = 2;
const EXCLUSIVE = 4;
const READ = 1;
const WRITE = 2;
const RW = READ | WRITE;
const NO_CHANGE = [0, 0n, 0] as const;

/** Handles of the preopens, by their paths. */
export function* preopens(): Script<Readonly<Record<string, string>>> {
  const [code, ...fields] = yield* does("get-directories");
  expect(code).toBe("ok");
  return Object.fromEntries(fields.flatMap((field, i) => i % 2 === 0 ? [[fields[i + 1]!, field]] : []));
}

/** Do a command that succeeds. @returns What it has produced. */
export function* made(name: string, ...args: readonly Field[]): Script<readonly string[]> {
  const [code, ...values] = yield* does(name, ...args);
  expect([name, ...args, code]).toEqual([name, ...args, "ok"]);
  return values;
}

/** Do a command. @returns `ok`, or its error code. */
export function* code(name: string, ...args: readonly Field[]): Script<string> {
  const [first] = yield* does(name, ...args);
  return first;
}

/** Files, streams, directories, links, times and types in a directory that is empty. */
export function* filesScript(): Script {
  const { "/": root } = yield* preopens();
  yield* made("create-directory-at", root!, "dir");
  const [dir] = yield* made("open-at", root!, 1, "dir", DIRECTORY, READ);
  yield* contentScript(dir!);
  yield* namesScript(root!, dir!);
  yield* attributesScript(root!, dir!);
  yield* made("drop-descriptor", dir!);
}

function* contentScript(dir: string): Script {
  const [file] = yield* made("open-at", dir, 1, "file", CREATE | EXCLUSIVE, RW);
  expect(yield* made("write", file!, "hello", 0)).toEqual(["5"]);
  expect(yield* made("write", file!, "J", 10)).toEqual(["1"]);
  expect(yield* made("read", file!, 100, 1)).toEqual([`ello${"\0".repeat(5)}J`]);
  yield* made("set-size", file!, 4);
  const [output] = yield* made("append-via-stream", file!);
  yield* made("stream-write", output!, "ing");
  yield* made("drop-output", output!);
  const [input] = yield* made("read-via-stream", file!, 2);
  expect(yield* made("stream-read", input!, 100)).toEqual(["lling"]);
  expect(yield* code("stream-read", input!, 100)).toBe("closed");
  yield* made("drop-input", input!);
  const [over] = yield* made("write-via-stream", file!, 0);
  yield* made("stream-write", over!, "f");
  yield* made("drop-output", over!);
  expect(yield* made("read", file!, 100, 0)).toEqual(["felling"]);
  expect([yield* code("sync", file!), yield* code("sync-data", file!)]).toEqual(["ok", "ok"]);
  expect(yield* made("get-flags", file!)).toEqual([String(RW)]);
  expect(yield* made("get-type", file!)).toEqual(["regular-file"]);
  yield* made("drop-descriptor", file!);
}

function* namesScript(root: string, dir: string): Script {
  yield* made("symlink-at", dir, "file", "link");
  expect(yield* made("readlink-at", root, "dir/link")).toEqual(["file"]);
  yield* made("link-at", dir, 0, "file", root, "second");
  yield* made("rename-at", root, "second", dir, "third");
  const listed = yield* made("list", dir);
  const entries = listed.flatMap((name, i) => i % 2 === 0 ? [`${name} ${listed[i + 1]}`] : []);
  expect(entries.sort()).toEqual(["file regular-file", "link symbolic-link", "third regular-file"]);
  expect(yield* code("remove-directory-at", root, "dir")).toBe("not-empty");
  expect(yield* code("unlink-file-at", dir, "nothing")).toBe("no-entry");
  expect(yield* code("create-directory-at", root, "dir")).toBe("exist");
  expect(yield* code("open-at", dir, 0, "link", 0, READ)).toBe("loop");
  expect(yield* code("open-at", dir, 1, "../dir/file", 0, READ)).toBe("not-permitted");
  expect(yield* code("open-at", root, 1, "/dir/file", 0, READ)).toBe("not-permitted");
  expect(yield* code("open-at", root, 1, "dir/file/x", 0, READ)).toBe("not-directory");
}

function* attributesScript(root: string, dir: string): Script {
  yield* made("set-times-at", dir, 1, "link", 2, 5n, 7, ...NO_CHANGE);
  const [type, links, size, accessed] = yield* made("stat-at", dir, 1, "link");
  expect([type, links, size]).toEqual(["regular-file", "2", "7"]);
  expect(accessed).toMatch(/^5\.(7|0)$/);
  const [linkType] = yield* made("stat-at", dir, 0, "link");
  expect(linkType).toBe("symbolic-link");
  const [one] = yield* made("open-at", dir, 1, "file", 0, READ);
  const [other] = yield* made("open-at", root, 1, "dir/third", 0, READ);
  expect(yield* does("is-same-object", one!, other!)).toEqual(["true"]);
  expect(yield* does("is-same-object", one!, dir)).toEqual(["false"]);
  const hash: Reply = yield* does("metadata-hash", one!);
  expect(yield* does("metadata-hash-at", dir, 1, "link")).toEqual(hash);
  expect(yield* does("metadata-hash-at", dir, 0, "link")).not.toEqual(hash);
  expect(yield* code("write", one!, "x", 0)).toBe("bad-descriptor");
  for (const file of [one!, other!]) yield* made("drop-descriptor", file);
}

/**
 * Opens until no more may be open, and as many again once they are dropped. Sockets count as well.
 *
 * @param most Files that may be open.
 * @param hasNetwork True to open sockets, too.
 */
export function* limitScript(most: number, hasNetwork: boolean): Script {
  const { "/": root } = yield* preopens();
  yield* made("create-directory-at", root!, "limits");
  const opening = ["open-at", root!, 1, "limits", 0, READ] as const;
  let dropped = 0;
  for (let round = 0; round < 2; round++) {
    const opened: string[] = [];
    for (;;) {
      const [code, handle] = yield* does(...opening);
      if (code === "ok") opened.push(handle!);
      else {
        expect(code).toBe("insufficient-memory");
        break;
      }
    }
    expect(opened.length).toBeLessThanOrEqual(most);
    if (round === 0) dropped = opened.length;
    expect(opened.length).toBe(dropped);
    if (hasNetwork) {
      expect(yield* code("create-tcp-socket", 0)).toBe("new-socket-limit");
      expect(yield* code("create-udp-socket", 0)).toBe("new-socket-limit");
      expect(yield* code("resolve", "127.0.0.1")).toBe("out-of-memory");
      yield* made("drop-descriptor", opened.pop()!);
      const [socket] = yield* made("create-tcp-socket", 0);
      expect(yield* code(...opening)).toBe("insufficient-memory");
      yield* made("drop-tcp", socket!);
    }
    for (const handle of opened) yield* made("drop-descriptor", handle);
  }
}

/**
 * Lists directories, and keeps the lists but not the directories, until no more may be open.
 *
 * @param most Files that may be open.
 */
export function* listsScript(most: number): Script {
  const { "/": root } = yield* preopens();
  yield* made("create-directory-at", root!, "listed");
  const lists: string[] = [];
  for (;;) {
    const [opened, directory] = yield* does("open-at", root!, 1, "listed", 0, READ);
    if (opened !== "ok") {
      expect(opened).toBe("insufficient-memory");
      break;
    }
    const [listed, list] = yield* does("read-directory", directory!);
    yield* made("drop-descriptor", directory!);
    if (listed !== "ok") {
      expect(listed).toBe("insufficient-memory");
      break;
    }
    lists.push(list!);
    expect(lists.length).toBeLessThanOrEqual(most);
  }
  expect(lists.length).toBeGreaterThan(most / 2);
  yield* made("drop-entries", lists.pop()!);
  yield* made("drop-entries", lists.pop()!);
  expect(yield* made("list", root!)).toContain("listed");
  for (const list of lists) yield* made("drop-entries", list);
}
