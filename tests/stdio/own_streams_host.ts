/**
 * `own_streams_host.ts runtime|posix HELLO CAT`: runs two guests on the web streams of the process, one after the other,
 * and goes on to use the process's streams itself.
 *
 * @module
 */

import process from "node:process";
import { Readable, Writable } from "node:stream";
import { run, type RunOptions } from "wasirun";
import { posix } from "wasirun/posix";

interface DenoStreams {
  readonly stdin: { readonly readable: ReadableStream<Uint8Array> };
  readonly stdout: { readonly writable: WritableStream<Uint8Array> };
}

const [platform, hello = "", cat = ""] = process.argv.slice(2);
const { Deno } = globalThis as unknown as { readonly Deno?: DenoStreams };

function options(): RunOptions {
  const common = platform === "posix" ? { platform: posix() } : {};
  if (Deno !== undefined) return { ...common, stdin: Deno.stdin.readable, stdout: Deno.stdout.writable };
  // Elsewhere the streams are made for the caller, and nothing tells that they are the process's.
  const stdin = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
  const stdout = Writable.toWeb(process.stdout) as WritableStream<Uint8Array>;
  return { ...common, stdin, stdout, preventClose: true };
}

const shared = options();
await run(hello, { ...shared, ...(Deno === undefined ? { stdin: "null" } : {}) });
await run(cat, shared);
process.stdout.write("after\n", () => process.exit(0));
