/** The core serves a second ABI, which knows nothing of preview 1 (`tiny_abi.ts`), on every platform. */

import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix as posixPath } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Family, type PlatformNetwork } from "../../src/contract/network.ts";
import type { Platform, PlatformDirectory } from "../../src/contract/platform.ts";
import { Interest } from "../../src/contract/pollable.ts";
import type { WaitMode } from "../../src/contract/waiter.ts";
import { Interrupt } from "../../src/core/io/interrupt.ts";
import { OpenStream } from "../../src/core/io/stream.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { memoryDirectory, MemoryInput, memoryPlatform, virtualNetwork } from "../../src/platform/memory/mod.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { Errno } from "../../src/witx/errno.ts";
import { command } from "../tools/command.ts";
import { iovsOf, TinyHost, type TinyPollable, type TinyTask } from "./tiny_abi.ts";

const NAME = "localhost";
const FILES = { "file.txt": "of the file", "folder/one": "", "folder/two": "" };

/** A host of the tiny ABI, and a stream that gets its bytes while the guest waits. */
interface Subject {
  readonly platform: Platform;
  readonly root: PlatformDirectory;
  readonly network: PlatformNetwork | undefined;
  /** A stream without data, and what gives it some. */
  open(host: TinyHost): { readonly stream: OpenStream; feed(text: string): void };
  dispose(): void;
}

async function onDisk(platform: Platform, mode: WaitMode): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), "wasirun-tiny-"));
  await command("mkdir", [join(folder, "folder")]);
  for (const [path, text] of Object.entries(FILES)) writeFileSync(join(folder, path), text);
  await command("mkfifo", [join(folder, "fifo")]);
  // Open for writing as well, so that the FIFO does not end.
  const fd = openSync(join(folder, "fifo"), constants.O_RDWR | constants.O_NONBLOCK);
  return {
    platform,
    root: platform.openRoot(folder),
    network: await platform.network?.(mode),
    open: (host) => ({ stream: host.open("fifo") as OpenStream, feed: (text) => void writeSync(fd, text) }),
    dispose() {
      closeSync(fd);
      rmSync(folder, { recursive: true });
    },
  };
}

function inMemory(mode: WaitMode): Subject {
  const input = new MemoryInput();
  const { network } = virtualNetwork();
  return {
    platform: memoryPlatform({ clock: "real" }),
    root: memoryDirectory({ "file.txt": "of the file", folder: { one: "", two: "" } }),
    network: mode === "suspend" ? network : undefined,
    open: () => ({ stream: new OpenStream(input), feed: (text) => input.push(text) }),
    dispose() {},
  };
}

const SUBJECTS: Readonly<Record<string, (mode: WaitMode) => Subject | Promise<Subject>>> = {
  memory: inMemory,
  posix: (mode) => onDisk(posix(), mode),
  "the runtime's platform": (mode) => onDisk(detectPlatform()(), mode),
};

const CASES = Object.entries(SUBJECTS).flatMap(([name, make]) =>
  (["block", "suspend"] as const).map((mode) => ({ name, mode, make }))
);

/** Wait until a task is over. */
async function done(host: TinyHost, task: TinyTask): Promise<void> {
  while (!task.finish()) await host.poll([task]);
}

describe.skipIf(process.platform === "win32").each(CASES)("a second ABI on $name, mode $mode", ({ mode, make }) => {
  let subject: Subject;
  let host: TinyHost;

  beforeEach(async () => {
    subject = await make(mode);
    host = new TinyHost({ ...subject, mode });
  });

  afterEach(() => {
    host.close();
    subject.dispose();
  });

  test("opens a file and lists a directory", () => {
    expect(host.readText("file.txt")).toBe("of the file");
    expect(host.list("folder")).toEqual(["one", "two"]);
    expect(() => host.readText("folder")).toThrow("ISDIR");
    expect(() => host.list("nowhere")).toThrow("NOENT");
    expect(() => host.open("../outside")).toThrow(/PERM|NOTCAPABLE/);
  });

  test("waits for a stream and a deadline at once", async () => {
    const { stream, feed } = subject.open(host);
    const input: TinyPollable = { pollable: stream.pollable, interest: Interest.READ };
    expect(await host.poll([input, host.deadline(5)])).toEqual([1]);
    feed("fed");
    expect(await host.poll([host.deadline(60_000), input])).toEqual([1]);
    expect(stream.read(iovsOf(new Uint8Array(10)))).toBe(3);
    stream.close();
  });

  test("blocks or suspends as it was told", async () => {
    const polled = host.poll([host.deadline(100)]);
    expect(Array.isArray(polled)).toBe(mode === "block");
    expect(await polled).toEqual([0]);
  });

  test("waits for a connection, a name, a stream and a deadline at once", async (context) => {
    if (subject.network === undefined) return context.skip("a guest that blocks has no network on this platform");
    const { stream, feed } = subject.open(host);
    const bound = host.bind({ family: Family.INET, host: "127.0.0.1", port: 0 });
    await done(host, bound);
    await done(host, host.listen(bound.socket));

    const connecting = host.connect(bound.socket.localAddress());
    const lookup = host.lookUp(NAME, Family.INET);
    const over = new Set<string>();
    feed("fed");
    for (let polls = 0; over.size < 4; polls++) {
      expect(polls).toBeLessThan(1000);
      const waiting: Record<string, TinyPollable> = { deadline: host.deadline(over.size === 3 ? 5 : 60_000) };
      if (!over.has("connection")) waiting["connection"] = connecting;
      if (!over.has("name")) waiting["name"] = { pollable: lookup.pollable, interest: Interest.READ };
      if (!over.has("stream")) waiting["stream"] = { pollable: stream.pollable, interest: Interest.READ };
      const names = Object.keys(waiting);
      const ready = (await host.poll(Object.values(waiting))).map((index) => names[index]!);
      expect(ready.length).toBeGreaterThan(0);
      for (const name of ready) if (name !== "connection" || connecting.finish()) over.add(name);
    }

    expect(lookup.finish()).toContainEqual(expect.objectContaining({ family: Family.INET, host: "127.0.0.1" }));
    expect(stream.read(iovsOf(new Uint8Array(10)))).toBe(3);
    const client = connecting.socket;
    await host.poll([{ pollable: bound.socket.pollable, interest: Interest.READ }]);
    const server = bound.socket.accept();
    if (typeof server === "number") throw new Error(`accept failed with ${server}`);
    expect(client.writableBytes()).toBeGreaterThan(0);
    expect(client.write(iovsOf(new TextEncoder().encode("hello")))).toBe(5);
    while (client.flush() === -Errno.INPROGRESS) {
      await host.poll([{ pollable: client.pollable, interest: Interest.WRITE }]);
    }
    await host.poll([{ pollable: server.pollable, interest: Interest.READ }]);
    const iovs = iovsOf(new Uint8Array(10));
    expect(server.read(iovs)).toBe(5);
    expect(new TextDecoder().decode(iovs.bytes.subarray(0, 5))).toBe("hello");
    for (const open of [client, server, bound.socket, stream]) open.close();
  });

  test("can be interrupted", async () => {
    const interrupt = new Interrupt();
    const other = new TinyHost({ ...subject, mode, interrupt });
    const reason = new Error("interrupted");
    if (mode === "block") {
      interrupt.raise(reason);
      expect(() => other.poll([other.deadline(100)])).toThrow(reason);
      return;
    }
    const polled = other.poll([other.deadline(60_000)]);
    interrupt.raise(reason);
    await expect(polled).rejects.toBe(reason);
  });
});

test("neither the tiny ABI nor a platform imports anything of preview 1 or of the runtime", () => {
  const root = join(import.meta.dirname, "..", "..");
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    const text = readFileSync(join(root, path), "utf8");
    for (const [, specifier] of text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      visit(posixPath.join(posixPath.dirname(path), specifier!));
    }
  };
  visit("tests/core/second_abi.test.ts");
  expect(reached).toContain("src/core/fs/open.ts");
  expect(reached).toContain("src/platform/posix/mod.ts");
  expect([...reached].filter((path) => /^src\/(preview1|runtime|cli|serve|entry)\//.test(path))).toEqual([]);
});
