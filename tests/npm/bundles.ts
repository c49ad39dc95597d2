/**
 * What bundlers make of the package.
 *
 * @module
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import type { Runtime } from "../suites/runtimes.ts";
import type { Checks } from "./checks.ts";
import type { Installation } from "./install.ts";

/** Entry points of the package that programs of every runtime may import. */
const NEUTRAL_ENTRIES = ["wasirun", "wasirun/core", "wasirun/memory", "wasirun/serve", "wasirun/browser"];

const ENTRIES = [...NEUTRAL_ENTRIES, "wasirun/node", "wasirun/deno", "wasirun/bun", "wasirun/posix"];

/** The guest ends before it listens, which only a platform can let it do. */
const SERVES = `
import { serve } from "wasirun/serve";
const { readFileSync } = await import("node:fs");
const refusal = await serve(readFileSync("guest.wasm"), { stdout: "null" }).catch((error) => error);
console.log(refusal.message);
`;

const RUNS = `
import { instantiate, run, runSync } from "wasirun";
const { readFileSync } = await import("node:fs");
const bytes = readFileSync("guest.wasm");
const options = { args: ["one"], stdout: "text" };
console.log(JSON.stringify([await run(bytes, options), runSync(bytes, options), typeof await instantiate(bytes)]));
`;

async function bundle(contents: string, conditions: readonly string[], { folder }: Installation): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder, sourcefile: "program.js" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    conditions: [...conditions],
    external: ["node:*", "bun:*"],
    logLevel: "silent",
  });
  return outputFiles[0]!.text;
}

/** Importing has no side effects: what is not used is not in the bundle. */
export async function checkUnusedImports(checks: Checks, installation: Installation): Promise<void> {
  for (const condition of ["deno", "bun", "node", "browser", undefined]) {
    const imports = ENTRIES.map((name, i) => `import * as unused${i} from "${name}";`).join("\n");
    const text = await bundle(
      `${imports}\nimport "wasirun/serve";`,
      condition === undefined ? [] : [condition],
      installation,
    );
    checks.check(`a bundle for ${condition ?? "no known runtime"} holds no import that is not used`, () => {
      assert.equal(text.replaceAll(/^\/\/.*$/gm, "").trim(), "");
    });
  }
}

/** What is used works out of a bundle, which may have dropped everything else. */
export async function checkBundles(checks: Checks, runtime: Runtime, installation: Installation): Promise<void> {
  const { folder, run } = installation;
  const condition = runtime.name === "node20" ? "node" : runtime.name;
  const command = [runtime.executable, ...runtime.name === "deno" ? ["run", "-A"] : []];
  const start = async (name: string, program: string): Promise<string> => {
    const file = join(folder, `${name}_${runtime.name}.mjs`);
    writeFileSync(file, await bundle(program, [condition], installation));
    const { status, stdout, stderr } = run([...command, file], {});
    assert.equal(status, 0, stderr);
    return stdout.trim();
  };
  const ran = await start("run", RUNS);
  checks.check(`a bundle that runs a guest on ${runtime.name}`, () => {
    const result = { exitCode: 3, stdout: "one\n" };
    assert.deepEqual(JSON.parse(ran), [result, result, "object"]);
  });
  const served = await start("serve", SERVES);
  checks.check(`a bundle that serves on ${runtime.name}`, () => {
    // Without JavaScript Promise Integration there are no networks, which is said once there is a platform.
    const expected = runtime.name === "node20"
      ? /^Cannot give the guest a network: /
      : /^The guest ended with exit code 3/;
    assert.match(served, expected);
  });
}
