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
import { transformSync } from "esbuild";
import { VERSION } from "./src/cli/version.ts";
import { bundleCommand, type CommandFile } from "./tests/tools/bundle_command.ts";
import { entrySize } from "./tests/tools/entry_size.ts";

const ROOT = import.meta.dirname;
const OUT = join(ROOT, "npm");
const TSC_TIMEOUT_MS = 180_000;

/** A value of `exports`: a file, or files by condition. */
type Target = string | { readonly [condition: string]: string };

interface Configuration {
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, Target>>;
  readonly imports?: Readonly<Record<string, string>>;
}

/** URL of the public repository, such as `git+https://…/wasirun.git`, for `repository` in package.json. */
const REPOSITORY: string | undefined = undefined;

/** What the library without a platform and without components may take (bytes, minified and compressed). */
const MAX_CORE_BYTES = 50 * 1024;
/** What a start of the command on Node may read for a module (bytes). A module that is imported later needs a file of its own. */
const MAX_START_BYTES = 208 * 1024;
const CORE = "src/runtime/mod.ts";

/** The command and what it becomes. */
const COMMAND = { source: "./src/cli/wasirun.ts", built: "./dist/wasirun.js", types: "./dist/wasirun.d.ts" };

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
      built[name] = { types: COMMAND.types, default: COMMAND.built };
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
    else stripComments(path);
  }
}

/** TypeScript rewrites the specifiers of JavaScript only. */
function rewriteSpecifiers(path: string): void {
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replaceAll(/(from |import\()"(\.[^"]*)\.ts"/g, '$1"$2.js"'));
}

/** Removes the comments of a file: the declarations have the documentation. */
function stripComments(path: string): void {
  const { code } = transformSync(readFileSync(path, "utf8"), { target: "es2022", legalComments: "none" });
  writeFileSync(path, code);
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The command on one runtime: what `src/cli/wasirun.ts` does once it knows which. */
function commandSource(runtime: string): string {
  const host = runtime === "deno" ? "deno" : "node";
  return `import { ${host}Host as host } from "./src/cli/host/${host}.ts";
import { main } from "./src/cli/main.ts";
void main(host({
  posix: async () => (await import("./src/platform/posix/mod.ts")).posix(),
  runtime: async () => (await import("./src/platform/${runtime}/mod.ts")).${runtime}Platform(),
}));`;
}

/** The form in which Bun takes a file as it is: it would parse and print any other one before it compiles it. */
const PLAIN_FOR_BUN = [
  "// @bun @bun-cjs\n(function(exports, require, module, __filename, __dirname) {",
  "})",
] as const;

/** What few starts need: another platform, a network, options, a trace, messages, the names of a trap. */
function seldomUsed(runtime: string): Readonly<Record<string, readonly string[]>> {
  return {
    runtime: [`src/platform/${runtime}/mod.ts`],
    network: [
      "src/cli/network.ts",
      "src/runtime/net/network.ts",
      "src/runtime/go/signals.ts",
      "src/platform/posix/net/network.ts",
      "src/platform/posix/net/runtime_lookup.ts",
      `src/platform/${runtime}/network.ts`,
    ],
    options: ["src/cli/flag_parser.ts"],
    trace: ["src/preview1/trace/trace.ts"],
    types: ["src/cli/types.ts"],
    component_elision: ["src/runtime/component/elision/elision.ts"],
    component_sockets: ["src/wasi/p2/socket_interfaces.ts"],
    component_http: ["src/wasi/p2/http/mod.ts"],
    component_mixed: ["src/runtime/component/mixed/wit_linker.ts"],
    serve: ["src/cli/serve/serve.ts"],
    tls: ["src/platform/shared/tls.ts"],
    invoke: ["src/cli/invoke.ts", "src/runtime/component/invocation.ts"],
    symbols: ["src/runtime/trap/symbols/frames.ts"],
    usage: ["src/cli/hints/unknown_option.ts", "src/cli/help.ts", "src/cli/report.ts"],
  };
}

/**
 * The files of the command on one runtime. The first one is small, because the guest compiles only once it has begun; it
 * does so while the second one is loaded.
 */
function commandFiles(runtime: string): CommandFile[] {
  const extension = runtime === "deno" ? "js" : "cjs";
  return [
    { name: `wasirun_${runtime}.${extension}`, contents: commandSource(runtime), isShared: true },
    {
      name: `wasirun_${runtime}_run.${extension}`,
      modules: ["src/cli/run_module.ts", "src/platform/posix/mod.ts"],
      isShared: true,
    },
    { name: `wasirun_${runtime}_sockets.${extension}`, modules: ["src/preview1/abi/sockets.ts"], isShared: true },
    {
      name: `wasirun_${runtime}_component.${extension}`,
      modules: ["src/runtime/component/program.ts"],
      isShared: true,
    },
    ...Object.entries(seldomUsed(runtime)).map(([part, modules]) => (
      // What serves components imports it.
      { name: `wasirun_${runtime}_${part}.${extension}`, modules, isShared: part === "component_http" }
    )),
  ];
}

/** Several files for each runtime, so that a start reads no more than it needs: Deno and Bun compile all that they read. */
async function buildCommand(): Promise<void> {
  const packages = new Set<string>();
  for (const runtime of ["deno", "bun", "node"]) {
    const inputs = await bundleCommand({
      root: ROOT,
      out: join(OUT, "dist"),
      files: commandFiles(runtime),
      format: runtime === "deno" ? "esm" : "cjs",
      ...(runtime === "bun" ? { around: PLAIN_FOR_BUN } : {}),
    });
    for (const input of inputs) {
      const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
      if (name !== undefined) packages.add(name);
    }
  }
  for (const name of packages) copyLicense(name);
  writeFileSync(
    join(OUT, "dist", "wasirun.js"),
    `const runtime = globalThis.Deno?.version ? "deno.js" : globalThis.Bun?.version ? "bun.cjs" : "node.cjs";
await import(\`./wasirun_\${runtime}\`);
`,
  );
  writeFileSync(join(OUT, COMMAND.types), "export {};\n");
}

function copyLicense(name: string): void {
  const folder = join(ROOT, "node_modules", name);
  const license = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  if (license === undefined) throw new Error(`The package ${name} is part of the command, but has no license file`);
  cpSync(join(folder, license), join(OUT, "dist", `LICENSE.${name.replace("/", "_")}`));
}

/** Documents for users of the package; those for contributors stay in the repository. */
const DOCUMENTS: readonly string[] = [
  ...["README.md", "CHANGELOG.md"],
  ...["command", "library", "components", "http", "network", "sandbox", "go", "platforms", "performance"].map((name) =>
    `docs/${name}.md`
  ),
];

/** Replaces links to documents that are not in the package by their text. */
function withoutSourceLinks(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]+)\]\(([^)#:]+\.md)(?:#[^)]*)?\)/g, (link, text: string, path: string) => {
    const isPackaged = DOCUMENTS.some((name) => basename(name) === basename(path));
    return isPackaged ? link : text;
  });
}

function copyFiles(): void {
  mkdirSync(join(OUT, "bin"), { recursive: true });
  for (const name of ["wasirun.js", "go_wasip1_wasm_exec", "runtime.sh"]) {
    cpSync(join(ROOT, "bin", name), join(OUT, "bin", name));
    if (name !== "runtime.sh") chmodSync(join(OUT, "bin", name), 0o755);
  }
  cpSync(join(ROOT, "LICENSE"), join(OUT, "LICENSE"));
  mkdirSync(join(OUT, "docs"));
  for (const name of DOCUMENTS) {
    writeFileSync(join(OUT, name), withoutSourceLinks(readFileSync(join(ROOT, name), "utf8")));
  }
}

function writePackage(deno: Configuration, exports: Record<string, Target>): void {
  const description = {
    name: "wasirun",
    version: deno.version,
    description:
      "Runs WASI modules and components, Go's first of all, on Deno, Bun, Node and in browsers: a library and a command",
    keywords: ["wasi", "wasm", "webassembly", "wasip1", "wasip2", "component-model", "go", "deno", "bun", "node"],
    license: deno.license,
    author: "The wasirun authors",
    ...(REPOSITORY === undefined ? {} : { repository: { type: "git", url: REPOSITORY } }),
    type: "module",
    engines: { node: ">=20", bun: ">=1.4", deno: ">=2.3" },
    bin: { wasirun: "./bin/wasirun.js", go_wasip1_wasm_exec: "./bin/go_wasip1_wasm_exec" },
    types: builtPath("./mod.ts", ".d.ts"),
    exports,
    files: ["bin", "dist", "docs", "esm", "CHANGELOG.md"],
    sideEffects: false,
  };
  writeFileSync(join(OUT, "package.json"), `${JSON.stringify(description, undefined, 2)}\n`);
}

/** @throws {Error} If an export names a file that was not built. */
function checkTargets(exports: Record<string, Target>): void {
  const paths = Object.values(exports).flatMap((target) => typeof target === "string" ? target : Object.values(target));
  const missing = paths.filter((path) => !existsSync(join(OUT, path)));
  if (missing.length > 0) throw new Error(`The package names files that were not built: ${missing.join(", ")}`);
}

/** @throws {Error} If the library or a start has grown for those who run no component. */
async function reportSize(): Promise<void> {
  const sizes = filesUnder(OUT).map((path) => ({ name: basename(path), bytes: readFileSync(path).length }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const command = sizes.filter(({ name }) => /^wasirun_node(?:_run)?\.cjs$/.test(name))
    .reduce((sum, { bytes }) => sum + bytes, 0);
  const kib = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;
  console.log(`npm/: ${sizes.length} files, ${kib(total)}; what a start on Node reads: ${kib(command)}`);
  if (command > MAX_START_BYTES) {
    throw new Error(`A start on Node reads ${command} bytes: it may read ${MAX_START_BYTES}`);
  }
  const { entry, withComponents } = await entrySize(ROOT, CORE);
  console.log(`the core, minified and compressed: ${kib(entry)}; with components: ${kib(withComponents)}`);
  if (entry > MAX_CORE_BYTES) throw new Error(`The core has grown to ${entry} bytes: it may have ${MAX_CORE_BYTES}`);
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
  await buildCommand();
  copyFiles();
  writePackage(deno, exports);
  checkTargets(exports);
  await reportSize();
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
