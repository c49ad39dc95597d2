/** `--trace`. */

import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VERSION } from "../../src/cli/version.ts";
import { cGuest, goGuest, watGuest } from "../tools/guests.ts";
import { RUNTIME_LABEL, startWasirun, wasirun, type WasirunResult } from "../tools/wasirun.ts";

let folder: string;

beforeAll(() => {
  folder = fs.realpathSync(fs.mkdtempSync(join(os.tmpdir(), "wasirun-trace-")));
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

/** The lines on standard error: the first one, and those behind it. */
function linesOf({ stderr }: WasirunResult): { readonly first: string; readonly calls: string[] } {
  const [first = "", ...calls] = stderr.trimEnd().split("\n");
  return { first, calls };
}

/** What the guest `calls` does; standard input gives it 5 bytes. */
const CALLS = [
  "args_sizes_get() => 2, 14 bytes",
  'args_get() => ["calls.wasm", "-x"]',
  "args_get(-8, 600) => FAULT",
  'fd_prestat_get(3) => DIR "/data"',
  'fd_prestat_dir_name(3) => "/data"',
  "fd_prestat_dir_name(3) => NAMETOOLONG",
  'path_open(3, SYMLINK_FOLLOW, "no\\n\\"ä\\u001b", 0, FD_READ, ~0, 0) => NOENT',
  'path_open(3, 0, "new.txt", CREAT|TRUNC, FD_READ|FD_SEEK|FD_FDSTAT_SET_FLAGS|FD_WRITE|FD_ADVISE|POLL_FD_READWRITE, ' +
  "~FD_WRITE, APPEND) => 4",
  "path_open(3, 0, -1, 7, 0, 0, 0, 0, 512) => FAULT",
  "fd_write(4, 5 bytes) => 5",
  "fd_write(4, 65532, 2, 512) => FAULT",
  "fd_fdstat_get(4) => REGULAR_FILE, APPEND, FD_DATASYNC|FD_READ|FD_SEEK|FD_FDSTAT_SET_FLAGS|FD_SYNC|FD_TELL|FD_WRITE|" +
  "FD_ADVISE|FD_ALLOCATE|FD_FILESTAT_GET|FD_FILESTAT_SET_SIZE|FD_FILESTAT_SET_TIMES|POLL_FD_READWRITE, " +
  "ALL-SOCK_SHUTDOWN-SOCK_ACCEPT",
  "fd_fdstat_set_flags(4, NONBLOCK|0x20) => INVAL",
  "fd_seek(4, -2, END) => 3",
  "fd_seek(4, 0, 9) => INVAL",
  "fd_pread(4, 16 bytes, 1) => 4",
  "fd_advise(4, 0, 5, WILLNEED) => SUCCESS",
  "poll_oneoff([CLOCK MONOTONIC 10000000000, FD_WRITE 4]) => [FD_WRITE 4]",
  "poll_oneoff([]) => INVAL",
  "fd_close(4) => SUCCESS",
  "fd_close(4) => BADF",
  'path_unlink_file(3, "new.txt") => SUCCESS',
  "clock_time_get(9) => INVAL",
  "random_get(8 bytes) => SUCCESS",
  "sched_yield() => SUCCESS",
  "fd_read(0, 16 bytes) => 5",
  "fd_read(0, 16 bytes) => 0",
  "proc_exit(3)",
];

describe("--trace", () => {
  test.each(["posix", "runtime"])("shows each call and its answer, on the platform %s", async (platform) => {
    const module = await watGuest("calls");
    const running = startWasirun(
      ["--trace", `--platform=${platform}`, "--dir", `${folder}::/data`, module, "-x"],
      { stdin: "pipe" },
    );
    // It waits for its input: once for each line, and once for the end.
    await running.printed("sched_yield() => SUCCESS", "stderr");
    running.write("abcd\n");
    await running.printed("fd_read(0, 16 bytes) => 5", "stderr");
    running.endInput();
    const result = await running.ended;
    const { first, calls } = linesOf(result);
    const name = platform === "posix" ? "posix" : RUNTIME_LABEL.toLowerCase();
    expect(first).toMatch(
      new RegExp(`^wasirun ${VERSION.replaceAll(".", "\\.")} \\(${RUNTIME_LABEL} .*, platform ${name}\\)$`),
    );
    expect(calls).toEqual(CALLS);
    expect(result).toMatchObject({ status: 3, stdout: "" });
  });

  test("shows those of a program in Go, whose output is its own", async () => {
    const result = await wasirun(["--trace", await goGuest("hello")]);
    const { calls } = linesOf(result);
    expect(result.status).toBe(0);
    expect(result.stdout).not.toBe("");
    expect(calls).toContain('args_get() => ["hello.wasm"]');
    expect(calls).toContain("fd_prestat_get(3) => BADF");
    expect(calls.at(-1)).toBe("proc_exit(0)");
    const written = calls.filter((line) => line.startsWith("fd_write(1, ")).map((line) =>
      Number(line.split(" => ")[1])
    );
    expect(written.reduce((total, bytes) => total + bytes, 0)).toBe(result.bytes.length);
  });

  test("shows those of a program in C", async () => {
    const result = await wasirun(["--trace", await cGuest("cat")], { stdin: { text: "some input" } });
    const { calls } = linesOf(result);
    expect(result).toMatchObject({ status: 0, stdout: "some input" });
    expect(calls.filter((line) => line.startsWith("fd_read(0, "))).toEqual([
      expect.stringMatching(/^fd_read\(0, \d+ bytes\) => 10$/),
      expect.stringMatching(/^fd_read\(0, \d+ bytes\) => 0$/),
    ]);
    expect(calls).toContain("fd_write(1, 10 bytes) => 10");
  });

  test("shows nothing without it", async () => {
    expect(await wasirun([await goGuest("hello")])).toMatchObject({ status: 0, stderr: "" });
  });
});
