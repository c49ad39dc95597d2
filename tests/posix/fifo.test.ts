/** FIFOs: opening one does not wait for the other end, and neither does reading or writing. */

import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Filetype, Oflags, Rights } from "../../src/witx/types.ts";
import { failed, ROOT } from "../system/caller.ts";
import { command } from "../tools/command.ts";
import { type PosixSystem, posixSystem } from "./posix_system.ts";

const READ = Rights.FD_READ | Rights.FD_FILESTAT_GET | Rights.POLL_FD_READWRITE;
const WRITE = Rights.FD_WRITE | Rights.FD_FILESTAT_GET | Rights.POLL_FD_READWRITE;

let guest: PosixSystem;

beforeEach(async () => {
  guest = posixSystem();
  await command("mkfifo", [join(guest.folder, "fifo")]);
});

afterEach(() => guest.system.close());

describe("a FIFO", () => {
  test("opens for reading at once, and is at its end while there is no writer", () => {
    const { call } = guest;
    const reader = call.mustOpen("fifo", { rights: READ });
    expect(call.read(reader, 10)).toBe("");
    expect(call.fdStat(reader)).toMatchObject({ filetype: Filetype.UNKNOWN });
  });

  test("can't be opened for writing while there is no reader", () => {
    expect(guest.call.open("fifo", { rights: WRITE })).toEqual(failed("NXIO"));
  });

  test("carries bytes from one end to the other", () => {
    const { call } = guest;
    const reader = call.mustOpen("fifo", { rights: READ });
    const writer = call.mustOpen("fifo", { rights: WRITE });
    expect(call.read(reader, 10)).toEqual(failed("AGAIN"));
    expect(call.write(writer, "hello", " ", "world")).toBe(11);
    expect(call.read(reader, 3, 100)).toBe("hello world");
    expect(call.read(reader, 10)).toEqual(failed("AGAIN"));
    call.close(writer);
    expect(call.read(reader, 10)).toBe("");
  });

  test("takes what fits, and no more", () => {
    const { call } = guest;
    const reader = call.mustOpen("fifo", { rights: READ });
    const writer = call.mustOpen("fifo", { rights: WRITE });
    const block = "x".repeat(50_000);
    let written = 0;
    for (;;) {
      const result = call.write(writer, block);
      if (typeof result !== "number") {
        expect(result).toEqual(failed("AGAIN"));
        break;
      }
      written += result;
    }
    expect(written).toBeGreaterThan(block.length);
    for (let read = 0; read < written;) {
      const some = call.read(reader, 65_536);
      if (typeof some !== "string") throw new Error(some.errno);
      read += some.length;
    }
    expect(call.write(writer, "more")).toBe(4);
  });

  test("whose reader is gone answers PIPE", () => {
    const { call } = guest;
    const reader = call.mustOpen("fifo", { rights: READ });
    const writer = call.mustOpen("fifo", { rights: WRITE });
    call.close(reader);
    expect(call.write(writer, "x")).toEqual(failed("PIPE"));
  });

  test("has no offset, can't be cut, and is no directory", () => {
    const { call } = guest;
    const reader = call.mustOpen("fifo", { rights: READ | Rights.FD_SEEK });
    expect(call.seek(reader, 0n, 0)).toEqual(failed("SPIPE"));
    expect(call.pread(reader, 0n, 1)).toEqual(failed("SPIPE"));
    expect(call.open("fifo", { oflags: Oflags.DIRECTORY })).toEqual(failed("NOTDIR"));
    expect(call.open("fifo/x")).toEqual(failed("NOTDIR"));
    expect(call.list(call.mustOpen(".", { oflags: Oflags.DIRECTORY, rights: Rights.FD_READDIR }))).toHaveLength(3);
    expect(call.unlink("fifo", ROOT)).toBe("SUCCESS");
  });
});
