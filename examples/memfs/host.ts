// Gives a guest a directory that is only in memory, and reads the file that the guest made there.
//
// Build the guest, in this folder, then run this file with Deno, Bun or Node:
//
//   GOOS=wasip1 GOARCH=wasm go build -o memfs.wasm .
//   deno run -A host.ts

import { run } from "wasirun";
import { memoryDirectory } from "wasirun/memory";

const data = memoryDirectory({ "words.txt": "pear\napple\nquince\n" });

const { exitCode } = await run(new URL("memfs.wasm", import.meta.url), {
  preopens: { "/data": { source: data } },
});

console.log(`exit code: ${exitCode}`);
console.log(data.readText("sorted.txt"));
