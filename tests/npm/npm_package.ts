/**
 * Installs the npm package of `npm/` in an empty folder and uses it on every runtime there is.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findRuntime, ROOT, type Runtime, RUNTIME_NAMES } from "../conformance/runtimes.ts";
import { assemble } from "../tools/wat.ts";
import { Checks } from "./checks.ts";
import { type Installation, installPackage } from "./install.ts";
import { startRegistry } from "./registry.ts";

/** Prints its arguments but the first, one by line, and exits with 3. */
const GUEST = readFileSync(join(import.meta.dirname, "guest.wat"), "utf8");
const PRINTED = "one\ntwo words\n";
const EXIT_CODE = 3;
const ARGUMENTS = ["one", "two words"];

const LIBRARY = `
import { readFileSync } from "node:fs";
import { run, runSync } from "wasirun";
import * as core from "wasirun/core";
import { memoryPlatform } from "wasirun/memory";

const bytes = readFileSync("guest.wasm");
const options = { args: ${JSON.stringify(ARGUMENTS)}, stdout: "text" };
const results = [
  await run(bytes, options),
  await run(new URL("guest.wasm", import.meta.url), options),
  runSync(bytes, options),
  await core.run(new WebAssembly.Module(bytes), { ...options, platform: memoryPlatform() }),
];
console.log(JSON.stringify(results));
`;

const TYPED = `
import { run, type RunOptions } from "wasirun";
import { memoryPlatform } from "wasirun/memory";

const options: RunOptions = { args: ["one"], platform: memoryPlatform() };
const { exitCode } = await run("guest.wasm", options);
export const typed: 0 extends 1 & typeof exitCode ? "any" : number = exitCode;
`;

function checkContents(checks: Checks, { folder }: Installation): void {
  const files = readdirSync(join(folder, "node_modules", "wasirun"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  checks.check("the package has README, LICENSE and CHANGELOG", () => {
    for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) {
      assert.ok(existsSync(join(folder, "node_modules", "wasirun", name)), `${name} is missing`);
    }
  });
  checks.check("the package has no TypeScript sources, and names no folder of this machine", () => {
    for (const file of files) {
      assert.ok(!file.endsWith(".ts") || file.endsWith(".d.ts"), file);
      assert.ok(!readFileSync(file, "utf8").includes(ROOT), `${file} names ${ROOT}`);
    }
  });
}

function checkCommand(checks: Checks, runtime: Runtime, { folder, run }: Installation): void {
  const program = runtime.name === "node20" ? "node" : runtime.name;
  const env = { WASIRUN_RUNTIME: program, PATH: [dirname(runtime.executable), process.env["PATH"]].join(":") };
  const bin = join(folder, "node_modules", ".bin");
  const entry = join(folder, "node_modules", "wasirun", "bin", "wasirun.js");
  const flags = runtime.name === "deno" ? ["run", "-A"] : [];
  const expected = { status: EXIT_CODE, stdout: PRINTED, stderr: "" };
  checks.check(`the command on ${runtime.name}`, () => {
    assert.deepEqual(run([join(bin, "wasirun"), "guest.wasm", ...ARGUMENTS], env), expected);
  });
  checks.check(`the command's file as a module on ${runtime.name}`, () => {
    assert.deepEqual(run([runtime.executable, ...flags, entry, "guest.wasm", ...ARGUMENTS], env), expected);
  });
  checks.check(`go_wasip1_wasm_exec on ${runtime.name}`, () => {
    assert.deepEqual(run([join(bin, "go_wasip1_wasm_exec"), join(folder, "guest.wasm"), ...ARGUMENTS], env), expected);
  });
  checks.check(`the library on ${runtime.name}`, () => {
    const { status, stdout, stderr } = run([runtime.executable, ...flags, "library.mjs"], env);
    assert.equal(status, 0, stderr);
    const result = { exitCode: EXIT_CODE, stdout: PRINTED };
    assert.deepEqual(JSON.parse(stdout), [result, result, result, result]);
  });
}

function skipCommand(checks: Checks, name: string, reason: string): void {
  for (const what of ["the command", "the command's file as a module", "go_wasip1_wasm_exec", "the library"]) {
    checks.skip(`${what} on ${name}`, reason);
  }
}

function checkTypes(checks: Checks, { folder, run }: Installation): void {
  const compilerOptions = { module: "nodenext", target: "esnext", strict: true, noEmit: true, types: [] };
  const configuration = { compilerOptions: { ...compilerOptions, lib: ["esnext", "dom"] }, files: ["typed.ts"] };
  writeFileSync(join(folder, "typed.ts"), TYPED);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(configuration));
  checks.check("the types, without any runtime's types", () => {
    const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    assert.deepEqual(run([process.execPath, tsc, "-p", folder], {}), { status: 0, stdout: "", stderr: "" });
  });
}

/** From a registry on the loopback interface that has this one package. */
async function checkDenoPackage(
  checks: Checks,
  deno: Runtime,
  { folder, tarball, runAsync }: Installation,
): Promise<void> {
  const registry = await startRegistry(join(ROOT, "npm", "package.json"), tarball);
  const env = { NPM_CONFIG_REGISTRY: registry.url, DENO_DIR: join(folder, "deno_dir") };
  const options = ["--no-config", "--node-modules-dir=none", "--min-dep-age=0"];
  const command = [deno.executable, "run", "-A", "--quiet", ...options, "npm:wasirun", "guest.wasm", ...ARGUMENTS];
  try {
    const result = await runAsync(command, env);
    checks.check("npm:wasirun on deno", () => {
      assert.deepEqual(result, { status: EXIT_CODE, stdout: PRINTED, stderr: "" });
    });
  } finally {
    await registry.close();
  }
}

async function main(): Promise<void> {
  const checks = new Checks();
  await using installation = installPackage(join(ROOT, "npm"));
  const { folder } = installation;
  writeFileSync(join(folder, "guest.wasm"), assemble("guest.wat", GUEST));
  writeFileSync(join(folder, "library.mjs"), LIBRARY);
  checkContents(checks, installation);
  for (const name of RUNTIME_NAMES) {
    const runtime = findRuntime(name);
    if ("executable" in runtime) checkCommand(checks, runtime, installation);
    else if (runtime.optional) skipCommand(checks, name, runtime.reason);
    else throw new Error(runtime.reason);
    if (name === "deno" && "executable" in runtime) await checkDenoPackage(checks, runtime, installation);
  }
  checkTypes(checks, installation);
  process.exitCode = checks.report() ? 0 : 1;
}

await main();
