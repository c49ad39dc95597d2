/** Every number and layout of preview 1, against the C header of wasi-libc. */

import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import {
  EVENT_SIZE,
  FDSTAT_SIZE,
  FILESTAT_SIZE,
  PRESTAT_SIZE,
  readSubscriptions,
  SUBSCRIPTION_SIZE,
  subscriptionRows,
  writeFdstat,
  writeFilestat,
} from "../../src/preview1/abi/layout.ts";
import { memoryPlatform } from "../../src/platform/memory/mod.ts";
import { run } from "../../src/runtime/mod.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { SIGNATURES } from "../../src/witx/signatures.ts";
import * as types from "../../src/witx/types.ts";
import { cGuest } from "../tools/guests.ts";

async function output(guest: string): Promise<string[]> {
  const module = new Uint8Array(await readFile(await cGuest(guest)));
  const { exitCode, stdout } = await run(module, { stdout: "text", platform: memoryPlatform() });
  expect(exitCode).toBe(0);
  return stdout.trim().split("\n");
}

/** Numbers of one kind in the header, by name: those that begin with `prefix`. */
function ofKind(constants: ReadonlyMap<string, number>, prefix: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [name, value] of constants) {
    if (name.startsWith(prefix)) found[name.slice(prefix.length)] = value;
  }
  return found;
}

describe("numbers", () => {
  const constants = new Map<string, number>();

  beforeAll(async () => {
    for (const line of await output("constants")) {
      const [name = "", value = ""] = line.split(" ");
      constants.set(name, Number(value));
    }
  });

  test("of errors are those of the header, all 77 of them", () => {
    const { "2BIG": toobig, ...others } = ofKind(constants, "ERRNO_");
    expect({ ...others, TOOBIG: toobig }).toEqual({ ...Errno });
    expect(Object.keys(Errno)).toHaveLength(77);
    expect(Object.values(Errno)).toEqual(Array.from({ length: 77 }, (_, i) => i));
  });

  test.each(
    [
      ["RIGHTS_", types.Rights],
      ["CLOCKID_", types.Clockid],
      ["FILETYPE_", types.Filetype],
      ["WHENCE_", types.Whence],
      ["ADVICE_", types.Advice],
      ["FDFLAGS_", types.Fdflags],
      ["FSTFLAGS_", types.Fstflags],
      ["LOOKUPFLAGS_", types.Lookupflags],
      ["OFLAGS_", types.Oflags],
      ["EVENTTYPE_", types.Eventtype],
      ["EVENTRWFLAGS_", types.Eventrwflags],
      ["SUBCLOCKFLAGS_", types.Subclockflags],
      ["PREOPENTYPE_", types.Preopentype],
      ["RIFLAGS_", types.Riflags],
      ["SDFLAGS_", types.Sdflags],
    ] as const,
  )("%s are those of the header", (prefix, numbers) => {
    expect(ofKind(constants, prefix)).toEqual({ ...numbers });
  });

  test("of signals are those of the specification", () => {
    const names =
      "NONE HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM CHLD CONT STOP TSTP TTIN TTOU " +
      "URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS";
    expect(Object.keys(types.Signal)).toEqual(names.split(" "));
    expect(Object.values(types.Signal)).toEqual(Array.from({ length: 31 }, (_, i) => i));
  });

  test("of flags are masks of all that are defined", () => {
    const all = (flags: Record<string, number>): number => Object.values(flags).reduce((mask, bit) => mask | bit, 0);
    expect(all(types.Rights)).toBe(types.RIGHTS_ALL);
    expect(all(types.Fdflags)).toBe(types.FDFLAGS_ALL);
    expect(all(types.Fstflags)).toBe(types.FSTFLAGS_ALL);
    expect(all(types.Oflags)).toBe(types.OFLAGS_ALL);
  });

  test("of errors have names", () => {
    expect(errnoName(0)).toBe("SUCCESS");
    expect(errnoName(1)).toBe("TOOBIG");
    expect(errnoName(76)).toBe("NOTCAPABLE");
    expect(errnoName(77)).toBe("77");
  });
});

describe("layouts", () => {
  const sizes = new Map<string, number>();
  const fields = new Map<string, number>();

  beforeAll(async () => {
    for (const line of await output("layouts")) {
      const record = /^(\w+) size (\d+) align (\d+)$/.exec(line);
      const field = /^([\w.]+) (\d+)$/.exec(line);
      if (record !== null) sizes.set(record[1]!, Number(record[2]));
      else if (field !== null) fields.set(field[1]!, Number(field[2]));
      else throw new Error(`Cannot read "${line}"`);
    }
  });

  test("have the sizes of the header", () => {
    expect(Object.fromEntries(sizes)).toMatchObject({
      dirent: 24,
      fdstat: FDSTAT_SIZE,
      filestat: FILESTAT_SIZE,
      prestat: PRESTAT_SIZE,
      iovec: 8,
      ciovec: 8,
      subscription: SUBSCRIPTION_SIZE,
      event: EVENT_SIZE,
    });
  });

  test("of filestat have the fields where the header has them", () => {
    const view = new DataView(new ArrayBuffer(FILESTAT_SIZE));
    const fieldsOf = { dev: 1n, ino: 2n, filetype: 3, nlink: 4n, size: 5n, atim: 6n, mtim: 7n, ctim: 8n } as const;
    writeFilestat(view, 0, Object.assign(types.emptyFilestat(), fieldsOf));
    const at = (name: string): number => Number(view.getBigUint64(fields.get(`filestat.${name}`)!, true));
    expect(["dev", "ino", "filetype", "nlink", "size", "atim", "mtim", "ctim"].map(at)).toEqual([
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
    ]);
  });

  test("of fdstat have the fields where the header has them", () => {
    const view = new DataView(new ArrayBuffer(FDSTAT_SIZE));
    writeFdstat(view, 0, { fsFiletype: 1, fsFlags: 2, fsRightsBase: 3, fsRightsInheriting: 4 });
    expect(view.getUint8(fields.get("fdstat.fs_filetype")!)).toBe(1);
    expect(view.getUint16(fields.get("fdstat.fs_flags")!, true)).toBe(2);
    expect(view.getBigUint64(fields.get("fdstat.fs_rights_base")!, true)).toBe(3n);
    expect(view.getBigUint64(fields.get("fdstat.fs_rights_inheriting")!, true)).toBe(4n);
  });

  test("of subscriptions have the fields where the header has them", () => {
    const view = new DataView(new ArrayBuffer(3 * SUBSCRIPTION_SIZE));
    const field = (row: number, name: string): number => row * SUBSCRIPTION_SIZE + fields.get(`subscription.${name}`)!;
    view.setBigUint64(field(0, "userdata"), (7n << 32n) | 8n, true);
    view.setUint8(field(0, "u.tag"), types.Eventtype.CLOCK);
    view.setUint32(field(0, "u.u.clock.id"), types.Clockid.MONOTONIC, true);
    view.setBigUint64(field(0, "u.u.clock.timeout"), 2n ** 40n + 1n, true);
    view.setBigUint64(field(0, "u.u.clock.precision"), 2n ** 64n - 1n, true);
    view.setUint16(field(0, "u.u.clock.flags"), 1, true);
    view.setUint8(field(1, "u.tag"), types.Eventtype.FD_READ);
    view.setUint32(field(1, "u.u.fd_read.file_descriptor"), 9, true);
    view.setUint8(field(2, "u.tag"), types.Eventtype.FD_WRITE);
    view.setUint32(field(2, "u.u.fd_write.file_descriptor"), 0xffffffff, true);
    const subs = subscriptionRows(3);
    subs.count = 3;
    const userdata = new Uint32Array(6);
    readSubscriptions(view, 0, subs, userdata, 0);
    expect([...userdata]).toEqual([8, 7, 0, 0, 0, 0]);
    expect([...subs.type.slice(0, 3)]).toEqual([0, 1, 2]);
    expect([subs.clockid[0], subs.timeout[0], subs.flags[0]]).toEqual([1, 2 ** 40 + 1, 1]);
    expect([subs.fd[1], subs.fd[2]]).toEqual([9, 0xffffffff]);
  });
});

describe("signatures", () => {
  test("are 46, and all but proc_exit answer an errno", () => {
    expect(Object.keys(SIGNATURES)).toHaveLength(46);
    for (const [name, { results }] of Object.entries(SIGNATURES)) {
      expect(results, name).toEqual(name === "proc_exit" ? [] : ["i32"]);
    }
  });

  test("have i64 where the specification has 64 bits", () => {
    const wide = Object.entries(SIGNATURES).flatMap(([name, { params }]) =>
      params.filter(({ core }) => core === "i64").map((param) => `${name}.${param.name}`)
    );
    expect(wide).toEqual([
      "clock_time_get.precision",
      "fd_advise.offset",
      "fd_advise.len",
      "fd_allocate.offset",
      "fd_allocate.len",
      "fd_fdstat_set_rights.fs_rights_base",
      "fd_fdstat_set_rights.fs_rights_inheriting",
      "fd_filestat_set_size.size",
      "fd_filestat_set_times.atim",
      "fd_filestat_set_times.mtim",
      "fd_pread.offset",
      "fd_pwrite.offset",
      "fd_readdir.cookie",
      "fd_seek.offset",
      "path_filestat_set_times.atim",
      "path_filestat_set_times.mtim",
      "path_open.fs_rights_base",
      "path_open.fs_rights_inheriting",
    ]);
  });
});
