/**
 * References in the text of one file, as complaints `file:line: what is wrong`.
 *
 * @module
 */

const SECTION = /\bRATIONALE(?:\.md)?[\s*/]+"((?:[^"\\]|\\.)*?)"/g;
const LINK = /\]\(([^)\s]+)\)/g;
const CODE_PATH = /`((?:src|tests|docs|examples|bin)\/[\w./-]*)`/g;
const SHELL_BLOCK = /^```sh[^\n]*\n([\s\S]*?)^```/gm;

/** Headings of a Markdown text, of any level. */
export function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
}

/** Sections of RATIONALE that a comment names and that do not exist. A title may be wrapped over lines of a comment. */
export function unknownSections(path: string, text: string, sections: readonly string[]): string[] {
  const complaints: string[] = [];
  for (const match of text.matchAll(SECTION)) {
    const title = match[1]!.replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, " ").replaceAll("\\", "");
    if (title.includes("…") || sections.includes(title)) continue;
    complaints.push(`${at(path, text, match.index)}: RATIONALE has no section "${title}"`);
  }
  return complaints;
}

/**
 * Relative links to files that do not exist, or to headings that the file does not have.
 *
 * @param linked Returns the text of a linked file, or undefined if there is none.
 */
export function brokenLinks(path: string, text: string, linked: (target: string) => string | undefined): string[] {
  const complaints: string[] = [];
  for (const match of text.matchAll(LINK)) {
    const [file = "", anchor] = match[1]!.split("#");
    if (/^[a-z]+:/.test(match[1]!)) continue;
    const target = file === "" ? text : linked(file);
    const isFound = target !== undefined && (anchor === undefined || headingsOf(target).map(slugOf).includes(anchor));
    if (!isFound) complaints.push(`${at(path, text, match.index)}: the link ${match[1]} leads nowhere`);
  }
  return complaints;
}

/** The anchor of a heading, as GitHub, npm and JSR make it. */
function slugOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-");
}

/** Paths in backticks, from the root of the project, that do not exist. */
export function brokenPaths(path: string, text: string, exists: (file: string) => boolean): string[] {
  return [...text.matchAll(CODE_PATH)].filter(([, file = ""]) => !exists(file)).map((match) =>
    `${at(path, text, match.index)}: ${match[1]} does not exist`
  );
}

/** Scripts of npm and options of the command, in blocks of `sh` and in backticks, that do not exist. */
export function brokenCommands(
  path: string,
  text: string,
  { scripts, options }: { readonly scripts: readonly string[]; readonly options: readonly string[] },
): string[] {
  const complaints: string[] = [];
  for (const match of text.matchAll(/\bnpm run ([\w:-]+)/g)) {
    if (!scripts.includes(match[1]!)) {
      complaints.push(`${at(path, text, match.index)}: there is no npm run ${match[1]}`);
    }
  }
  for (const block of text.matchAll(SHELL_BLOCK)) {
    for (const option of block[1]!.split("\n").flatMap(optionsOfCommand)) {
      if (!options.includes(option)) complaints.push(`${at(path, text, block.index)}: wasirun has no option ${option}`);
    }
  }
  return complaints;
}

/** Options of a line that runs `wasirun`, in front of the module. */
function optionsOfCommand(line: string): string[] {
  const own = /(?:^|\s)wasirun((?:\s+(?:[^\s#]+))*?\s+\S+\.wasm)\b/.exec(line)?.[1] ?? "";
  return [...own.matchAll(/(?:^|\s)(--?[a-z][a-z-]*)/g)].map(([, option = ""]) => option);
}

function at(path: string, text: string, index: number): string {
  return `${path}:${text.slice(0, index).split("\n").length}`;
}
