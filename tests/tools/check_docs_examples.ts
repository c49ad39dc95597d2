/**
 * The code in the documentation.
 *
 * @module
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A piece of code. */
export interface Example {
  /** Where it stands: file and line. */
  readonly place: string;
  /** Name of the file that is made of it. */
  readonly file: string;
  /** The code. */
  readonly code: string;
}

const FENCE = /^([ \t]*(?:\* ?)?)```ts(?:[ \t]+([^\n]*))?\n([\s\S]*?)^[ \t]*(?:\* ?)?```[ \t]*$/gm;
const REASON = /^ignore: \S/;

/** Every block of ```` ```ts ```` in the comments of the sources and in README.md, but for those that say `ignore: why`. */
export function findExamples(root: string): Example[] {
  const paths = [...typescriptFiles(root, "src"), "mod.ts", "README.md"].filter((path) => existsSync(join(root, path)));
  return paths.sort().flatMap((path) => examplesIn(path, readFileSync(join(root, path), "utf8")));
}

/** The blocks of one file. */
export function examplesIn(path: string, text: string): Example[] {
  const examples: Example[] = [];
  for (const match of text.matchAll(FENCE)) {
    const [, , info = "", body = ""] = match;
    const line = text.slice(0, match.index).split("\n").length;
    if (info.startsWith("ignore")) {
      if (!REASON.test(info)) throw new Error(`${path}:${line}: write why: \`\`\`ts ignore: reason`);
      continue;
    }
    const file = `${path.replaceAll(/[^\w]+/g, "_")}_${line}.ts`;
    examples.push({
      place: `${path}:${line}`,
      file,
      code: isComment(path) ? body.replaceAll(/^[ \t]*\* ?/gm, "") : body,
    });
  }
  return examples;
}

function isComment(path: string): boolean {
  return path.endsWith(".ts");
}

/** Write the blocks to a folder, beside a configuration that type-checks them. */
export function writeExamples(examples: readonly Example[], folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { file, code, place } of examples) writeFileSync(join(folder, file), `// ${place}\n${code}\nexport {};\n`);
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, isolatedDeclarations: false };
  const configuration = {
    extends: "../../tsconfig.json",
    compilerOptions: { ...compilerOptions, declaration: false },
    include: ["*.ts"],
    exclude: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(configuration));
}

function typescriptFiles(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}
