/** Opens the system calls by the FFI of this runtime. */

import type { Ffi } from "./ffi/ffi.ts";
import { bunFfi } from "./ffi/bun.ts";
import { denoFfi } from "./ffi/deno.ts";
import { nodeFfi } from "./ffi/node.ts";
import { Syscalls } from "./syscalls.ts";
import { Libc } from "./ffi/libc.ts";
import { targetOf } from "./target/current.ts";
import { currentRuntime, type Runtime } from "../runtime.ts";

interface DenoGlobals {
  readonly Deno: { readonly build: { readonly os: string; readonly arch: string } };
}

const FFIS: Readonly<Record<Runtime, () => Ffi>> = { deno: denoFfi, bun: bunFfi, node: nodeFfi };

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };

let opened: Syscalls | undefined;

/**
 * The calls of the system that this process runs on.
 *
 * @returns Always the same ones.
 * @throws {Error} If the runtime has no FFI or may not use it, or the system is another one.
 */
export function openSyscalls(): Syscalls {
  return opened ??= makeSyscalls();
}

function makeSyscalls(): Syscalls {
  const runtime = currentRuntime();
  const [os, arch] = runtime === "deno" ? denoTarget() : [process.platform, process.arch];
  const target = targetOf(os, arch);
  if (target === undefined) throw new Error(`it is not made for ${os} on ${arch}`);
  return new Syscalls(new Libc(FFIS[runtime](), target));
}

function denoTarget(): [os: string, arch: string] {
  const { os, arch } = (globalThis as unknown as DenoGlobals).Deno.build;
  return [os, ARCHITECTURES[arch] ?? arch];
}
