/**
 * Programs in C on a stock wasi-libc of `wasm32-wasip2`, on both platforms of the command. The expected answers are
 * wasmtime's, except that it says `EIO` when a guest reads what is open for writing only, or the reverse.
 */

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "wasirun";
import { memoryDirectory } from "../../src/platform/memory/mod.ts";
import { cGuest } from "../tools/guests.ts";
import { WASI_LIBC, wasiLibcComponent } from "../tools/wasi_libc.ts";
import { startWasirun, wasirun, type WasirunResult } from "../tools/wasirun.ts";

const MIB = 1024 * 1024;
const LOCAL = "--allow-net=127.0.0.1";
const base = realpathSync(mkdtempSync(join(tmpdir(), "wasirun-libc-")));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** What this libc does otherwise than that of preview 1: it writes 64 KiB at most, and reads on after `lseek`. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  ["write: 100000", "write: 65536"],
  ["pread: 10", "pread: 0"],
  ["lseek to the end: 100000", "lseek to the end: 65536"],
  ["read at the end: 0", "read at the end: 8"],
  ["read in all: 100000", "read in all: 65536"],
]);

const UDP = [
  "empty: -1 1",
  "sendto: 8",
  "poll: 1 0 1",
  "recvfrom: 8 datagram from the other: 1",
  "send: 11",
  "recvfrom, cut: 4 to t",
  "empty datagram: 0",
  "received: 0",
  "large: 60000",
  "received: 60000",
  "too large: -1 Message too large",
  "",
];

describe.skipIf(WASI_LIBC === undefined)("programs on wasi-libc: WASIRUN_WASI_LIBC names it", () => {
  describe.each(["posix", "runtime"])("with the platform %s", (platform) => {
    let server: net.Server;
    let port: string;
    beforeEach(async () => {
      server = net.createServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      port = String((server.address() as net.AddressInfo).port);
    });
    afterEach(() => void server.close());

    async function network(...args: string[]): Promise<WasirunResult> {
      return await wasirun(["--platform", platform, LOCAL, await networkGuest(), ...args], { timeoutMs: 60_000 });
    }

    test("get arguments, variables and input, and every exit code but 0 is 1", async () => {
      const guest = await wasiLibcComponent("component/wasi_libc/program.c");
      const args = ["--platform", platform, "--env", "NAME=value", guest, "a", "b c", "7"];
      const result = await wasirun(args, { stdin: { text: "one\nlast" } });
      expect(result.stdout.split("\n")).toEqual([
        "argument: a",
        "argument: b c",
        "argument: 7",
        "NAME: value, NONE: 1",
        "slept: 1, it is later than 2020: 1",
        "getrandom: 0",
        "random: 1",
        "isatty: 0 0",
        "poll: 1",
        "line: one",
        "line: lastend of input: 8 1",
        "",
      ]);
      expect(result).toMatchObject({ status: 1, stderr: "to standard error\n" });
    });

    test("work with files as modules of preview 1 do", async () => {
      const preopens = { "/work": { source: memoryDirectory() } };
      const expected = await run(await cGuest("files"), { preopens, args: ["/work"], stdout: "text" });
      const mount = `${mkdtempSync(join(base, "d-"))}::/work`;
      const guest = await wasiLibcComponent("c/files.c");
      const { stdout } = await wasirun(["--platform", platform, "--dir", mount, guest, "/work"]);
      const lines = expected.stdout.split("\n").map((line) => DIFFERENT.get(line) ?? line);
      expect(stdout.split("\n")).toEqual(lines);
    });

    test("send 16 MiB and receive them at once", async () => {
      const bytes = 16 * MIB;
      expect(await network("client", "127.0.0.1", port, String(bytes))).toMatchObject({
        status: 0,
        stdout: `sent ${bytes}, received ${bytes}\n`,
      });
    });

    test("send 1 MiB before they receive", async () => {
      const { stdout } = await network("flood", "127.0.0.1", port, String(MIB));
      expect(stdout).toBe(`send after shutdown: -1 1\nreceived ${MIB}\nrecv at the end: 0\n`);
    });

    test("make 40 connections without blocking, in one poll", async () => {
      expect((await network("many", "127.0.0.1", port, "40")).stdout).toBe("connected 40, received 200\n");
    });

    test("are refused where nobody listens", async () => {
      await new Promise((resolve) => server.close(resolve));
      const refused = "-1 Connection refused\n";
      expect((await network("refused", "127.0.0.1", port)).stdout).toBe(
        `blocking: ${refused}non-blocking: ${refused}`,
      );
    });

    test("exchange datagrams", async () => {
      expect((await network("udp")).stdout.split("\n")).toEqual(UDP);
    });

    test("look names up", async () => {
      expect((await network("lookup", "127.0.0.1")).stdout).toBe("getaddrinfo: 0\n127.0.0.1 80\n");
    });

    test("serve each other", async () => {
      const args = ["--platform", platform, LOCAL, await networkGuest(), "echo", "2"];
      const echo = startWasirun(args, { timeoutMs: 60_000 });
      await echo.printed("\n");
      const at = echo.output().trim();
      for (const bytes of [0, 3 * MIB]) {
        const { stdout } = await network("client", "127.0.0.1", at, String(bytes));
        expect(stdout).toBe(`sent ${bytes}, received ${bytes}\n`);
      }
      expect(await echo.ended).toMatchObject({
        status: 0,
        stdout: `${at}\nechoed 0\nechoed ${3 * MIB}\n`,
      });
    });
  });
});

function networkGuest(): Promise<string> {
  return wasiLibcComponent("component/wasi_libc/network.c");
}
