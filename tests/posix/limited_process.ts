/**
 * What a guest sees where the process has limits: `limited_process.ts CASE ARGUMENT...` writes an answer as JSON.
 *
 * @module
 */

import fs from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { System } from "../../src/preview1/system.ts";
import { Mount } from "../../src/core/fs/mounted_directory.ts";
import { GuestWaiter } from "../../src/core/io/wait.ts";
import { MemoryInput, MemoryOutput } from "../../src/platform/memory/mod.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { Fdflags, Oflags, Rights } from "../../src/witx/types.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { Caller, ROOT } from "../system/caller.ts";

function callerOf(folder: string): Caller {
  const platform = posix();
  return new Caller(
    new System({
      platform,
      waiter: new GuestWaiter(platform, "block"),
      args: [],
      environ: [],
      mounts: [new Mount("/", platform.openRoot(folder))],
      stdio: { stdin: new MemoryInput(), stdout: new MemoryOutput(), stderr: new MemoryOutput() },
      nonBlockingStdio: false,
      maxOpenFiles: 10_000,
    }),
  );
}

/** The limit of open descriptors: what ends in MFILE, and that all is well again once one is closed. */
function descriptors(folder: string): unknown {
  const call = callerOf(folder);
  call.mkdir("dir");
  call.mkdir("dir/sub");
  call.put("dir/sub/file", "content");
  call.put("file", "content");
  const opened: number[] = [];
  let last: unknown;
  for (let i = 0; i < 1000; i++) {
    last = call.open("file");
    if (typeof last !== "number") break;
    opened.push(last);
  }
  const full = {
    open: call.open("file"),
    openDeep: call.open("dir/sub/file"),
    openDirectory: call.open("dir", { oflags: Oflags.DIRECTORY, rights: Rights.FD_READDIR }),
    create: call.open("new", { oflags: Oflags.CREAT }),
    deepStat: call.stat("dir/sub/file"),
    mkdir: call.mkdir("other"),
    stat: call.stat("dir"),
    unlinkDeep: call.unlink("dir/sub/file"),
  };
  call.close(opened.pop()!);
  const oneFree = { stat: typeof call.stat("dir/sub/file"), open: typeof call.open("file") };
  const content = call.read(opened[0]!, 100);
  for (const fd of opened) call.close(fd);
  const free = { deepStat: "errno" in call.stat("dir/sub/file"), new: call.stat("new") };
  return { isMany: opened.length > 20, last, full: { ...full, stat: typeof full.stat }, oneFree, content, free };
}

/** The limit of the size of files, in bytes. */
function fileSize(folder: string, limit: string): unknown {
  const call = callerOf(folder);
  const at = BigInt(limit);
  const fd = call.mustOpen("file", { oflags: Oflags.CREAT });
  const appending = call.mustOpen("file", { fdflags: Fdflags.APPEND });
  return {
    across: call.pwrite(fd, at - 3n, "abcdef"),
    atLimit: call.pwrite(fd, at, "x"),
    pieces: call.pwrite(fd, at, "x", "y"),
    append: call.write(appending, "x"),
    setSize: call.setSize(fd, at + 1n),
    setSizeToLimit: call.setSize(fd, at),
    allocate: errnoName(call.system.fd.allocate(fd, 0n, at + 1n)),
    below: call.pwrite(fd, at - 3n, "ghi"),
    read: call.pread(fd, at - 3n, 10),
  };
}

/** Directories of which only one permission is given: `search` may be gone through, `list` only listed. */
function permissions(folder: string): unknown {
  const call = callerOf(folder);
  const search = call.mustOpen("search", { oflags: Oflags.DIRECTORY, rights: Rights.FD_READDIR | Rights.PATH_OPEN });
  const bytes = call.readdirBytes(search, 0n, 1000);
  return {
    user: process.getuid?.(),
    list: bytes instanceof Uint8Array ? "listed" : bytes,
    file: call.get("search/file"),
    fileFromThere: call.get("file", search),
    deepFile: call.get("search/sub/file"),
    stat: "errno" in call.stat("search/sub"),
    attributes: "errno" in call.fdStat(search),
    setTimes: errnoName(call.system.fd.filestatSetTimes(search, 5n, 5n, 5)),
    setTimesByPath: errnoName(call.system.path.filestatSetTimes(ROOT, 0, "search", 1_000_000_001n, 5n, 5)),
    sync: errnoName(call.system.fd.sync(search)),
    create: call.open("search/new", { oflags: Oflags.CREAT }),
    listOnly: call.names("list"),
    listOnlyFile: call.get("list/file"),
    nothing: call.get("nothing/file"),
    unreadable: call.get("unreadable"),
    unwritable: call.open("unwritable"),
  };
}

/** Append records of 1,024 pieces, all with the same byte, from when another file appears. */
function append(folder: string, mark: string, records: string, go: string): unknown {
  const call = callerOf(folder);
  const fd = call.mustOpen("file", { oflags: Oflags.CREAT, fdflags: Fdflags.APPEND });
  const [count, length] = [1024, 16];
  const starts = Uint32Array.from({ length: count }, (_, i) => i * length);
  const bytes = new Uint8Array(count * length).fill(Number(mark));
  const iovs = { bytes, starts, lengths: new Uint32Array(count).fill(length), count };
  const out = { value: 0 };
  fs.writeFileSync(`${go}${mark}`, "");
  while (!fs.existsSync(go));
  let written = 0;
  for (let i = 0; i < Number(records); i++) {
    if (call.system.fd.write(fd, iovs, out) === Errno.SUCCESS && out.value === bytes.length) written++;
  }
  return { written };
}

/** A file system that is full, and one that is another. */
function full(folder: string): unknown {
  const call = callerOf(folder);
  const fd = call.mustOpen("small/file", { oflags: Oflags.CREAT });
  const megabyte = "x".repeat(1 << 20);
  const first = call.write(fd, megabyte);
  call.put("outer", "outer");
  return {
    short: typeof first === "number" && first > 0 && first < megabyte.length,
    write: call.write(fd, megabyte),
    pieces: call.write(fd, "x".repeat(8192), "y".repeat(8192)),
    allocate: errnoName(call.system.fd.allocate(fd, 0n, 1n << 21n)),
    rename: call.rename("outer", "small/outer"),
    renameBack: call.rename("small/file", "outer"),
    link: call.link("outer", "small/outer"),
    inodes: inodesUntilFull(call),
    ino: fs.statSync(join(folder, "small", "file")).ino > 0,
  };
}

function inodesUntilFull(call: Caller): unknown {
  for (let i = 0; i < 100; i++) {
    const errno = call.mkdir(`small/dir${i}`);
    if (errno !== "SUCCESS") return errno;
  }
  return "SUCCESS";
}

const CASES: Readonly<Record<string, (...args: string[]) => unknown>> = {
  append,
  descriptors,
  fileSize,
  full,
  permissions,
};

const [name = "", ...args] = process.argv.slice(2);
console.log(JSON.stringify(CASES[name]!(...args)));
