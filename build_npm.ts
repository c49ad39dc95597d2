/**
 * Builds the npm package in `npm/`.
 *
 * `node build_npm.ts` builds; `node build_npm.ts --check` only looks whether deno.json, package.json and the package
 * that would be built agree.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { VERSION } from "./src/cli/version.ts";

const ROOT = import.meta.dirname;
const OUT = join(ROOT, "npm");
const RUNTIMES = ["deno", "bun", "node"] as const;
const TSC_TIMEOUT_MS = 180_000;

/** A value of `exports`: a file, or files by condition. */
type Target = string | { readonly [condition: string]: string };

interface Configuration {
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, Target>>;
  readonly imports?: Readonly<Record<string, string>>;
}

/** The command and what it becomes. */
const COMMAND = { source: "./src/cli/wasirun.ts", built: "./dist/wasirun.js" };

function readConfiguration(name: string): Configuration {
  return JSON.parse(readFileSync(join(ROOT, name), "utf8")) as Configuration;
}

/** Where a source file is in the package, as JavaScript or as declarations. */
function builtPath(source: string, extension: ".js" | ".d.ts"): string {
  return source.replace("./", "./esm/").replace(/\.ts$/, extension);
}

function packageExports(deno: Configuration, development: Configuration): Record<string, Target> {
  const built: Record<string, Target> = {};
  for (const [name, source] of Object.entries(deno.exports)) {
    if (typeof source !== "string") throw new TypeError(`deno.json: the export "${name}" is not a path`);
    if (source === COMMAND.source) {
      built[name] = COMMAND.built;
      continue;
    }
    const conditions = development.exports[name];
    const byRuntime = typeof conditions === "object" ? conditions : { default: source };
    const files = Object.entries(byRuntime).map(([condition, path]) => [condition, builtPath(path, ".js")]);
    built[name] = { types: builtPath(source, ".d.ts"), ...Object.fromEntries(files) };
  }
  return { ...built, "./package.json": "./package.json" };
}

/** What does not agree between the files that name entry points and versions. */
function disagreements(deno: Configuration, development: Configuration): string[] {
  const complaints: string[] = [];
  const expect = (fact: string, actual: unknown, expected: unknown): void => {
    const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (a !== b) complaints.push(`${fact}: ${a}, but expected ${b}`);
  };
  expect("version in package.json", development.version, deno.version);
  expect("version in src/cli/version.ts", VERSION, deno.version);
  expect("license in package.json", development.license, deno.license);
  expect("names in the exports of package.json", Object.keys(development.exports), Object.keys(deno.exports));
  for (const [name, source] of Object.entries(deno.exports)) {
    const target = development.exports[name];
    const conditions: Record<string, string> = typeof target === "object" ? target : { default: target ?? "" };
    expect(`default of the export "${name}" in package.json`, conditions["default"], source);
    const alias = name.replace(".", "wasirun");
    expect(`import "${alias}" in deno.json`, deno.imports?.[alias], conditions["deno"] ?? source);
    for (const path of Object.values(conditions)) {
      if (!existsSync(join(ROOT, path))) complaints.push(`the export "${name}" names ${path}, which is not there`);
    }
  }
  complaints.push(...lockComplaints());
  return complaints;
}

/** The lock file is to name no registry, and all that `npm ci` looks for, though a registry may lack some of it. */
function lockComplaints(): string[] {
  const text = readFileSync(join(ROOT, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const complaints = text.includes('"resolved":') ? ["package-lock.json names a registry: remove `resolved`"] : [];
  const paths = Object.keys(packages);
  for (const name of Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))) {
    if (!paths.some((path) => path.endsWith(`node_modules/${name}`))) {
      complaints.push(`package-lock.json lacks the optional ${name}, so that npm ci fails: add it by hand`);
    }
  }
  return complaints;
}

function compileLibrary(): void {
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", join(ROOT, "tsconfig.build.json")], {
    encoding: "utf8",
    timeout: TSC_TIMEOUT_MS,
  });
  if (status !== 0) throw new Error(`Cannot compile the library:\n${stdout}${stderr}`);
  for (const path of filesUnder(join(OUT, "esm"))) {
    if (path.endsWith(".d.ts")) rewriteSpecifiers(path);
  }
}

/** TypeScript rewrites the specifiers of JavaScript only. */
function rewriteSpecifiers(path: string): void {
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replaceAll(/(from |import\()"(\.[^"]*)\.ts"/g, '$1"$2.js"'));
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The command for one runtime: what `src/cli/wasirun.ts` does once it knows which. */
const ENTRIES: Readonly<Record<string, string>> = {
  deno: `import { denoHost as host } from "./src/cli/host_deno.ts";
import { main } from "./src/cli/main.ts";
void main(host());`,
  bun: `import { nodeHost } from "./src/cli/host_node.ts";
import { main } from "./src/cli/main.ts";
import { bunPlatform } from "./src/platform/bun.ts";
void main(nodeHost(bunPlatform()));`,
  node: `import { nodeHost } from "./src/cli/host_node.ts";
import { main } from "./src/cli/main.ts";
import { nodePlatform } from "./src/platform/node.ts";
void main(nodeHost(nodePlatform()));`,
};

/** Name of the command's file for a runtime. */
function builtCommand(runtime: string): string {
  return `wasirun_${runtime}.${runtime.startsWith("node") ? "cjs" : "js"}`;
}

/** What few guests need: a network, a trace. The modules of each are imported by `import()` alone. */
function seldomUsed(runtime: string): { readonly name: string; readonly modules: readonly string[] }[] {
  const network = [
    "src/cli/network.ts",
    "src/runtime/network.ts",
    "src/runtime/go_signals.ts",
    `src/platform/_${runtime}_network.ts`,
  ];
  return [
    { name: builtCommand(`${runtime}_network`), modules: network },
    { name: builtCommand(`${runtime}_trace`), modules: ["src/decorators/trace.ts"] },
  ];
}

/**
 * A few files for each runtime, so that a start reads no more than it needs: Deno and Bun compile all that they read each
 * time.
 */
async function bundleCommand(): Promise<void> {
  const packages = new Set<string>();
  for (const [runtime, contents] of Object.entries(ENTRIES)) {
    const parts = seldomUsed(runtime);
    const plugins = parts.map(({ name, modules }) => elsewhere(modules, name));
    const inputs = await bundle(runtime, contents, builtCommand(runtime), plugins);
    for (const { name, modules } of parts) {
      inputs.push(...await bundle(runtime, modules.map((path) => `export * from "./${path}";`).join("\n"), name, []));
    }
    for (const input of inputs) {
      const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
      if (name !== undefined) packages.add(name);
    }
  }
  for (const name of packages) copyLicense(name);
  writeFileSync(
    join(OUT, "dist", "wasirun.js"),
    `const runtime = globalThis.Deno?.version ? "deno.js" : globalThis.Bun?.version ? "bun.js" : "node.cjs";
await import(\`./wasirun_\${runtime}\`);
`,
  );
}

/** Bundle a file of the command. @returns Paths of what went into it. */
async function bundle(runtime: string, contents: string, name: string, plugins: Plugin[]): Promise<string[]> {
  // As CommonJS, Node starts it 5 ms sooner: it makes no module of each of its own that is imported.
  const isNode = runtime === "node";
  const { metafile } = await build({
    absWorkingDir: ROOT,
    stdin: { contents, resolveDir: ROOT, sourcefile: `wasirun_${runtime}.ts`, loader: "ts" },
    outfile: join(OUT, "dist", name),
    bundle: true,
    format: isNode ? "cjs" : "esm",
    define: isNode ? { "import.meta.url": "__filename" } : {},
    platform: "node",
    target: "es2022",
    external: ["bun:*"],
    minify: true,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
    plugins,
  });
  return Object.keys(metafile.inputs);
}

/** Let `import()` of any of `modules` import the file `name` beside this one. */
function elsewhere(modules: readonly string[], name: string): Plugin {
  const paths = new Set(modules.map((path) => join(ROOT, path)));
  return {
    name: "elsewhere",
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        if (kind !== "dynamic-import" || !paths.has(join(resolveDir, path))) return undefined;
        return { path: `./${name}`, external: true };
      });
    },
  };
}

function copyLicense(name: string): void {
  const folder = join(ROOT, "node_modules", name);
  const license = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  if (license === undefined) throw new Error(`The package ${name} is part of the command, but has no license file`);
  cpSync(join(folder, license), join(OUT, "dist", `LICENSE.${name.replace("/", "_")}`));
}

function copyFiles(): void {
  mkdirSync(join(OUT, "bin"), { recursive: true });
  for (const name of ["wasirun.js", "go_wasip1_wasm_exec", "runtime.sh"]) {
    cpSync(join(ROOT, "bin", name), join(OUT, "bin", name));
    if (name !== "runtime.sh") chmodSync(join(OUT, "bin", name), 0o755);
  }
  for (const name of ["README.md", "CHANGELOG.md", "LICENSE"]) {
    if (existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(OUT, name));
    else console.warn(`${name} is missing`);
  }
}

function writePackage(deno: Configuration, exports: Record<string, Target>): void {
  const description = {
    name: "wasirun",
    version: deno.version,
    description: "Runs WASI preview 1 programs, Go's first of all, on Deno, Bun and Node: a library and a command",
    keywords: ["wasi", "wasm", "webassembly", "wasip1", "go", "deno", "bun", "node"],
    license: deno.license,
    author: "The wasirun authors",
    type: "module",
    engines: { node: ">=20", bun: ">=1.4", deno: ">=2.3" },
    bin: { wasirun: "./bin/wasirun.js", go_wasip1_wasm_exec: "./bin/go_wasip1_wasm_exec" },
    types: builtPath("./mod.ts", ".d.ts"),
    exports,
    files: ["bin", "dist", "esm", "CHANGELOG.md"],
    sideEffects: ["./mod.ts", ...RUNTIMES.map((runtime) => `./src/entry/${runtime}.ts`)].map((path) =>
      builtPath(path, ".js")
    ),
  };
  writeFileSync(join(OUT, "package.json"), `${JSON.stringify(description, undefined, 2)}\n`);
}

/** @throws {Error} If an export names a file that was not built. */
function checkTargets(exports: Record<string, Target>): void {
  const paths = Object.values(exports).flatMap((target) => typeof target === "string" ? target : Object.values(target));
  const missing = paths.filter((path) => !existsSync(join(OUT, path)));
  if (missing.length > 0) throw new Error(`The package names files that were not built: ${missing.join(", ")}`);
}

function reportSize(): void {
  const sizes = filesUnder(OUT).map((path) => ({ name: basename(path), bytes: readFileSync(path).length }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const command = sizes.find(({ name }) => name === "wasirun_node.cjs")?.bytes ?? 0;
  const kib = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;
  console.log(`npm/: ${sizes.length} files, ${kib(total)}; the command on Node: ${kib(command)}`);
}

async function main(): Promise<void> {
  const [deno, development] = [readConfiguration("deno.json"), readConfiguration("package.json")];
  const complaints = disagreements(deno, development);
  if (complaints.length > 0) throw new Error(`The entry points do not agree:\n${complaints.join("\n")}`);
  const exports = packageExports(deno, development);
  if (process.argv.includes("--check")) return;
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(join(OUT, "dist"), { recursive: true });
  compileLibrary();
  await bundleCommand();
  copyFiles();
  writePackage(deno, exports);
  checkTargets(exports);
  reportSize();
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
