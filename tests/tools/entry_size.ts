/**
 * How large an entry point of the library is for whoever bundles it: minified and compressed.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";

/** Sizes in bytes, minified and compressed by gzip. */
export interface EntrySize {
  /** What is loaded at once. */
  readonly entry: number;
  /** The same, and what the first component loads. */
  readonly withComponents: number;
}

/** The module that the core loads when it meets the first component. */
const COMPONENTS = "src/runtime/component/program.ts";

/**
 * Bundle an entry point into a file that is loaded at once, and files that are loaded on demand.
 *
 * @param root Folder of the sources.
 * @param entry Path of the entry point in it.
 */
export async function entrySize(root: string, entry: string): Promise<EntrySize> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: "out",
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: "es2022",
    external: ["node:*", "bun:*"],
    legalComments: "none",
    logLevel: "warning",
    write: false,
    metafile: true,
  });
  const { outputs } = metafile;
  const sizeOf = (names: ReadonlySet<string>): number => {
    const loaded = outputFiles.filter(({ path }) => [...names].some((name) => path.endsWith(`/${name}`)));
    return gzipSync(Buffer.concat(loaded.map(({ contents }) => contents)), { level: 9 }).length;
  };
  const first = loadedWith(outputs, startOf(outputs, entry));
  return {
    entry: sizeOf(first),
    withComponents: sizeOf(first.union(loadedWith(outputs, startOf(outputs, COMPONENTS)))),
  };
}

function startOf(outputs: Metafile["outputs"], entry: string): string {
  const found = Object.keys(outputs).find((name) => outputs[name]!.entryPoint === entry);
  if (found === undefined) throw new Error(`Cannot tell the size of ${entry}: it was not bundled`);
  return found;
}

/** A file and all that it imports, but for what it loads later. */
function loadedWith(outputs: Metafile["outputs"], name: string, found: Set<string> = new Set()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const { path, kind } of outputs[name]?.imports ?? []) {
    if (kind === "import-statement" && path in outputs) loadedWith(outputs, path, found);
  }
  return found;
}
