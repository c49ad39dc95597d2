/** `wasirun serve` */

import * as fs from "node:fs";
import http from "node:http";
import * as os from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePorts } from "../tools/free_port.ts";
import { witComponent } from "../tools/component_guests.ts";
import { goGuest } from "../tools/guests.ts";
import { startWasirun, wasirun } from "../tools/wasirun.ts";

let guest: string;
let folder: string;
beforeAll(async () => {
  guest = await witComponent("http_proxy");
  folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-serve-"));
}, 120_000);
afterAll(() => fs.rmSync(folder, { recursive: true }));

interface Server {
  readonly url: string;
  /** Send it a signal, and wait for its end. */
  stop(signal?: NodeJS.Signals): Promise<{ status: number | null; stderr: string }>;
}

async function start(...args: readonly string[]): Promise<Server> {
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const running = startWasirun(["serve", "--addr", address, ...args]);
  await running.printed(`Serving HTTP at http://${address}/`, "stderr");
  return {
    url: `http://${address}/`,
    async stop(signal = "SIGTERM") {
      running.kill(signal);
      return await running.ended;
    },
  };
}

describe("a component", () => {
  test("is served, logged, and ended once its requests are answered", async () => {
    const server = await start("--log", "--max-body", "10", "--request-timeout", "5", guest);
    const response = await fetch(`${server.url}r?x`, { headers: { "x-one": "1" } });
    expect([response.status, response.headers.getSetCookie()]).toEqual([201, ["a=1", "b=2"]]);
    expect(await response.text()).toMatch(/^0 \/r\?x 127\.0\.0\.1:\d+ http\n[^]*x-one: 1\n/);
    expect((await fetch(`${server.url}n`, { method: "POST", body: "12345678901" })).status).toBe(413);
    expect((await fetch(`${server.url}t`)).status).toBe(500);
    await expect(fetch(`${server.url}t1`).then((each) => each.text())).rejects.toThrow();
    const slow = fetch(`${server.url}w400`).then((each) => each.text());
    await new Promise((resolve) => setTimeout(resolve, 150));
    const { status, stderr } = await server.stop();
    expect([await slow, status]).toEqual(["waited", 0]);
    expect(stderr).toMatch(/^\d{4}-\S+Z 127\.0\.0\.1 GET \/r\?x 201 [\d.]+ ms$/m);
    expect(stderr).toMatch(/^wasirun: The guest trapped: unreachable/im);
  });

  test("is served at a unix socket", async () => {
    const path = join(folder, "http.sock");
    const running = startWasirun(["serve", "--unix", path, guest]);
    await running.printed(`unix:${path}`, "stderr");
    const text = await new Promise<string>((resolve, reject) => {
      http.get({ socketPath: path, path: "/c", headers: { host: "a.test" } }, (message) => {
        message.on("data", (bytes) => resolve(String(bytes)));
      }).on("error", reject);
    });
    expect(text).toBe("1");
    running.kill("SIGINT");
    expect((await running.ended).status).toBe(0);
  });
});

test("a module that serves on a socket is served", async () => {
  const server = await start("--listen", "127.0.0.1:80", await goGuest("httpserver"));
  expect(await (await fetch(`${server.url}hello?name=Ada`)).text()).toBe("hello Ada");
  expect((await server.stop("SIGINT")).status).toBe(0);
});

test.each([
  [["--addr", "nowhere", "a.wasm"], 2, "Cannot use --addr=nowhere: write HOST:PORT"],
  [["--request-timeout", "0", "a.wasm"], 2, "Cannot use --request-timeout=0: write seconds"],
  [["--addr", "127.0.0.1:1", "--unix", "x", "a.wasm"], 2, "Cannot use both --addr and --unix"],
  [["--instances", "0", "a.wasm"], 2, "Cannot use --instances=0"],
  [["--adr", "x", "a.wasm"], 2, "Cannot understand the option --adr"],
  [[], 2, "no module is given"],
])("mistakes are named: %j", async (args, status, message) => {
  const ended = await wasirun(["serve", ...args]);
  expect(ended).toMatchObject({ status, stderr: expect.stringContaining(message) });
});

test("--help prints the help", async () => {
  expect((await wasirun(["serve", "--help"])).stdout).toMatch(/^wasirun serve - /);
});
