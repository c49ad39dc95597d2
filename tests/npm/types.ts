/**
 * What compilers make of the package's declarations, which are checked in full: `skipLibCheck` is false.
 *
 * @module
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, type Runtime } from "../suites/runtimes.ts";
import type { Checks } from "./checks.ts";
import type { Installation } from "./install.ts";

/** Imports every entry point but the command, which is no module to import, and names no type of the web. */
const PROGRAM = `
import { instantiate, ModuleError, run, type RunOptions, runSync } from "wasirun";
import { browserPlatform } from "wasirun/browser";
import { bunPlatform } from "wasirun/bun";
import * as core from "wasirun/core";
import { denoPlatform } from "wasirun/deno";
import { ManualClock, memoryDirectory, memoryPlatform, virtualNetwork } from "wasirun/memory";
import { nodePlatform } from "wasirun/node";
import { posix } from "wasirun/posix";
import { type App, serve } from "wasirun/serve";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
export function expectType<Expected, Actual>(same: Equal<Expected, Actual>): void {
  if (!same) throw new Error();
}

export const platforms: core.Platform[] = [
  browserPlatform(), bunPlatform(), denoPlatform(), memoryPlatform({ clock: new ManualClock() }), nodePlatform(), posix(),
];

export async function main(bytes: Uint8Array): Promise<void> {
  const options: RunOptions = { args: ["one"], preopens: { "/": { source: memoryDirectory({ file: bytes }) } } };
  const text = await run("guest.wasm", { stdout: "text", stderr: "bytes", trace: (line) => line.length });
  expectType<string, typeof text.stdout>(true);
  expectType<Uint8Array, typeof text.stderr>(true);
  const late = runSync(bytes.slice(), options);
  expectType<string | Uint8Array | undefined, typeof late.stdout>(true);
  const plain = await core.run(bytes.slice().buffer);
  expectType<number, typeof plain.exitCode>(true);
  const guest = await instantiate("guest.wasm", { imports: { env: { log: (value: number) => value } } });
  expectType<number | bigint | undefined, Awaited<ReturnType<typeof guest.call>>>(true);
  expectType<number, typeof guest.memory.buffer.byteLength>(true);
  const app: App = await serve("guest.wasm", { virtual: virtualNetwork(), port: 80 });
  expectType<number, typeof app.port>(true);
  const response = await app.fetch(null as never);
  expectType<number, typeof response.status>(true);
  if (new ModuleError("").message !== "") await app.close();
}
`;

/** Uses the real types of the web, which the package must not replace by others. */
const WEB_PROGRAM = `
import { run } from "wasirun";
import { serve } from "wasirun/serve";
import { expectType } from "./program.js";

export async function main(stdin: ReadableStream<Uint8Array>, stdout: WritableStream<Uint8Array>): Promise<Response> {
  const { signal } = new AbortController();
  await run(new URL("guest.wasm", "file:///"), { stdin, stdout, signal });
  await run(await fetch("guest.wasm"));
  await run(fetch("guest.wasm"));
  await run(new Blob([]));
  const app = await serve("guest.wasm");
  expectType<(request: Request) => Promise<Response>, typeof app.fetch>(true);
  return await app.fetch(new Request("http://localhost/"));
}
`;

/** The namespace, which the DOM and Deno have, but neither Node nor Bun. */
const WASM_PROGRAM = `
import { instantiate, run } from "wasirun";
import { expectType } from "./program.js";

export async function main(module: WebAssembly.Module, imports: WebAssembly.ModuleImports): Promise<void> {
  await run(module, { imports: { env: imports } });
  const { exports, memory } = await instantiate(module);
  expectType<WebAssembly.Exports, typeof exports>(true);
  expectType<WebAssembly.Memory, typeof memory>(true);
}
`;

/** Uses the declarations of a component, which the command has written. */
const COMPONENT_PROGRAM = `
import { instantiate } from "wasirun";
import type { Exports, Imports } from "./library.d.ts";
import { expectType } from "./program.js";

export async function main(imports: Imports): Promise<void> {
  const guest = await instantiate<Exports>("library.wasm", { imports });
  using counter = new guest.exports.api.Counter(1);
  expectType<number, ReturnType<typeof counter.increment>>(true);
  expectType<number, Awaited<ReturnType<typeof guest.call<[number], number>>>>(true);
  const same = await instantiate<typeof import("./library.d.ts")>("library.wasm", { imports });
  expectType<number, ReturnType<typeof same.exports.plain>>(true);
  expectType<"red" | "dark-green" | "blue", Parameters<typeof same.exports.api.nextColor>[0]>(true);
}
`;

/** A way to compile. */
interface Setting {
  readonly name: string;
  readonly lib: readonly string[];
  readonly types: readonly string[];
  readonly files: readonly string[];
}

const NEUTRAL: Setting = { name: "ECMAScript alone", lib: ["es2022"], types: [], files: ["program.ts"] };

const DOM: Setting = { name: "the DOM", lib: ["es2022", "dom"], types: [], files: ["program.ts", "web.ts", "wasm.ts"] };

/** The types of Node and Bun that are installed here are not for an old compiler. */
const COMPILERS: Readonly<Record<string, readonly Setting[]>> = {
  "typescript-5.4": [DOM],
  typescript: [
    DOM,
    { name: "the types of Node", lib: ["es2022"], types: ["node"], files: ["program.ts", "web.ts"] },
    { name: "the types of Bun", lib: ["esnext"], types: ["bun"], files: ["program.ts", "web.ts"] },
    { name: "the types of a component", lib: ["esnext"], types: [], files: ["program.ts", "component.ts"] },
  ],
};

const RESOLUTIONS = ["node16", "nodenext", "bundler"];

/**
 * Compile programs that use every entry point.
 *
 * @param component Path of the component whose types are used.
 */
export function checkTypes(checks: Checks, { folder, run }: Installation, component: string): void {
  writePrograms(folder);
  const declarations = run([join(folder, "node_modules", ".bin", "wasirun"), "types", component], {});
  writeFileSync(join(folder, "library.d.ts"), declarations.stdout);
  writeFileSync(join(folder, "component.ts"), COMPONENT_PROGRAM);
  const compile = (compiler: string, resolution: string, { name, lib, types, files }: Setting): void => {
    const compilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
      target: "es2022",
      module: resolution === "bundler" ? "esnext" : resolution,
      moduleResolution: resolution,
      lib,
      types,
      typeRoots: [join(ROOT, "node_modules", "@types")],
    };
    const configuration = join(folder, "tsconfig.json");
    writeFileSync(configuration, JSON.stringify({ compilerOptions, files }));
    checks.check(`the types, by ${compiler} with ${resolution} and ${name}`, () => {
      const tsc = join(ROOT, "node_modules", compiler, "bin", "tsc");
      assert.deepEqual(run([process.execPath, tsc, "-p", configuration], {}), { status: 0, stdout: "", stderr: "" });
    });
  };
  for (const [compiler, settings] of Object.entries(COMPILERS)) {
    for (const resolution of RESOLUTIONS) compile(compiler, resolution, NEUTRAL);
    for (const setting of settings) compile(compiler, "nodenext", setting);
  }
}

/** Let Deno check them, which has types of its own. */
export function checkTypesOnDeno(checks: Checks, deno: Runtime, { folder, run }: Installation): void {
  writePrograms(folder);
  checks.check("the types, by deno", () => {
    const command = [
      deno.executable,
      "check",
      "--quiet",
      "--unstable-sloppy-imports",
      "program.ts",
      "web.ts",
      "wasm.ts",
    ];
    const { status, stderr } = run(command, { NO_COLOR: "1" });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  });
}

function writePrograms(folder: string): void {
  writeFileSync(join(folder, "program.ts"), PROGRAM);
  writeFileSync(join(folder, "web.ts"), WEB_PROGRAM);
  writeFileSync(join(folder, "wasm.ts"), WASM_PROGRAM);
}
