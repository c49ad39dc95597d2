/**
 * Which folder may import what, and which names of a host may stand where.
 *
 * @module
 */

import type { ImportFact, SourceFacts } from "./check_imports_source.ts";

/** What the files of a folder, or one file, may import. A name that ends in `/` is a folder. */
interface Rule {
  /** The folder or file that the rule is for; the first rule that fits decides. */
  readonly of: string;
  /** What may be imported in every way, beside the files of the same folder. */
  readonly may: readonly string[];
  /** What may be imported as types. */
  readonly types?: readonly string[];
  /** What may be imported by `import()`. */
  readonly dynamic?: readonly string[];
  /** Prefixes of the packages that may be imported. */
  readonly packages?: readonly string[];
}

const HOST_MODULES = ["node:", "bun:"];
const PLATFORM = {
  may: [
    "src/witx/",
    "src/core/platform.ts",
    "src/core/pollable.ts",
    "src/core/network.ts",
    "src/core/vectors.ts",
    "src/core/waiter.ts",
    "src/core/socket/",
  ],
};
const BACKENDS = ["deno", "bun", "node"].map((name) => `src/platform/${name}.ts`);

const VALUES = ["src/core/answer.ts", "src/core/socket/address.ts", "src/core/socket/services.ts"];

const RULES: readonly Rule[] = [
  { of: "src/witx/", may: [] },
  { of: "src/core/", may: ["src/witx/"] },
  { of: "src/decorators/", may: ["src/witx/", "src/core/system.ts", "src/core/socket/address.ts"] },
  { of: "src/abi/", may: ["src/witx/", "src/core/system.ts", ...VALUES], types: ["src/core/"] },
  { of: "src/platform/memory/", ...PLATFORM },
  { of: "src/platform/detect.ts", ...PLATFORM, dynamic: BACKENDS },
  { of: "src/platform/", ...PLATFORM, packages: HOST_MODULES },
  {
    of: "src/runtime/",
    may: ["src/witx/", "src/core/", "src/abi/"],
    types: ["src/decorators/"],
    dynamic: ["src/decorators/", "src/platform/memory/tree.ts"],
  },
  {
    of: "src/serve/",
    may: ["src/witx/", "src/core/", "src/runtime/", "src/platform/memory/"],
    dynamic: ["src/platform/detect.ts"],
  },
  {
    of: "src/cli/",
    may: ["src/witx/", "src/core/", "src/runtime/", "src/decorators/", "src/platform/detect.ts", ...BACKENDS],
    dynamic: ["src/platform/posix/mod.ts"],
    packages: [...HOST_MODULES, "arg", "leven"],
  },
  { of: "src/entry/", may: ["src/runtime/mod.ts", ...BACKENDS] },
  { of: "mod.ts", may: ["src/runtime/"], dynamic: ["src/platform/detect.ts"] },
];

/** Names that belong to a host, and where they may stand. */
const GLOBALS: Readonly<Record<string, readonly string[]>> = {
  Deno: ["src/platform/", "src/cli/"],
  Bun: ["src/platform/", "src/cli/"],
  process: ["src/platform/", "src/cli/"],
  Buffer: ["src/platform/", "src/cli/"],
  require: ["src/platform/", "src/cli/"],
  console: ["src/cli/"],
};

const NEUTRAL_ISLAND = "src/platform/memory/";

/** The names that {@linkcode complaintsOf} looks at. */
export const GLOBAL_NAMES: readonly string[] = Object.keys(GLOBALS);

/** What is wrong with the files, as lines `file:line: rule`. */
export function complaintsOf(files: readonly SourceFacts[]): string[] {
  const complaints: string[] = [];
  for (const file of files) {
    const rule = RULES.find(({ of }) => isWithin(file.path, of));
    if (rule === undefined) complaints.push(`${file.path}:1: this folder has no rule; add one to the import check`);
    else complaints.push(...importComplaints(file, rule));
    complaints.push(...globalComplaints(file));
  }
  return [...complaints, ...cycles(files)];
}

function importComplaints(file: SourceFacts, rule: Rule): string[] {
  const complaints: string[] = [];
  for (const fact of file.imports) {
    const complaint = fact.target === undefined ? packageComplaint(fact, rule) : fileComplaint(file, fact, rule);
    if (complaint !== undefined) complaints.push(`${file.path}:${fact.line}: ${complaint}`);
  }
  return complaints;
}

function packageComplaint({ specifier }: ImportFact, rule: Rule): string | undefined {
  if (specifier === "(computed)") return "import() takes a literal";
  const allowed = rule.packages ?? [];
  if (allowed.some((name) => specifier === name || specifier.startsWith(name.endsWith(":") ? name : `${name}/`))) {
    return undefined;
  }
  return `"${specifier}": ${rule.of} may import ${list(allowed, "no package")}`;
}

function fileComplaint(file: SourceFacts, { target = "", kind }: ImportFact, rule: Rule): string | undefined {
  const name = target.slice(target.lastIndexOf("/") + 1);
  if (name.startsWith("_") && !isWithin(file.path, folderOf(target))) {
    return `"${target}": a file whose name starts with _ is for its own folder and those in it`;
  }
  const { may, types = [], dynamic = [] } = rule;
  const allowed = [...may, ...(kind === "type" ? types : []), ...(kind === "dynamic" ? dynamic : [])];
  if (isOwn(target, rule) || allowed.some((place) => isWithin(target, place))) return undefined;
  const asTypes = types.length > 0 ? `, and as types ${types.join(", ")}` : "";
  const byCall = dynamic.length > 0 ? `, and by import() ${dynamic.join(", ")}` : "";
  return `"${target}": ${rule.of} may import ${list(may, "only its own files")}${asTypes}${byCall}`;
}

function isOwn(target: string, rule: Rule): boolean {
  if (!rule.of.endsWith("/") || !target.startsWith(rule.of)) return false;
  return rule.of !== "src/platform/" || !isBackend(target);
}

/** Backends are chosen by `detect.ts` and by users, never by one another. */
function isBackend(path: string): boolean {
  return BACKENDS.includes(path) || path === "src/platform/detect.ts" || path.startsWith(NEUTRAL_ISLAND);
}

function globalComplaints(file: SourceFacts): string[] {
  const complaints: string[] = [];
  for (const { name, line } of file.globals) {
    const places = GLOBALS[name] ?? [];
    if (!file.path.startsWith(NEUTRAL_ISLAND) && places.some((place) => isWithin(file.path, place))) continue;
    complaints.push(`${file.path}:${line}: \`${name}\` may stand under ${places.join(" and ")} only`);
  }
  return complaints;
}

function cycles(files: readonly SourceFacts[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const finished = new Set<string>();
  const complaints: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      complaints.push(`${path}:1: an import cycle: ${[...trail.slice(start), path].join(" > ")}`);
      return;
    }
    if (finished.has(path)) return;
    for (const { target, kind } of byPath.get(path)?.imports ?? []) {
      if (target !== undefined && kind !== "dynamic") visit(target, [...trail, path]);
    }
    finished.add(path);
  };
  for (const { path } of files) visit(path, []);
  return complaints;
}

function isWithin(path: string, place: string): boolean {
  return place.endsWith("/") ? path.startsWith(place) : path === place;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

function list(names: readonly string[], none: string): string {
  return names.length === 0 ? none : names.join(", ");
}
