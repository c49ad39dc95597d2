/** Guests that try to leave what they were given: modules, and what only modules can try. */

import fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RIGHTS_ALL } from "../../src/witx/types.ts";
import { describeEscapes } from "./escape_suite.ts";
import { GuestCalls } from "./guest_calls.ts";
import { PLATFORMS } from "./platforms.ts";
import { type ScratchTree, scratchTree } from "./scratch_tree.ts";

for (const [name, options] of PLATFORMS) {
  describeEscapes(`a module by ${name}`, (preopens) => GuestCalls.start(preopens, options));
}

describe.each(PLATFORMS)("a module by %s", (_name, options) => {
  let tree: ScratchTree;
  let before: string[];
  let guest: GuestCalls;

  beforeEach(async () => {
    tree = scratchTree();
    before = tree.outsideState();
    guest = await GuestCalls.start({ "/box": tree.box }, options);
  });

  afterEach(async () => {
    await guest.close();
    const after = tree.outsideState();
    tree.remove();
    expect(after).toEqual(before);
  });

  test("reaches nothing by paths that are not UTF-8", async () => {
    const broken = Uint8Array.of(0x2e, 0x2e, 0xff, 0x2f, 0x6f);
    expect((await guest.open(broken)).errno).not.toBe("SUCCESS");
    // An overlong slash and dots.
    const overlong = Uint8Array.of(0xc0, 0xae, 0xc0, 0xae, 0xc0, 0xaf, 0x6f, 0x75, 0x74, 0x73, 0x69, 0x64, 0x65);
    expect((await guest.open(overlong)).errno).not.toBe("SUCCESS");
    expect((await guest.stat(overlong, true)).errno).not.toBe("SUCCESS");
  });

  test("sees in a directory that was removed and replaced by a link not what the link leads to", async () => {
    expect(await guest.mkdir("gone")).toBe("SUCCESS");
    const gone = await guest.mustOpen("gone");
    expect(await guest.rmdir("gone")).toBe("SUCCESS");
    expect(await guest.symlink("../outside", "gone")).toBe("SUCCESS");
    expect((await guest.fstat(gone)).value?.ino).not.toBe(fs.statSync(tree.outside, { bigint: true }).ino);
  });

  test("does not open, by leaving append mode, what the path of a file leads to by now", async () => {
    const fd = await guest.mustOpen("file.txt", { rights: RIGHTS_ALL, fdflags: 1 });
    expect(await guest.unlink("file.txt")).toBe("SUCCESS");
    expect(await guest.symlink("../outside/secret.txt", "file.txt")).toBe("SUCCESS");
    await guest.setFlags(fd, 0);
    await guest.pwrite(fd, "overwritten");
    await guest.setSize(fd, 1);
    await guest.fsetTimes(fd);
  });

  test("has nothing to open without a mount", async () => {
    await guest.close();
    guest = await GuestCalls.start({}, options);
    for (let fd = 0; fd < 64; fd++) {
      expect((await guest.open("file.txt", { fd })).errno).toBe(fd < 3 ? "NOTDIR" : "BADF");
    }
  });

  test("has no descriptor of the process, however high its number", async () => {
    const held = fs.openSync(join(tree.outside, "secret.txt"), "r+");
    try {
      for (const fd of [held, held + 1, 255, 1023, 1024, 65535, 0x7fffffff, -1]) {
        expect((await guest.read(fd)).errno, String(fd)).toBe("BADF");
        expect(await guest.write(fd, "overwritten"), String(fd)).toBe("BADF");
        expect((await guest.fstat(fd)).errno, String(fd)).toBe("BADF");
      }
    } finally {
      fs.closeSync(held);
    }
  });
});
