// Runs a WebAssembly module from a program and takes what it writes as text.
//
// Build ../hello first (see there). The same file runs on each of the three:
//
//   deno run -A examples/library/run.ts
//   bun examples/library/run.ts
//   node examples/library/run.ts   (Node 22.18, 23.6 or later)

import { run } from "wasirun";

const { exitCode, stdout } = await run(new URL("../hello/hello.wasm", import.meta.url), {
  args: ["Ada"],
  stdout: "text",
});

console.log(`exit code: ${exitCode}`);
console.log(`output: ${JSON.stringify(stdout)}`);
