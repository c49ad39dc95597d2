/**
 * The code in the documentation.
 *
 * @module
 */

import { globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A block of code. */
export interface Example {
  /** What runs it: a runtime or a shell. */
  readonly language: "ts" | "sh";
  /** File and line of the block. */
  readonly place: string;
  /** Name of the file that it is written to. */
  readonly file: string;
  /** The code. */
  readonly code: string;
}

const FENCE = /^([ \t]*(?:\* ?)?)```(ts|sh)(?:[ \t]+([^\n]*))?\n([\s\S]*?)^[ \t]*(?:\* ?)?```[ \t]*$/gm;
const REASON = /^ignore: \S/;

/** The documentation, from the root of the project. */
const MARKDOWN = ["*.md", "docs/*.md"];

/**
 * Every block of ```` ```ts ```` in comments and Markdown, and of ```` ```sh ```` in Markdown, except those that say
 * `ignore: reason`.
 */
export function findExamples(root: string): Example[] {
  const paths = [...globSync(MARKDOWN, { cwd: root }), ...typescriptFiles(root, "src"), "mod.ts"];
  return paths.sort().flatMap((path) => examplesIn(path, readFileSync(join(root, path), "utf8")));
}

/** The blocks of one file. */
export function examplesIn(path: string, text: string): Example[] {
  const examples: Example[] = [];
  for (const match of text.matchAll(FENCE)) {
    const [, , tag = "", info = "", body = ""] = match;
    const language = tag as Example["language"];
    const line = text.slice(0, match.index).split("\n").length;
    if (info.startsWith("ignore")) {
      if (!REASON.test(info)) throw new Error(`${path}:${line}: write why: \`\`\`${language} ignore: reason`);
      continue;
    }
    const file = `${path.replaceAll(/[^\w]+/g, "_")}_${line}.${language}`;
    const code = isComment(path) ? body.replaceAll(/^[ \t]*\* ?/gm, "") : body;
    examples.push({ language, place: `${path}:${line}`, file, code });
  }
  return examples;
}

function isComment(path: string): boolean {
  return path.endsWith(".ts");
}

/** Write the blocks to an empty folder, with a configuration that type-checks them. */
export function writeExamples(examples: readonly Example[], folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { language, file, code, place } of examples) {
    const text = language === "ts" ? `// ${place}\n${code}\nexport {};\n` : `set -e\n${code}`;
    writeFileSync(join(folder, file), text);
  }
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
