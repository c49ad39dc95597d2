/**
 * Component guests of toolchains that are heavy: Rust, Python, JavaScript. `npm run guests -- --all` builds them; tests run
 * them where they were built. They are kept in `.build/guests` as those of `guests.ts`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { buildOnce } from "./build_once.ts";
import { command } from "./command.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BUILD = join(ROOT, ".build");
const GUESTS = join(ROOT, "tests", "guests", "component");
const WORLD = join(GUESTS, "world.wit");
const WASI_WIT = join(ROOT, "node_modules", "@bytecodealliance", "jco", "lib", "wit", "builtin", "0.2.12");
const COMPONENTIZE_PY = "0.25.1";
const COMPONENTIZE_JS = "0.23.0";
const NODE = join(ROOT, "node_modules", ".bin", "node");
const JS_PROGRAM = `
  const { componentize } = await import(process.argv[1]);
  const [, , sourcePath, witPath, output] = process.argv;
  const disableFeatures = ["http", "fetch-event"];
  const { component } = await componentize({ sourcePath, witPath, worldName: "command", disableFeatures });
  (await import("node:fs")).writeFileSync(output, component);
`;
/** Installing a package and starting an engine takes minutes on a busy machine. */
const TIMEOUT = { timeoutMs: 900_000 };

/** A language whose guests are built by `npm run guests -- --all`. */
export type GuestLanguage = "rust" | "python" | "javascript";

interface Toolchain {
  /** Of the guest, below `tests/guests/component`. */
  readonly source: string;
  /** What else decides the result. */
  readonly version: string;
  build(source: string, output: string): Promise<void>;
}

const TOOLCHAINS: Readonly<Record<GuestLanguage, Toolchain>> = {
  rust: { source: "rust/program.rs", version: "2021", build: buildRust },
  python: { source: "python/app.py", version: COMPONENTIZE_PY, build: buildPython },
  javascript: { source: "javascript/app.js", version: COMPONENTIZE_JS, build: buildJavaScript },
};

/** The languages. */
export const GUEST_LANGUAGES: readonly GuestLanguage[] = ["rust", "python", "javascript"];

/** The component of a language, or undefined if it was not built. */
export function builtGuest(language: GuestLanguage): string | undefined {
  const path = targetOf(language);
  return existsSync(path) ? path : undefined;
}

/**
 * Build the component of a language. Packages of Python and npm are installed in `.build`.
 *
 * @returns Its path.
 * @throws {Error} A tool is missing, or failed.
 */
export async function buildGuest(language: GuestLanguage): Promise<string> {
  const { source, build } = TOOLCHAINS[language];
  return await buildOnce(targetOf(language), (temporary) => build(join(GUESTS, source), temporary));
}

function targetOf(language: GuestLanguage): string {
  const { source, version } = TOOLCHAINS[language];
  const hash = createHash("sha256").update(JSON.stringify([language, version]));
  for (const path of [join(GUESTS, source), WORLD]) hash.update(readFileSync(path));
  return join(BUILD, "guests", hash.digest("hex").slice(0, 16), `${language}.wasm`);
}

/** `WASIRUN_RUSTC` names the compiler, if it is not `rustc`. */
async function buildRust(source: string, output: string): Promise<void> {
  const rustc = process.env["WASIRUN_RUSTC"] || "rustc";
  await command(rustc, [
    "--edition",
    "2021",
    "--target",
    "wasm32-wasip2",
    "-O",
    "-D",
    "warnings",
    source,
    "-o",
    output,
  ]);
}

async function buildPython(source: string, output: string): Promise<void> {
  const folder = await buildOnce(join(BUILD, `componentize-py-${COMPONENTIZE_PY}`), async (temporary) => {
    await command("python3", ["-m", "venv", temporary]);
    const pip = ["-m", "pip", "install", "--quiet", `componentize-py==${COMPONENTIZE_PY}`];
    await command(join(temporary, "bin", "python3"), pip, TIMEOUT);
  });
  const tool = [join(folder, "bin", "componentize-py"), "-d", await witFolder(), "-w", "wasirun:guests/command"];
  // Its first line names the path at which it was installed, which was a temporary one.
  const module = ["componentize", basename(source, ".py"), "-p", join(GUESTS, "python"), "-o", output];
  await command(join(folder, "bin", "python3"), [...tool, ...module], TIMEOUT);
}

async function buildJavaScript(source: string, output: string): Promise<void> {
  const folder = await buildOnce(join(BUILD, `componentize-js-${COMPONENTIZE_JS}`), async (temporary) => {
    await mkdir(temporary, { recursive: true });
    await writeFile(join(temporary, "package.json"), "{}");
    const install = ["install", "--no-audit", "--no-fund", `@bytecodealliance/componentize-js@${COMPONENTIZE_JS}`];
    await command("npm", install, { ...TIMEOUT, cwd: temporary });
  });
  const tool = join(folder, "node_modules", "@bytecodealliance", "componentize-js", "src", "componentize.js");
  const args = ["--input-type=module", "--eval", JS_PROGRAM, tool, source, await witFolder(), output];
  await command(NODE, args, { ...TIMEOUT, env: { NODE_OPTIONS: "" } });
}

/** The world with its dependencies. */
async function witFolder(): Promise<string> {
  const hash = createHash("sha256").update(await readFile(WORLD)).update(String(await readdir(WASI_WIT)));
  const folder = join(BUILD, "guests", hash.digest("hex").slice(0, 16), "wit");
  return await buildOnce(folder, async (temporary) => {
    await cp(WASI_WIT, join(temporary, "deps"), { recursive: true });
    await cp(WORLD, join(temporary, basename(WORLD)));
  });
}
