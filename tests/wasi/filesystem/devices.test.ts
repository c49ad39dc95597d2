import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BACKENDS, code, FileGuest, type Files, made, READ, RW } from "./file_guest.ts";

const ON_DISK = BACKENDS.filter(([name]) => name !== "memory");

describe.each(ON_DISK)("what is not a file on %s", (_name, make) => {
  let files: Files;
  let guest: FileGuest;
  beforeEach(() => {
    files = make();
    guest = new FileGuest(files.platform, {
      "/": { root: files.root },
      "/dev": { root: files.platform.openRoot("/dev") },
    });
    execFileSync("mkfifo", [join(files.path!, "fifo")]);
  });
  afterEach(() => files.remove());

  test("a FIFO has no offsets, but streams", () => {
    const fifo = made(guest.open("fifo", { flags: RW }));
    expect([guest.type(fifo), made(guest.stat(fifo)).type, guest.list(guest.root).at(-1)])
      .toEqual(["unknown", "unknown", "fifo unknown"]);
    const answers = [
      guest.read(fifo, 1n),
      guest.read(fifo, 1000n, 5n),
      guest.write(fifo, "x"),
      guest.method("set-size", fifo, 0n),
      guest.method("advise", fifo, 0n, 1n, "normal"),
    ];
    expect(answers.map(code)).toEqual(["invalid-seek", "invalid-seek", "invalid-seek", "invalid", "bad-descriptor"]);
    const output = made(guest.stream("write-via-stream", fifo, 0n));
    const input = made(guest.stream("read-via-stream", fifo, 3n));
    expect(guest.readStream(input, 9n, "read")).toEqual({ tag: "ok", val: "" });
    made(guest.writeStream(output, "through the pipe"));
    expect(guest.readStream(input, 7n)).toEqual({ tag: "ok", val: "through" });
    expect(guest.skip(input, 5n)).toEqual({ tag: "ok", val: 5n });
    guest.drop(fifo);
    expect(guest.readStream(input, 9n)).toEqual({ tag: "ok", val: "pipe" });
    made(guest.writeStream(made(guest.stream("append-via-stream", made(guest.open("fifo", { flags: RW })))), "more"));
    expect(guest.readStream(input, 9n)).toEqual({ tag: "ok", val: "more" });
  });

  test("a character device is read and written at any offset", () => {
    const dev = guest.preopens.get("/dev")!;
    const nothing = made(guest.open("null", { flags: RW }, dev));
    expect(guest.type(nothing)).toBe("character-device");
    expect(guest.read(nothing, 9n, 5n)).toEqual({ tag: "ok", val: ["", true] });
    expect(guest.write(nothing, "hello", 2n)).toEqual({ tag: "ok", val: 5n });
    const zero = made(guest.open("zero", {}, dev));
    expect(guest.read(zero, 3n, 1n << 40n)).toEqual({ tag: "ok", val: ["\0\0\0", false] });
    expect(made(guest.read(zero, 1000n))[0].length).toBe(1000);
    expect(code(guest.write(zero, "x"))).toBe("bad-descriptor");
  });

  test("a socket is listed, and not opened", async () => {
    const { createServer } = await import("node:net");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(files.path!, "sock"), resolve));
    expect(guest.list(guest.root)).toContain("sock socket");
    expect(made(guest.statAt("sock")).type).toBe("socket");
    expect(guest.open("sock", { flags: READ }).tag).toBe("err");
    await new Promise((resolve) => server.close(resolve));
    fs.rmSync(join(files.path!, "sock"), { force: true });
  });
});
