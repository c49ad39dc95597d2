// Calls functions that a Go module exports with //go:wasmexport.
//
// Build the guest, in this folder, then run this file with Deno, Bun or Node:
//
//   GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o reactor.wasm .
//   deno run -A host.ts

import { instantiate } from "wasirun";

const guest = await instantiate(new URL("reactor.wasm", import.meta.url), {});

console.log(`exports: ${Object.keys(guest.exports).join(", ")}`);
console.log(`40 + 2 = ${await guest.call("add", 40, 2)}`);

// An i64 is a bigint in JavaScript.
await guest.call("count", 5n);
console.log(`counted: ${await guest.call("count", 6n)}`);

let ticks = 0;
const timer = setInterval(() => ticks++, 10);
await guest.call("pause", 100);
clearInterval(timer);
console.log(`the host's timer ran while the guest slept: ${ticks > 0}`);
