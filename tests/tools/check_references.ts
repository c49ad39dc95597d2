/**
 * Checks what the text refers to: sections of RATIONALE, links and paths in Markdown, scripts and options in commands.
 *
 * `node tests/tools/check_references.ts`
 *
 * @module
 */

import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { HELP } from "../../src/cli/help.ts";
import { SERVE_HELP } from "../../src/cli/serve/help.ts";
import { brokenCommands, brokenLinks, brokenPaths, headingsOf, unknownSections } from "./check_references_text.ts";

const ROOT = join(import.meta.dirname, "..", "..");

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** First column of the help: `--dir HOST[::GUEST][:ro]`, `-v, --version`. */
function optionsOfHelp(): string[] {
  return [...HELP.matchAll(/^ {2}(-\S.*?)(?: {2}|$)/gm)].map(([, usage = ""]) => usage);
}

/** First column of the table of options, in the same form. */
function optionsOfTable(text: string): string[] {
  return [...text.matchAll(/^\| (`-.*?`) +\|/gm)].map(([, usage = ""]) => usage.replaceAll("`", ""));
}

function differences(help: readonly string[], table: readonly string[]): string[] {
  return [
    ...help.filter((usage) => !table.includes(usage)).map((usage) => `docs/command.md: the table lacks ${usage}`),
    ...table.filter((usage) => !help.includes(usage)).map((usage) => `docs/command.md: --help has no ${usage}`),
  ];
}

const markdown = globSync(["*.md", "docs/*.md", "src/*.md"], { cwd: ROOT });
const sources = globSync(["mod.ts", "{src,tests,examples}/**/*.ts", "bin/*"], { cwd: ROOT });
const sections = headingsOf(read("src/RATIONALE.md"));
const scripts = Object.keys((JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts);
const options = [...`${HELP}${SERVE_HELP}`.matchAll(/(?<![\w-])--?[a-z][a-z-]*/g)].map(([option]) => option);

const complaints: string[] = [];
for (const path of [...sources, ...markdown]) complaints.push(...unknownSections(path, read(path), sections));
for (const path of markdown) {
  const text = read(path);
  const linked = (target: string): string | undefined => {
    const file = join(dirname(path), target);
    return existsSync(join(ROOT, file)) ? (file.endsWith(".md") ? read(file) : "") : undefined;
  };
  complaints.push(...brokenLinks(path, text, linked));
  complaints.push(...brokenPaths(path, text, (file) => existsSync(join(ROOT, file))));
  complaints.push(...brokenCommands(path, text, { scripts, options }));
}
complaints.push(...differences(optionsOfHelp(), optionsOfTable(read("docs/command.md"))));
for (const complaint of complaints) console.error(complaint);
console.log(`${sources.length + markdown.length} files, ${complaints.length} references that lead nowhere`);
process.exitCode = complaints.length === 0 ? 0 : 1;
