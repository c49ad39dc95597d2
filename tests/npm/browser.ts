/**
 * The package in a browser: bundles of esbuild and Vite, run by Chromium.
 *
 * @module
 */

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import { findChromium, NoChromium, openPage } from "../tools/chromium.ts";
import { goGuest } from "../tools/guests.ts";
import type { Checks } from "./checks.ts";
import type { Installation } from "./install.ts";

const PROGRAM = join(import.meta.dirname, "browser_page.js");
const GUESTS = ["hello", "files", "sleep", "httpserver", "cat"];
const PAGE =
  '<!doctype html><meta charset="utf-8"><title>wasirun</title><script type="module" src="./page.js"></script>\n';
const PAGE_TIMEOUT_MS = 120_000;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

const BUNDLERS: Readonly<Record<string, (folder: string, out: string) => Promise<void>>> = {
  async esbuild(folder, out) {
    await esbuild({
      absWorkingDir: folder,
      entryPoints: ["page.js"],
      outdir: out,
      bundle: true,
      splitting: true,
      minify: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      logLevel: "silent",
    });
    writeFileSync(join(out, "index.html"), PAGE);
  },
  async vite(folder, out) {
    writeFileSync(join(folder, "index.html"), PAGE);
    const target = "es2022";
    await vite({ root: folder, configFile: false, base: "./", logLevel: "silent", build: { outDir: out, target } });
  },
};

const EXPECTED = {
  hello: { exitCode: 0, stdout: "Hello, WASI\n" },
  helloOnConsole: { exitCode: 0, lines: ["Hello, WASI"] },
  files: { exitCode: 0, stdout: "ok\n", left: [] },
  sleep: { exitCode: 0, last: "ok", turned: true },
  server: { status: 200, text: "hello browser" },
  synchronous: { exitCode: 0, stdout: "Hello, WASI\n" },
  inputs: { exitCode: 0, stdout: "from a stream" },
};

/** Build a page with each bundler, and load it. */
export async function checkBrowser(checks: Checks, { folder }: Installation): Promise<void> {
  const names = Object.keys(BUNDLERS);
  let chromium: string;
  try {
    chromium = await findChromium();
  } catch (error) {
    if (!(error instanceof NoChromium)) throw error;
    for (const name of names) checks.skip(`a bundle of ${name} in Chromium`, error.message);
    return;
  }
  copyFileSync(PROGRAM, join(folder, "page.js"));
  for (const name of names) {
    const out = join(folder, `${name}_page`);
    const results = await buildAndLoad(name, folder, out, chromium).catch((error: unknown) => ({
      failed: String(error),
    }));
    checks.check(`a bundle of ${name} in Chromium`, () => {
      const { refusals, ...others } = results as Record<string, unknown>;
      assert.deepEqual(others, EXPECTED);
      const { path, mount, network } = refusals as Record<string, string>;
      assert.match(path ?? "", /^Cannot read hello\.wasm: a browser has no files; pass a URL/);
      assert.match(mount ?? "", /a browser has no directories; mount a memoryDirectory/);
      assert.match(network ?? "", /^Cannot give the guest a network/);
    });
  }
}

async function buildAndLoad(name: string, folder: string, out: string, chromium: string): Promise<unknown> {
  mkdirSync(out, { recursive: true });
  await BUNDLERS[name]!(folder, out);
  for (const guest of GUESTS) copyFileSync(await goGuest(guest), join(out, `${guest}.wasm`));
  const page = await servePage(out);
  const browser = openPage(chromium, page.url);
  try {
    return await Promise.race([page.result, browser.failed, late()]);
  } finally {
    await browser.close();
    await page.close();
  }
}

async function late(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, PAGE_TIMEOUT_MS).unref());
  throw new Error(`The page posted no result within ${PAGE_TIMEOUT_MS} ms`);
}

interface ServedPage {
  readonly url: string;
  /** What the page posts. */
  readonly result: Promise<unknown>;
  close(): Promise<void>;
}

/** Serve the files of a folder on the loopback interface. */
async function servePage(root: string): Promise<ServedPage> {
  const server = createServer();
  const result = new Promise<unknown>((resolve, reject) => {
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      if (request.method === "POST") void readJson(request, response).then(resolve, reject);
      else answerFile(root, request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, result, close: () => closeServer(server) };
}

async function readJson(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk as string;
  response.end();
  return JSON.parse(text);
}

function answerFile(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const name = pathname === "/" ? "/index.html" : pathname;
  try {
    const content = readFileSync(join(root, name));
    response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "application/octet-stream" }).end(content);
  } catch {
    response.writeHead(404).end();
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
