/**
 * Installs the npm package of `npm/` in an empty folder and uses it on every runtime there is.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findRuntime, ROOT, type Runtime, RUNTIME_NAMES } from "../suites/runtimes.ts";
import { witComponent } from "../tools/component_guests.ts";
import { marksIn, plant, plantedFiles } from "../tools/planted_files.ts";
import { assemble } from "../tools/wat.ts";
import { checkBrowser } from "./browser.ts";
import { checkBundles, checkUnusedImports } from "./bundles.ts";
import { Checks } from "./checks.ts";
import { type Installation, installPackage } from "./install.ts";
import { checkLinters } from "./linters.ts";
import { startRegistry } from "./registry.ts";
import { checkTypes, checkTypesOnDeno } from "./types.ts";

/** Prints its arguments but the first, one by line, and exits with 3. */
const GUEST = readFileSync(join(import.meta.dirname, "guest.wat"), "utf8");
const PRINTED = "one\ntwo words\n";
const EXIT_CODE = 3;
const ARGUMENTS = ["one", "two words"];

/** Calls itself without end, under a name of Rust. */
const DEEP = `(module (memory (export "memory") 1)
  (func $_RNvC7example6deeper (result i32) (i32.add (call $_RNvC7example6deeper) (i32.const 1)))
  (func (export "_start") (drop (call $_RNvC7example6deeper))))`;

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
const { signal } = new AbortController();
const refusals = [
  await run(bytes, { ...options, signal }).then(() => undefined, ({ name, message }) => name + ": " + message),
  await run(bytes, { ...options, signal: AbortSignal.abort("aborted") }).catch((error) => error),
];
console.log(JSON.stringify({ results, refusals, canSuspend: "Suspending" in WebAssembly }));
`;

function checkContents(checks: Checks, { folder }: Installation): void {
  const files = readdirSync(join(folder, "node_modules", "wasirun"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  checks.check("the package has README, LICENSE and CHANGELOG", () => {
    for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) {
      assert.ok(existsSync(join(folder, "node_modules", "wasirun", name)), `${name} is missing`);
    }
  });
  checks.check("links between the documents of the package lead to files in it", () => {
    const documents = files.filter((file) => file.endsWith(".md") && !file.includes("/dist/"));
    assert.ok(documents.length > 5, documents.join(" "));
    for (const file of documents) {
      for (const [, target = ""] of readFileSync(file, "utf8").matchAll(/\]\(([^)#:]+)[^)]*\)/g)) {
        assert.ok(existsSync(join(dirname(file), target)) || /^https?$/.test(target), `${file} links to ${target}`);
      }
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
  checks.check(`the command in a folder with planted files on ${runtime.name}`, () => {
    for (const kind of Object.keys(plantedFiles(""))) {
      const planted = join(folder, `planted ${runtime.name}`, kind);
      plant(planted, plantedFiles(planted)[kind]!);
      for (const options of [[], ["--stack-size=300M"]]) {
        const command = [join(bin, "wasirun"), ...options, join(folder, "guest.wasm"), ...ARGUMENTS];
        const ended = run(["sh", "-c", `cd "$0" && exec "$@"`, planted, ...command], env);
        assert.deepEqual({ kind, marks: marksIn(planted), ...ended }, { kind, marks: [], ...expected });
      }
    }
  });
  checks.check(`the library on ${runtime.name}`, () => {
    const { status, stdout, stderr } = run([runtime.executable, ...flags, "library.mjs"], env);
    assert.equal(status, 0, stderr);
    const result = { exitCode: EXIT_CODE, stdout: PRINTED };
    const { results, refusals, canSuspend } = JSON.parse(stdout) as LibraryOutput;
    assert.deepEqual(results, [result, result, result, result]);
    assert.equal(canSuspend, runtime.name !== "node20");
    if (canSuspend) assert.equal(refusals[0], null);
    else {assert.match(
        String(refusals[0]),
        /^TypeError: Cannot use options\.signal: the guest can't be suspended: this runtime has no /,
      );}
    assert.equal(refusals[1], "aborted");
  });
}

/** What {@linkcode LIBRARY} prints. */
interface LibraryOutput {
  readonly results: readonly unknown[];
  readonly refusals: readonly (string | null)[];
  readonly canSuspend: boolean;
}

/** What deepens the stack differs; the names of Rust are read by a file of the command that is loaded then. */
function checkTraps(checks: Checks, runtime: Runtime, { folder, run }: Installation): void {
  const program = runtime.name === "node20" ? "node" : runtime.name;
  const env = { WASIRUN_RUNTIME: program, PATH: [dirname(runtime.executable), process.env["PATH"]].join(":") };
  const command = join(folder, "node_modules", ".bin", "wasirun");
  checks.check(`the stack of a trap on ${runtime.name}`, () => {
    const { status, stderr } = run([command, "--stack-size=256K", "deep.wasm"], env);
    assert.equal(status, 134, stderr);
    const [message = "", ...frames] = stderr.split("\n");
    const advice = runtime.name === "node20"
      ? /Node 20[.\d]+ takes the size of its stack only when it starts: node --stack-size=7000 \/.*wasirun/
      : /give it more with --stack-size/;
    assert.match(message, /^wasirun: The guest trapped: its calls are nested too deep for the stack; /);
    assert.match(message, advice);
    assert.match(frames[0]!, /^ {4}at example::deeper\b/);
  });
}

function skipCommand(checks: Checks, name: string, reason: string): void {
  const checked = [
    "the command",
    "the command in a folder with planted files",
    "the command's file as a module",
    "go_wasip1_wasm_exec",
    "the stack of a trap",
    "the library",
    "a bundle that runs a guest",
    "a bundle that serves",
  ];
  for (const what of checked) checks.skip(`${what} on ${name}`, reason);
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
  writeFileSync(join(folder, "deep.wasm"), assemble("deep.wat", DEEP));
  writeFileSync(join(folder, "library.mjs"), LIBRARY);
  checkContents(checks, installation);
  await checkLinters(checks, installation);
  for (const name of RUNTIME_NAMES) {
    const runtime = findRuntime(name);
    if ("executable" in runtime) {
      checkCommand(checks, runtime, installation);
      checkTraps(checks, runtime, installation);
      await checkBundles(checks, runtime, installation);
    } else if (runtime.optional) skipCommand(checks, name, runtime.reason);
    else throw new Error(runtime.reason);
    if (name === "deno" && "executable" in runtime) {
      await checkDenoPackage(checks, runtime, installation);
      checkTypesOnDeno(checks, runtime, installation);
    }
  }
  await checkUnusedImports(checks, installation);
  await checkBrowser(checks, installation);
  checkTypes(checks, installation, await witComponent("library"));
  process.exitCode = checks.report() ? 0 : 1;
}

await main();
