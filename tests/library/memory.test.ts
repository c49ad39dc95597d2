import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run, runSync } from "wasirun";
import { memoryDirectory, symlink } from "wasirun/memory";
import { cGuest, goGuest } from "../tools/guests.ts";
import { CREATE, GuestCalls } from "../sandbox/guest_calls.ts";

describe("a directory in memory", () => {
  test("is mounted beside directories of the host, and outlives the guest", async () => {
    const folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-memory-"));
    fs.writeFileSync(join(folder, "host.txt"), "of the host");
    const memory = memoryDirectory({
      "a.txt": "in memory",
      deep: { "b.bin": Uint8Array.of(1, 2, 3), link: symlink("b.bin") },
    });
    try {
      for (let i = 0; i < 2; i++) {
        const guest = await GuestCalls.start({ "/memory": { source: memory }, "/host": folder });
        expect((await guest.readFile("a.txt")).value).toBe("in memory");
        expect((await guest.readFile("deep/link", { follow: true })).value).toBe("\u0001\u0002\u0003");
        expect((await guest.readFile("host.txt", { fd: 4 })).value).toBe("of the host");
        expect(await guest.rename("a.txt", "a.txt", 3, 4)).toBe("XDEV");
        expect(await guest.link("a.txt", "a.txt", 3, 4)).toBe("XDEV");
        expect((await guest.open("../host/host.txt")).errno).toBe("PERM");
        await guest.write(await guest.mustOpen(`new${i}`, CREATE), `round ${i}`);
        await guest.close();
      }
      expect(memory.readText("new0")).toBe("round 0");
      expect(memory.readText("new1")).toBe("round 1");
      expect(fs.readdirSync(folder)).toEqual(["host.txt"]);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  test("is read-only if its mount is", async () => {
    const memory = memoryDirectory({ "a.txt": "content", dir: {} });
    const guest = await GuestCalls.start({ "/": { source: memory, readOnly: true } });
    expect((await guest.open("new", CREATE)).errno).toBe("ROFS");
    expect(await guest.unlink("a.txt")).toBe("ROFS");
    expect(await guest.rmdir("dir")).toBe("ROFS");
    const fd = await guest.mustOpen("a.txt");
    expect(await guest.setSize(fd, 0)).not.toBe("SUCCESS");
    expect(await guest.allocate(fd, 100)).not.toBe("SUCCESS");
    expect(await guest.fsetTimes(fd)).not.toBe("SUCCESS");
    await guest.close();
    expect(memory.readText("a.txt")).toBe("content");
  });

  test("serves a guest of Go with all that the os package does", async () => {
    const memory = memoryDirectory();
    const options = { preopens: { "/": { source: memory } }, stdout: "text", stderr: "text" } as const;
    expect(await run(await goGuest("files"), options)).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("serves a guest of C, blocking as well", async () => {
    const memory = memoryDirectory({ "one.txt": "", sub: {} });
    const { stdout } = runSync(await cGuest("readdir"), {
      args: ["/"],
      preopens: { "/": { source: memory } },
      stdout: "text",
    });
    expect(stdout).toContain("file one.txt\n");
    expect(stdout).toContain("directory sub\n");
    expect(stdout).toContain("seekdir: same entry");
  });

  test("nested in one of the host covers what is there", async () => {
    const folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-memory-"));
    fs.mkdirSync(join(folder, "data"));
    fs.writeFileSync(join(folder, "data", "hidden.txt"), "hidden");
    try {
      const guest = await GuestCalls.start({
        "/": folder,
        "/data": { source: memoryDirectory({ "seen.txt": "seen" }) },
      });
      expect((await guest.readFile("data/seen.txt")).value).toBe("seen");
      expect((await guest.open("data/hidden.txt")).errno).toBe("NOENT");
      await guest.close();
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
