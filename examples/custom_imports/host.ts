// Gives a guest functions of the host's own, which read and write the guest's memory.
//
// Build the guest, in this folder, then run this file with Deno, Bun or Node:
//
//   GOOS=wasip1 GOARCH=wasm go build -o custom_imports.wasm .
//   deno run -A host.ts

import { run } from "wasirun";

const PRICES = new Map([["tea", "2.40 €"], ["cake", "3.10 €"]]);

const { exitCode } = await run(new URL("custom_imports.wasm", import.meta.url), {
  imports: ({ memory }) => ({
    shop: {
      add: (a: number, b: number): number => a + b,
      price(articlePtr: number, articleLen: number, bufferPtr: number, bufferLen: number): number {
        // Memory may grow between two calls, which detaches its old buffer: make views anew in each call.
        const { buffer } = memory();
        const article = new TextDecoder().decode(new Uint8Array(buffer, articlePtr >>> 0, articleLen));
        const price = PRICES.get(article);
        if (price === undefined) return -1;
        return new TextEncoder().encodeInto(price, new Uint8Array(buffer, bufferPtr >>> 0, bufferLen)).written;
      },
    },
  }),
});

console.log(`exit code: ${exitCode}`);
