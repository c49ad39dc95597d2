/** Streams that were closed: their descriptor may be another file's by then. */

import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Errno } from "../../src/witx/errno.ts";
import { emptyFilestat } from "../../src/witx/types.ts";
import type { PlatformStream } from "../../src/contract/platform.ts";
import { Interest } from "../../src/contract/pollable.ts";
import { command } from "../tools/command.ts";
import { BOTH_PLATFORMS } from "./both_platforms.ts";
import { fails, flags, made, ok } from "./under_test.ts";

let folder = "";

beforeEach(async () => {
  folder = fs.realpathSync(fs.mkdtempSync(join(os.tmpdir(), "wasirun-closed-")));
  await command("mkfifo", [join(folder, "fifo")]);
  fs.writeFileSync(join(folder, "other"), "of another guest");
});

afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

test.skipIf(process.platform === "win32").each(BOTH_PLATFORMS)(
  "a FIFO that was closed has no file: %s",
  (_name, platform) => {
    const root = platform().openRoot(folder);
    const fifo = made(root.openFile("fifo", flags({ write: true }))) as PlatformStream;
    const bytes = new Uint8Array([120, 120]);
    expect(fifo.write(bytes, 0, 2)).toBe(2);
    expect(fifo.readiness(Interest.READ)).not.toBe(0);
    ok(fifo.close());
    // They take all numbers that are free below, so one of them has that of the FIFO.
    const others = Array.from({ length: 8 }, () => fs.openSync(join(folder, "other"), "r+"));
    try {
      fails(fifo.read(bytes, 0, 2), Errno.BADF);
      fifo.readiness(Interest.READ | Interest.WRITE);
      fails(fifo.write(bytes, 0, 2), Errno.BADF);
      fails(fifo.fstat(emptyFilestat()), Errno.BADF);
      fails(fifo.close(), Errno.BADF);
      for (const fd of others) expect(fs.readFileSync(fd, "utf8")).toBe("of another guest");
    } finally {
      for (const fd of others) fs.closeSync(fd);
      ok(root.close());
    }
  },
);
