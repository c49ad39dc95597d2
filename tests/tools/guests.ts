/**
 * The guest programs of the tests, built from the sources in `tests/guests` and `examples`.
 *
 * `npm run guests` builds all of them, so that the tests themselves find them ready. What was built is
 * kept in `.build/guests`, in a folder named after a hash of the sources, the tool's version and its options.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { copyFile, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { buildOnce } from "./build_once.ts";
import { cCompiler } from "./c_compiler.ts";
import { command } from "./command.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BUILD = join(ROOT, ".build");
const GUESTS = join(ROOT, "tests", "guests");
const EXAMPLES = join(ROOT, "examples");

const GO_ENVIRONMENT = { GOOS: "wasip1", GOARCH: "wasm", CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" };
const GO_FLAGS = ["-trimpath", "-buildvcs=false"];
const CPP_FLAGS = [
  "-std=gnu++20",
  "-fno-rtti",
  "-fexceptions",
  "-fwasm-exceptions",
  "-mexception-handling",
  "-mllvm",
  "-wasm-enable-eh",
  "-nostdlib++",
];
/** Guests, and examples, that are reactors: they export functions and have no `_start`. */
const GO_REACTORS = ["reactor"];

/**
 * Build `tests/guests/go/<name>`.
 *
 * @returns The path of the module, whose last part is `<name>.wasm`.
 */
export async function goGuest(name: string): Promise<string> {
  return await buildGo(join(GUESTS, "go"), name);
}

/** Build `tests/guests/c/<name>.c`; as {@linkcode goGuest}. */
export async function cGuest(name: string): Promise<string> {
  const source = join(GUESTS, "c", `${name}.c`);
  const compiler = await cCompiler(BUILD);
  const target = await guestPath(name, [source], compiler.version);
  return await buildOnce(target, (temporary) => compiler.compile(source, temporary));
}

/**
 * As {@linkcode cGuest}, not optimised, with the lines of its source.
 *
 * @param version Version of DWARF.
 */
export async function cDebugGuest(name: string, version: 4 | 5): Promise<string> {
  const source = join(GUESTS, "c", `${name}.c`);
  const compiler = await cCompiler(BUILD);
  const flags = ["-g", `-gdwarf-${version}`, "-O0"];
  const target = await guestPath(name, [source], compiler.version, flags);
  return await buildOnce(target, (temporary) => compiler.compile(source, temporary, flags));
}

/** Build `tests/guests/cpp/<name>.cpp`, with exceptions of WebAssembly and without a library of C++; as {@linkcode goGuest}. */
export async function cppGuest(name: string): Promise<string> {
  const source = join(GUESTS, "cpp", `${name}.cpp`);
  const compiler = await cCompiler(BUILD);
  const target = await guestPath(name, [source], compiler.version, CPP_FLAGS);
  return await buildOnce(target, (temporary) => compiler.compile(source, temporary, CPP_FLAGS));
}

/** Build `tests/guests/wat/<name>.wat`; as {@linkcode goGuest}. */
export async function watGuest(name: string): Promise<string> {
  const source = join(GUESTS, "wat", `${name}.wat`);
  const target = await guestPath(name, [source], "wat");
  return await buildOnce(target, async (temporary) => {
    const { assemble } = await import("./wat.ts");
    await writeFile(temporary, assemble(`${name}.wat`, await readFile(source, "utf8")));
  });
}

/**
 * Build the Go module in `examples/<name>` and put it where the example's host program looks for it.
 *
 * @returns The path `examples/<name>/<name>.wasm`.
 */
export async function exampleGuest(name: string): Promise<string> {
  const built = await buildGo(EXAMPLES, name);
  const target = join(EXAMPLES, name, `${name}.wasm`);
  const temporary = `${target}.${process.pid}.tmp`;
  await copyFile(built, temporary);
  await rename(temporary, target);
  return target;
}

/** Every guest, as what builds it; a test may check that each is used. */
export async function allGuests(): Promise<ReadonlyMap<string, () => Promise<string>>> {
  const guests = new Map<string, () => Promise<string>>();
  for (const name of await goPrograms(join(GUESTS, "go"))) guests.set(`go/${name}`, () => goGuest(name));
  for (const name of await sources("c")) guests.set(`c/${name}`, () => cGuest(name));
  for (const name of await sources("cpp")) guests.set(`cpp/${name}`, () => cppGuest(name));
  for (const name of await sources("wat")) guests.set(`wat/${name}`, () => watGuest(name));
  for (const name of await goPrograms(EXAMPLES)) guests.set(`examples/${name}`, () => exampleGuest(name));
  return guests;
}

async function goPrograms(directory: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    if ((await readdir(join(directory, entry.name))).includes("main.go")) names.push(entry.name);
  }
  return names.sort();
}

async function sources(language: "c" | "cpp" | "wat"): Promise<string[]> {
  const suffix = `.${language}`;
  const names = await readdir(join(GUESTS, language));
  return names.filter((name) => name.endsWith(suffix)).map((name) => basename(name, suffix)).sort();
}

async function buildGo(parent: string, name: string): Promise<string> {
  const directory = join(parent, name);
  const flags = GO_REACTORS.includes(name) ? [...GO_FLAGS, "-buildmode=c-shared"] : GO_FLAGS;
  const target = await guestPath(name, await goSources(parent, directory), await goVersion(), flags);
  return await buildOnce(target, async (temporary) => {
    await command("go", ["build", ...flags, "-o", temporary, "."], { cwd: directory, env: GO_ENVIRONMENT });
  });
}

/** The Go files of a program and the go.mod beside or above it. */
async function goSources(parent: string, directory: string): Promise<string[]> {
  const paths: string[] = [];
  for (const folder of [parent, directory]) {
    for (const name of (await readdir(folder)).sort()) {
      if (name === "go.mod" || (folder === directory && name.endsWith(".go"))) paths.push(join(folder, name));
    }
  }
  return paths;
}

let goVersionFound: Promise<string> | undefined;

function goVersion(): Promise<string> {
  goVersionFound ??= command("go", ["env", "GOVERSION"]).then((output) => output.trim(), (error: unknown) => {
    throw new Error("Cannot build Go guests: install Go 1.24 or later (https://go.dev/dl)", { cause: error });
  });
  return goVersionFound;
}

async function guestPath(
  name: string,
  paths: readonly string[],
  version: string,
  flags: readonly string[] = [],
): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([name, version, flags]));
  for (const path of paths) hash.update(`\n${basename(path)}\n`).update(await readFile(path));
  return join(BUILD, "guests", hash.digest("hex").slice(0, 16), `${name}.wasm`);
}
