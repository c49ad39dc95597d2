/** Opening the system's calls by the FFI of the runtime that this is. */

import type { Ffi } from "./ffi.ts";
import { bunFfi } from "./ffi_bun.ts";
import { denoFfi } from "./ffi_deno.ts";
import { nodeFfi } from "./ffi_node.ts";
import { Host } from "./host.ts";
import { Libc } from "./libc.ts";
import { targetOf } from "./target_of.ts";

interface Runtime {
  readonly Deno?: { readonly version: { readonly deno: string }; readonly build: { os: string; arch: string } };
  readonly Bun?: { readonly version: string };
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };

let opened: Host | undefined;

/**
 * The calls of the system that this process runs on.
 *
 * @returns Always the same ones.
 * @throws {Error} If the runtime has no FFI or may not use it, or the system is another one.
 */
export function openHost(): Host {
  return opened ??= makeHost();
}

function makeHost(): Host {
  const { Deno, Bun } = globalThis as unknown as Runtime;
  const [os, arch] = Deno?.version === undefined
    ? [process.platform, process.arch]
    : [Deno.build.os, ARCHITECTURES[Deno.build.arch] ?? Deno.build.arch];
  const target = targetOf(os, arch);
  if (target === undefined) throw new Error(`it is not made for ${os} on ${arch}`);
  const ffi: Ffi = Deno?.version !== undefined ? denoFfi() : Bun === undefined ? nodeFfi() : bunFfi();
  return new Host(new Libc(ffi, target));
}
