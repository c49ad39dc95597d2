import { execFileSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RUNTIME } from "../tools/wasirun.ts";

const SCRIPT = path.join(import.meta.dirname, "denied_calls.ts");
const DENO = path.join(import.meta.dirname, "..", "..", "node_modules", ".bin", "deno");

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(RUNTIME !== "deno")("the permissions of Deno hold for sockets", () => {
  let directory = "";
  let allowed = 0;
  let denied = 0;

  beforeAll(async () => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "wasirun-permissions-"));
    [allowed, denied] = [await freePort(), await freePort()];
  });

  afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

  /** What each call becomes under some permissions. */
  function callsUnder(...flags: string[]): Record<string, unknown> {
    const args = ["run", "--no-prompt", ...flags, SCRIPT, String(allowed), String(denied), directory];
    const output = execFileSync(DENO, args, { timeout: 20_000, stdio: ["ignore", "pipe", "inherit"] });
    return JSON.parse(output.toString()) as Record<string, unknown>;
  }

  test("without any, every call ends in ACCES", () => {
    expect(callsUnder()).toEqual({
      listenAllowed: "ACCES",
      listenDenied: "ACCES",
      connectAllowed: "ACCES",
      connectDenied: "ACCES",
      connectFromAllowed: "ACCES",
      connectFromDenied: "ACCES",
      sendFromAllowed: ["ACCES"],
      sendFromDenied: ["ACCES"],
      listenAtPath: "ACCES",
      connectToPath: "ACCES",
      unixDatagrams: "PROTONOSUPPORT",
      lookup: "ACCES",
      lookupByServer: "ACCES",
    });
  });

  test("one address is allowed, and nothing else", () => {
    expect(callsUnder(`--allow-net=127.0.0.1:${allowed}`)).toEqual({
      listenAllowed: "ok",
      listenDenied: "ACCES",
      connectAllowed: "CONNREFUSED",
      connectDenied: "ACCES",
      connectFromAllowed: "ACCES",
      connectFromDenied: "ACCES",
      sendFromAllowed: ["ok", "ACCES"],
      sendFromDenied: ["ACCES"],
      listenAtPath: "ACCES",
      connectToPath: "ACCES",
      unixDatagrams: "PROTONOSUPPORT",
      lookup: "ACCES",
      lookupByServer: "ACCES",
    });
  });

  test("a unix socket to listen at needs its directory", () => {
    const socket = path.join(directory, "socket");
    const calls = callsUnder("--allow-net", `--allow-read=${socket}`, `--allow-write=${socket}`);
    expect(calls).toMatchObject({
      listenAtPath: "ACCES",
      connectFromDenied: "CONNREFUSED",
      lookup: "ok",
      lookupByServer: "AGAIN",
    });
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  test("with the directory, a unix socket keeps its name", () => {
    const calls = callsUnder("--allow-net", `--allow-read=${directory}`, `--allow-write=${directory}`);
    expect(calls).toMatchObject({ listenAtPath: "ok", connectToPath: "CONNREFUSED" });
    expect(fs.readdirSync(directory)).toEqual(["socket"]);
  });

  test.each([
    ["read", ["--allow-ffi", "--allow-write", "--allow-net"]],
    ["write", ["--allow-ffi", "--allow-read", "--allow-net"]],
    ["net", ["--allow-ffi", "--allow-read", "--allow-write", "--allow-net=127.0.0.1"]],
    ["a part of read", ["--allow-ffi", "--allow-read", "--deny-read=/etc", "--allow-write", "--allow-net"]],
    ["ffi", ["--allow-read", "--allow-write", "--allow-net"]],
  ])("unix datagram sockets, which go by the FFI, are not there without %s", (_name, flags) => {
    expect(callsUnder(...flags)).toMatchObject({ unixDatagrams: "PROTONOSUPPORT" });
  });

  test("unix datagram sockets are there with the FFI where nothing else is limited", () => {
    const calls = callsUnder("--allow-ffi", "--allow-read", "--allow-write", "--allow-net");
    expect(calls).toMatchObject({ unixDatagrams: "ok" });
  });
});
