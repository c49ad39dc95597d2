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
/** What every folder above the facts may use. */
const FACTS = ["src/witx/", "src/text/", "src/contract/"];
/** What a platform may use: the facts, and the parts of the core that move bytes between events and sockets, and wait. */
const PLATFORM = {
  may: [
    ...FACTS,
    "src/core/io/waiter.ts",
    "src/core/net/events/",
    "src/core/net/dns/server_address.ts",
    "src/platform/runtime.ts",
  ],
};
const SHARED = "src/platform/shared/";
const BACKENDS = ["deno", "bun", "node", "browser"].map((name) => `src/platform/${name}/mod.ts`);
/** The system's own calls, for what a runtime lacks: datagrams of unix sockets, and times to the nanosecond. */
const SYSCALLS = [
  "src/platform/posix/syscalls.ts",
  "src/platform/posix/open_syscalls.ts",
  "src/platform/posix/net/network.ts",
];
/** The runtimes' resolvers, for guests that are suspended while a name is looked up. */
const LOOKUPS = ["src/platform/deno/lookup.ts", "src/platform/node/lookup.ts"];

const RULES: readonly Rule[] = [
  { of: "src/witx/", may: [] },
  { of: "src/text/", may: [] },
  { of: "src/contract/", may: ["src/witx/", "src/text/"] },
  { of: "src/core/io/", may: FACTS },
  { of: "src/core/guest/", may: [...FACTS, "src/core/io/"] },
  { of: "src/core/fs/", may: [...FACTS, "src/core/io/"] },
  { of: "src/core/http1/", may: FACTS },
  { of: "src/core/net/", may: [...FACTS, "src/core/io/", "src/core/fs/"] },
  {
    of: "src/preview1/trace/",
    may: [...FACTS, "src/preview1/abi/", "src/preview1/results.ts"],
    types: ["src/preview1/system.ts", "src/core/io/maybe_promise.ts"],
  },
  {
    of: "src/preview1/abi/",
    may: [
      ...FACTS,
      "src/preview1/results.ts",
      "src/core/io/maybe_promise.ts",
      "src/core/guest/",
      "src/core/net/services.ts",
    ],
    types: ["src/core/", "src/preview1/system.ts"],
  },
  { of: "src/preview1/", may: [...FACTS, "src/core/"] },
  { of: "src/component/binary/", may: ["src/text/"] },
  { of: "src/component/types/", may: ["src/text/", "src/component/binary/"] },
  {
    // The runtime of components knows no host interface, no files and no sockets.
    of: "src/component/",
    may: [...FACTS, "src/core/io/", "src/core/guest/", "src/component/"],
  },
  {
    of: "src/wasi/",
    may: [...FACTS, "src/core/", "src/component/types/", "src/component/abi/", "src/component/link/"],
  },
  {
    of: "src/runtime/component/",
    may: [...FACTS, "src/core/", "src/runtime/", "src/component/", "src/wasi/", "src/preview1/"],
  },
  { of: "src/platform/memory/", ...PLATFORM },
  { of: "src/platform/detect.ts", may: [...PLATFORM.may, ...BACKENDS] },
  { of: "src/platform/runtime.ts", may: [] },
  { of: "src/platform/browser/", may: [...PLATFORM.may, "src/platform/memory/mod.ts"] },
  {
    of: "src/platform/deno/",
    may: [...PLATFORM.may, SHARED],
    dynamic: ["src/platform/node/connection.ts", "src/platform/node/stream_context.ts"],
    packages: HOST_MODULES,
  },
  { of: "src/platform/node/", may: [...PLATFORM.may, SHARED], packages: HOST_MODULES },
  { of: "src/platform/bun/", may: [...PLATFORM.may, SHARED, "src/platform/node/"], packages: HOST_MODULES },
  {
    of: SHARED,
    may: [...PLATFORM.may, "src/platform/deno/permission.ts", "src/platform/deno/api.ts", ...SYSCALLS],
    packages: HOST_MODULES,
  },
  {
    of: "src/platform/posix/",
    may: [...PLATFORM.may, SHARED, ...LOOKUPS],
    types: ["src/platform/deno/api.ts"],
    packages: HOST_MODULES,
  },
  {
    // Components use the same environment: it knows neither preview 1 nor core modules.
    of: "src/runtime/environment/",
    may: [
      ...FACTS,
      "src/core/",
      "src/runtime/errors.ts",
      "src/runtime/jspi.ts",
      "src/runtime/net/",
      "src/runtime/options/",
      "src/runtime/stdio/",
    ],
  },
  {
    of: "src/runtime/",
    may: [...FACTS, "src/core/", "src/preview1/", "src/component/js/errors.ts"],
    dynamic: ["src/platform/memory/fs/tree.ts"],
  },
  {
    // Loaded with the first component that is served.
    of: "src/serve/component/",
    may: [...FACTS, "src/core/", "src/runtime/", "src/wasi/", "src/serve/"],
  },
  {
    of: "src/serve/",
    may: [...FACTS, "src/core/", "src/runtime/", "src/platform/memory/", "src/platform/detect.ts"],
    dynamic: ["src/serve/component/"],
  },
  {
    of: "src/cli/serve/",
    may: [...FACTS, "src/core/", "src/runtime/", "src/serve/", "src/cli/"],
    packages: HOST_MODULES,
  },
  {
    of: "src/cli/",
    may: [
      ...FACTS,
      "src/core/",
      "src/runtime/",
      "src/platform/detect.ts",
      `${SHARED}foreign_calls.ts`,
      "src/platform/runtime.ts",
      `${SHARED}fs/byte_paths.ts`,
    ],
    dynamic: [...BACKENDS, "src/platform/posix/mod.ts", "src/preview1/trace/"],
    packages: [...HOST_MODULES, "arg", "leven"],
  },
  { of: "src/entry/", may: ["src/runtime/", "src/serve/", ...BACKENDS] },
  { of: "mod.ts", may: ["src/runtime/", "src/platform/detect.ts"] },
];

/** The sets of flags of preview 1, which the core and the platforms do not know. */
const PREVIEW1_FLAGS = [
  "Oflags",
  "Lookupflags",
  "Fdflags",
  "Fstflags",
  "Whence",
  "Rights",
  "Riflags",
  "Sdflags",
  "Eventtype",
  "Eventrwflags",
  "Subclockflags",
];

/** Names that belong to a host or to preview 1, and where they may stand. */
const GLOBALS: Readonly<Record<string, readonly string[]>> = {
  Deno: ["src/platform/", "src/cli/"],
  Bun: ["src/platform/", "src/cli/"],
  process: ["src/platform/", "src/cli/"],
  Buffer: ["src/platform/", "src/cli/"],
  require: ["src/platform/", "src/cli/"],
  console: ["src/cli/", "src/platform/browser/console_output.ts"],
  ...Object.fromEntries(PREVIEW1_FLAGS.map((name) => [name, ["src/witx/", "src/preview1/"]])),
};

/** A part of a platform that may use no name of a host. */
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
    const complaint = fact.target === undefined ? packageComplaint(fact, rule) : fileComplaint(fact, rule);
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

function fileComplaint({ target = "", kind }: ImportFact, rule: Rule): string | undefined {
  const { may, types = [], dynamic = [] } = rule;
  const allowed = [...may, ...(kind === "type" ? types : []), ...(kind === "dynamic" ? dynamic : [])];
  if (isOwn(target, rule) || allowed.some((place) => isWithin(target, place))) return undefined;
  const asTypes = types.length > 0 ? `, and as types ${types.join(", ")}` : "";
  const byCall = dynamic.length > 0 ? `, and by import() ${dynamic.join(", ")}` : "";
  return `"${target}": ${rule.of} may import ${list(may, "only its own files")}${asTypes}${byCall}`;
}

function isOwn(target: string, rule: Rule): boolean {
  return rule.of.endsWith("/") && target.startsWith(rule.of);
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

function list(names: readonly string[], none: string): string {
  return names.length === 0 ? none : names.join(", ");
}
