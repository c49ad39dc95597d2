/**
 * Guest programs that are components, built from the sources in `tests/guests`. As those of `guests.ts`, they are kept in
 * `.build/guests`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildOnce, exists } from "./build_once.ts";
import { cCompiler } from "./c_compiler.ts";
import { command } from "./command.ts";
import { cGuest, goGuest } from "./guests.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BUILD = join(ROOT, ".build");
const GUESTS = join(ROOT, "tests", "guests", "component");
const NODE = join(ROOT, "node_modules", ".bin", "node");
const TOOL = join(ROOT, "tests", "tools", "componentize.ts");
const WASI_WIT = join(ROOT, "node_modules", "@bytecodealliance", "jco", "lib", "wit", "builtin", "0.2.12");
const TOOLS_PACKAGE = join(ROOT, "node_modules", "@bytecodealliance", "jco", "package.json");
const FREESTANDING = ["-target", "wasm32-freestanding", "-nostdlib", "-O2", "-Wl,--no-entry", "-Wl,--export-memory"];

/** How the adapter of preview 1 starts the module: by `_start`, or only by its exports. */
export type AdapterKind = "command" | "reactor";

/** Build `tests/guests/c/<name>.c` for preview 1, and put the standard adapter around it. @returns Its path. */
export async function cComponent(name: string): Promise<string> {
  return await adapted(name, await cGuest(name), "command");
}

/**
 * Put the standard adapter around a module of preview 1 that imports functions of WIT too, and link both.
 *
 * @param module Path of the module.
 * @returns Its path.
 */
export async function mixedComponent(module: string): Promise<string> {
  const source = join(GUESTS, "mixed.wit");
  const name = basename(module, ".wasm");
  const target = await componentPath(name, [module, source], ["adapter", "command", "mixed"]);
  return await buildOnce(target, async (temporary) => {
    const wit = ["--wit", await witFolder(source), "mixed"];
    await componentize(["new", module, temporary, ...wit, "--adapter", "command"]);
  });
}

/**
 * Put the standard adapter of reactors around a module of preview 1 that exports functions of WIT.
 *
 * @param module Path of the module, whose world has its name.
 * @returns Its path.
 */
export async function reactorComponent(module: string): Promise<string> {
  const name = basename(module, ".wasm");
  const source = join(GUESTS, `${name}.wit`);
  const target = await componentPath(name, [module, source], ["adapter", "reactor", "wit"]);
  return await buildOnce(target, async (temporary) => {
    await componentize(["new", module, temporary, "--wit", await witFolder(source), name, "--adapter", "reactor"]);
  });
}

/**
 * Add the types of a world to a module, in the section that tools read.
 *
 * @param module Path of the module.
 * @param world Name of the world, which is in `tests/guests/component/<world>.wit`.
 * @returns Its path.
 */
export async function moduleWithTypes(module: string, world: string): Promise<string> {
  const source = join(GUESTS, `${world}.wit`);
  const target = await componentPath(basename(module, ".wasm"), [module, source], ["types", world]);
  return await buildOnce(target, async (temporary) => {
    await componentize(["embed", module, temporary, "--wit", await witFolder(source), world]);
  });
}

/** Build `tests/guests/go/<name>` for preview 1; as {@linkcode cComponent}. */
export async function goComponent(name: string): Promise<string> {
  return await adapted(name, await goGuest(name), "command");
}

/**
 * Build `tests/guests/component/c/<name>.c`, which imports and exports functions of WIT by their names, without a libc.
 * Its world is the one of `<name>.wit` beside it, or `wasi:cli/command`.
 *
 * @returns Its path.
 */
export async function witComponent(name: string): Promise<string> {
  const module = await witModule(name);
  const { folder, world, files } = await witOf(name);
  const target = await componentPath(name, [module, ...files], ["wit", world]);
  return await buildOnce(target, async (temporary) => {
    await componentize(["new", module, temporary, "--wit", await folder(), world]);
  });
}

/** Build `tests/guests/component/wat/<name>.wat`. @returns Its path. */
export async function watComponent(name: string): Promise<string> {
  const source = join(GUESTS, "wat", `${name}.wat`);
  const target = await componentPath(name, [source], ["wat"]);
  return await buildOnce(target, async (temporary) => await componentize(["parse", source, temporary]));
}

/**
 * Assemble the text of a component.
 *
 * @param text The component in the text format.
 * @returns Its bytes.
 * @throws {Error} If the text is wrong; the message has the line and column.
 */
export async function assembleComponent(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const hash = createHash("sha256").update(text).update(await toolsVersion()).digest("hex").slice(0, 16);
  const folder = join(BUILD, "guests", hash);
  await mkdir(folder, { recursive: true });
  const path = await buildOnce(join(folder, "component.wasm"), async (temporary) => {
    await writeFile(`${temporary}.wat`, text);
    await componentize(["parse", `${temporary}.wat`, temporary]);
  });
  return new Uint8Array(await readFile(path));
}

/**
 * A component that imports all of a world, with what is unstable in it, and does nothing.
 *
 * @param world Text of the world: `include wasi:cli/imports@0.2.12;`.
 * @param interfaces Text of the interfaces of its package, `test:all`.
 * @returns Its bytes.
 */
export async function componentOfWorld(world: string, interfaces: string = ""): Promise<Uint8Array<ArrayBuffer>> {
  const hash = createHash("sha256").update(`${world}\n${interfaces}`).update(await toolsVersion()).digest("hex").slice(
    0,
    16,
  );
  const folder = join(BUILD, "guests", hash);
  await mkdir(folder, { recursive: true });
  const source = join(folder, "all.wit");
  const path = await buildOnce(join(folder, "world.wasm"), async (temporary) => {
    await writeFile(source, `package test:all;\n${interfaces}\nworld all { ${world} }\n`);
    await componentize(["world", await witFolder(source), "all", temporary]);
  });
  return new Uint8Array(await readFile(path));
}

/** Make a component of a module whose imports and exports are those of its world, without an adapter. */
export async function newComponent(module: string, output: string): Promise<void> {
  await componentize(["new", module, output]);
}

/** Every guest of this kind, as what builds it. */
export async function allComponents(): Promise<ReadonlyMap<string, () => Promise<string>>> {
  const guests = new Map<string, () => Promise<string>>();
  for (const name of await named("c", ".c")) guests.set(`component/c/${name}`, () => witComponent(name));
  for (const name of await named("wat", ".wat")) guests.set(`component/wat/${name}`, () => watComponent(name));
  return guests;
}

async function named(folder: string, suffix: string): Promise<string[]> {
  const names = await readdir(join(GUESTS, folder));
  return names.filter((name) => name.endsWith(suffix)).map((name) => basename(name, suffix)).sort();
}

async function adapted(name: string, module: string, adapter: AdapterKind): Promise<string> {
  const target = await componentPath(name, [module], ["adapter", adapter]);
  return await buildOnce(target, async (temporary) => {
    await componentize(["new", module, temporary, "--adapter", adapter]);
  });
}

async function witModule(name: string): Promise<string> {
  const source = join(GUESTS, "c", `${name}.c`);
  const headers = (await readdir(join(GUESTS, "c"))).filter((file) => file.endsWith(".h")).sort();
  const compiler = await cCompiler(BUILD);
  const sources = [source, ...headers.map((file) => join(GUESTS, "c", file))];
  const target = await componentPath(`${name}_core`, sources, [compiler.version, ...FREESTANDING]);
  return await buildOnce(target, (temporary) => compiler.compile(source, temporary, FREESTANDING));
}

interface Wit {
  /** Makes the folder with the world and its dependencies. */
  folder(): Promise<string>;
  readonly world: string;
  /** What the folder is made from. */
  readonly files: readonly string[];
}

async function witOf(name: string): Promise<Wit> {
  const own = join(GUESTS, "c", `${name}.wit`);
  const isOwn = await exists(own);
  const source = isOwn ? own : join(GUESTS, "c", "command.wit");
  return { folder: () => witFolder(source), world: isOwn ? name.replaceAll("_", "-") : "command", files: [source] };
}

async function witFolder(source: string): Promise<string> {
  const target = await componentPath(`${basename(source)}_wit`, [source], []);
  return await buildOnce(target.replace(/\.wasm$/, ""), async (temporary) => {
    const made = `${temporary}.made`;
    await mkdir(made, { recursive: true });
    await cp(source, join(made, basename(source)));
    await cp(WASI_WIT, join(made, "deps"), { recursive: true });
    await rename(made, temporary);
  });
}

async function componentize(args: readonly string[]): Promise<void> {
  await command(NODE, ["--no-warnings", TOOL, ...args], { env: { NODE_OPTIONS: "" } });
}

let toolsVersionFound: Promise<string> | undefined;

function toolsVersion(): Promise<string> {
  toolsVersionFound ??= readFile(TOOLS_PACKAGE, "utf8").then((text) => {
    return (JSON.parse(text) as { version: string }).version;
  });
  return toolsVersionFound;
}

async function componentPath(name: string, paths: readonly string[], options: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(["component", name, options, await toolsVersion()]));
  for (const path of paths) hash.update(`\n${basename(path)}\n`).update(await readFile(path));
  return join(BUILD, "guests", hash.digest("hex").slice(0, 16), `${name}.wasm`);
}
