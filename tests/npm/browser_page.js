// What the bundles for browsers do: run guests, and post what came of it to the server of the page.

import { Errno, run, runSync } from "wasirun";
import { memoryDirectory, memoryPlatform } from "wasirun/memory";
import { serve } from "wasirun/serve";

async function hello() {
  return await run(new URL("hello.wasm", document.baseURI), { stdout: "text" });
}

/** The default output is the console, line by line. */
async function helloOnConsole() {
  const lines = [];
  const { log } = console;
  console.log = (line) => lines.push(line);
  try {
    return { ...await run(fetch("hello.wasm")), lines };
  } finally {
    console.log = log;
  }
}

async function files() {
  const root = memoryDirectory({ work: {}, "in.txt": "mounted" });
  const result = await run(new URL("files.wasm", document.baseURI), {
    args: ["/work"],
    preopens: { "/": { source: root } },
    stdout: "text",
  });
  return { ...result, left: Object.keys(root.entries?.("work") ?? {}) };
}

/** A guest that sleeps gives way to the page. */
async function sleep() {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const result = await run(new URL("sleep.wasm", document.baseURI), { stdout: "text" });
  clearInterval(timer);
  return { exitCode: result.exitCode, last: result.stdout.trimEnd().split("\n").at(-1), turned: turns > 5 };
}

async function server() {
  const app = await serve(new URL("httpserver.wasm", document.baseURI), { net: { listen: ["127.0.0.1:80"] } });
  const response = await app.fetch(new Request("http://localhost/hello?name=browser"));
  const text = await response.text();
  await app.close();
  return { status: response.status, text };
}

async function synchronous() {
  const module = await WebAssembly.compileStreaming(fetch("hello.wasm"));
  const { exitCode, stdout } = runSync(module, { stdout: "text", platform: memoryPlatform() });
  return { exitCode, stdout };
}

async function refusals() {
  const message = async (promise) => await promise.then(() => "none", (error) => error.message);
  const module = await (await fetch("hello.wasm")).arrayBuffer();
  return {
    path: await message(run("hello.wasm")),
    mount: await message(run(module, { preopens: { "/": "." } })),
    network: await message(run(module, { net: { allow: true } })),
    errno: Errno.NOENT,
  };
}

async function inputs() {
  const stdin = new Blob(["from a ", "stream"]).stream();
  return await run(new URL("cat.wasm", document.baseURI), { stdin, stdout: "text" });
}

const results = {};
const parts = { hello, helloOnConsole, files, sleep, server, synchronous, refusals, inputs };
for (const [name, part] of Object.entries(parts)) {
  results[name] = await part().catch((error) => ({ failed: String(error?.stack ?? error) }));
}
await fetch("result", { method: "POST", body: JSON.stringify(results) });
