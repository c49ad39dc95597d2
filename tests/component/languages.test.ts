/**
 * Components of Rust's std, of CPython and of a JavaScript engine, which are commands with the same output. They run where
 * `npm run guests -- --all` has built them.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePorts } from "../tools/free_port.ts";
import { builtGuest } from "../tools/language_guests.ts";
import { ServerProcess } from "../tools/server_process.ts";
import { startWasirun, wasirun, type WasirunResult } from "../tools/wasirun.ts";

/** Magic number, version 13, layer 1. */
const HEADER = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];
const MIB = 1024 * 1024;
const LOCAL = "--allow-net=127.0.0.1,localhost";
const HAS_REDIS = spawnSync("redis-server", ["--version"]).status === 0;
const TIMEOUT_MS = 120_000;
const base = realpathSync(mkdtempSync(join(tmpdir(), "wasirun-languages-")));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const HELLO = ["hello a,b c x true", "line: one", "line: last", "slept: true", ""];
/** The numbers are those of the libc of WASI: EEXIST, ENOENT, EISDIR, ENOTDIR, … */
const FILES = [
  "position: 200000",
  "content: 100003 xxtenx xxend",
  "metadata: 100003 true",
  "modified: true",
  "names: a file",
  "names of a: b renamed",
  "create again: errno 20",
  "open of nothing: errno 44",
  "read of a directory: errno 31",
  "list of a file: errno 54",
  "below a file: errno 54",
  "remove a full directory: errno 55",
  "remove a directory as a file: errno 31",
  "out of the directory: errno 63",
  "rename to a directory: errno 31",
  "names: ",
  "",
];
const UDP = [
  "empty: errno 6",
  "send_to: 8",
  "received: datagram true",
  "send: 11",
  "received: 11",
  "large: 60000",
  "received: 60000",
  "",
];
const REDIS = [
  "+PONG",
  "+OK",
  "-ERR value is not an integer or out of range",
  "$-1",
  ":3",
  "[a, , c]",
  "+OK",
  "large: true",
  "pipelined: :1000",
  "[subscribe, news, :1]",
  ":1",
  "[message, news, hello]",
  "+OK",
  "",
];

const LANGUAGES = (["rust", "python", "javascript"] as const).map((language) => ({
  language,
  guest: builtGuest(language),
}));
const PLATFORMS = ["posix", "runtime"] as const;

for (const { language, guest } of LANGUAGES) {
  test.skipIf(guest === undefined)(`a component of ${language} is there: npm run guests -- --all builds it`, () => {
    expect([...readFileSync(guest!).subarray(0, HEADER.length)]).toEqual(HEADER);
  });
  if (guest === undefined) continue;
  describe(`a component of ${language}`, () => {
    describe.each(PLATFORMS)("with the platform %s", (platform) => {
      const ofPlatform = (args: readonly string[]): string[] => ["--platform", platform, ...args];

      async function command(...args: string[]): Promise<WasirunResult> {
        return await wasirun(ofPlatform(args), { timeoutMs: TIMEOUT_MS, stdin: { text: "one\nlast" } });
      }

      async function lines(...args: string[]): Promise<string[]> {
        const { status, stdout, stderr } = await command(...args);
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
        return stdout.split("\n");
      }

      test("gets arguments, variables and input, and waits", async () => {
        const { status, stdout, stderr } = await command("--env", "NAME=x", guest, "hello", "a", "b c");
        expect(stdout.split("\n")).toEqual(HELLO);
        expect({ status, stderr }).toEqual({ status: 1, stderr: "to standard error\n" });
      });

      test("works with files", async () => {
        const folder = mkdtempSync(join(base, "d-"));
        // The interface itself, without a libc, does not open a directory to be read.
        const errno = language === "javascript" ? "8" : "31";
        const expected = FILES.map((line) => line.replace(/^(read of a directory: errno) .*/, `$1 ${errno}`));
        expect(await lines("--dir", `${folder}::/work`, guest, "files", "/work")).toEqual(expected);
        expect(readdirSync(folder)).toEqual([]);
      });

      if (language === "javascript") {
        test("polls several timers", async () => {
          expect(await lines(guest, "timers")).toEqual(["first: 1", ""]);
        });
        return;
      }

      test("exchanges datagrams", async () => {
        expect(await lines(LOCAL, guest, "udp")).toEqual(UDP);
      });

      test("looks names up", async () => {
        const [found] = await lines(LOCAL, guest, "lookup", "localhost");
        expect(found?.split(" ")).toContain("127.0.0.1:80");
        expect((await command(LOCAL, guest, "lookup", "example.com")).stdout).toBe("not found\n");
      });

      test("serves connections", async () => {
        const running = startWasirun(ofPlatform([LOCAL, guest, "echo", "2"]), { timeoutMs: TIMEOUT_MS });
        await running.printed("\n");
        const port = running.output().trim();
        for (const bytes of ["0", String(MIB)]) {
          expect(await lines(LOCAL, guest, "client", "127.0.0.1", port, bytes)).toEqual([
            `sent ${bytes}, received ${bytes}`,
            "",
          ]);
        }
        expect((await running.ended).stdout).toBe(`${port}\nechoed 0\nechoed ${MIB}\n`);
      });

      describe("with a server", () => {
        let server: net.Server;
        let port: string;
        beforeEach(async () => {
          server = net.createServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket));
          await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
          port = String((server.address() as net.AddressInfo).port);
        });
        afterEach(() => void server.close());

        test("polls 40 connections", async () => {
          const found = await lines(LOCAL, guest, "many", "127.0.0.1", port, "40");
          expect(found).toEqual(["connected 40, received 200", ""]);
        });
      });

      test.skipIf(!HAS_REDIS)("speaks to a Redis server, where redis-server is installed", async () => {
        const [port = 0] = await freePorts(1);
        const words = ["redis-server", "--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", base];
        const redis = await ServerProcess.start({ words, ready: port });
        try {
          expect(await lines(LOCAL, guest, "redis", "127.0.0.1", String(port))).toEqual(REDIS);
        } finally {
          await redis.stop();
        }
      });
    });
  });
}
