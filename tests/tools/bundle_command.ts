/**
 * Bundles the command into a few files: what every start reads first, what it reads while the guest compiles, and what
 * few starts need. A file imports what it shares with an earlier one from that, so that no module is there twice.
 *
 * @module
 */

import { join } from "node:path";
import { build, type BuildOptions, type Metafile, type OnResolveResult, type Plugin } from "esbuild";

/** One file of the command. */
export interface CommandFile {
  /** Its name. */
  readonly name: string;
  /** Source of the file that starts the command. */
  readonly contents?: string;
  /** Modules of any other file; all that import them do so by `import()`. */
  readonly modules?: readonly string[];
  /** True if files behind it may import from it. */
  readonly isShared: boolean;
}

/** The command for one runtime. */
export interface Command {
  /** Folder of the sources. */
  readonly root: string;
  /** Folder of the files to write. */
  readonly out: string;
  /** The files; the first one starts the command. */
  readonly files: readonly CommandFile[];
  /** CommonJS starts sooner on Node and Bun, where `require` loads the second file while the guest compiles. */
  readonly format: "cjs" | "esm";
  /** What each file begins and ends with. */
  readonly around?: readonly [before: string, after: string];
}

/** A module that later files import from the file that has it. */
interface SharedModule {
  readonly file: string;
  /** What they import of it. */
  readonly names: Set<string>;
}

/** By paths of the modules. */
type SharedModules = Map<string, SharedModule>;

/** Prefix of the specifiers of modules that an earlier file has. */
const SHARED = "shared:";

/**
 * Bundle the command.
 *
 * @returns Paths of the sources that went into it.
 */
export async function bundleCommand(command: Command): Promise<string[]> {
  const shared = await sharedModules(command);
  const paths: string[] = [];
  for (const file of command.files) {
    const [before, after] = command.around ?? ["", ""];
    const { metafile } = await bundle(command, file, contentsOf(file) + sharedExports(shared, file), {
      banner: { js: before },
      footer: { js: after },
      plugins: [sharedImports(shared, file)],
    });
    paths.push(...Object.keys(metafile.inputs));
  }
  return paths;
}

function contentsOf({ contents, modules = [] }: CommandFile): string {
  return contents ?? modules.map((path) => `export * from "./${path}";`).join("\n");
}

async function bundle(
  { root, out, files, format }: Command,
  { name }: CommandFile,
  contents: string,
  { plugins = [], ...options }: BuildOptions,
): Promise<{ readonly metafile: Metafile; readonly text: string }> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: root, sourcefile: name, loader: "ts" },
    outfile: join(out, name),
    bundle: true,
    format,
    define: format === "cjs" ? { "import.meta.url": "__filename" } : {},
    // `require` is faster than `import()`.
    supported: { "dynamic-import": format === "esm" },
    platform: "node",
    target: "es2022",
    external: ["bun:*"],
    minify: true,
    legalComments: "none",
    logLevel: "warning",
    ...options,
    metafile: true,
    plugins: [...files.map((file) => importedLater(root, file)), ...plugins],
  });
  return { metafile, text: outputFiles?.[0]?.text ?? "" };
}

/** Let `import()` of a module import the file that has it. */
function importedLater(root: string, { name, modules = [] }: CommandFile): Plugin {
  const paths = new Set(modules.map((path) => join(root, path)));
  return {
    name: "imported later",
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        if (kind !== "dynamic-import" || !paths.has(join(resolveDir, path))) return undefined;
        return { path: `./${name}`, external: true };
      });
    },
  };
}

/** What files import from earlier ones. To export it may bring more modules into these, until none is added. */
async function sharedModules(command: Command): Promise<SharedModules> {
  let shared: SharedModules = new Map();
  for (let count = -1; count !== shared.size;) {
    count = shared.size;
    const owners = new Map<string, string>();
    const found: SharedModules = new Map();
    for (const file of command.files) {
      const contents = contentsOf(file) + sharedExports(shared, file);
      await findImports(command, file, contents, owners, found);
      if (!file.isShared) continue;
      const { metafile } = await bundle(command, file, contents, { write: false, plugins: [leftOut(owners)] });
      for (const path of modulesIn(metafile)) owners.set(join(command.root, path), file.name);
    }
    shared = found;
  }
  return shared;
}

function modulesIn({ outputs }: Metafile): string[] {
  return Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
}

/** Add what a file imports from modules of earlier ones: the imports that remain when these modules are left out. */
async function findImports(
  command: Command,
  file: CommandFile,
  contents: string,
  owners: ReadonlyMap<string, string>,
  found: SharedModules,
): Promise<void> {
  const { text } = await bundle({ ...command, format: "esm" }, file, contents, {
    write: false,
    minify: false,
    plugins: [leftOut(owners)],
  });
  for (const [, names = "", path = ""] of text.matchAll(/^import \{([^}]*)\} from "shared:([^"]*)";$/gm)) {
    const module = found.get(path) ?? { file: owners.get(path)!, names: new Set() };
    for (const name of names.split(",")) module.names.add(name.trim().split(" ")[0]!);
    found.set(path, module);
  }
}

function leftOut(modules: { has(path: string): boolean }): Plugin {
  return replaced(modules, (path) => ({ path: SHARED + path, external: true }));
}

/** Give modules another path. */
function replaced(modules: { has(path: string): boolean }, by: (path: string) => OnResolveResult): Plugin {
  return {
    name: "replaced",
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        const target = join(resolveDir, path);
        return kind !== "dynamic-import" && modules.has(target) ? by(target) : undefined;
      });
    },
  };
}

/** The short name under which a file exports a name of a module that it shares. */
function aliasesOf(shared: SharedModules, path: string): (readonly [name: string, alias: string])[] {
  const index = [...shared.keys()].indexOf(path);
  return [...shared.get(path)!.names].map((name, i) => [name, `$${index.toString(36)}_${i.toString(36)}`] as const);
}

function sharedExports(shared: SharedModules, file: CommandFile): string {
  return [...shared].filter(([, module]) => module.file === file.name).map(([path]) => {
    const names = aliasesOf(shared, path).map(([name, alias]) => `${name} as ${alias}`);
    return `\nexport { ${names.join(", ")} } from ${JSON.stringify(path)};`;
  }).join("");
}

/** Let a file import from earlier ones what they share. */
function sharedImports(shared: SharedModules, { name }: CommandFile): Plugin {
  const others = new Map([...shared].filter(([, module]) => module.file !== name));
  return {
    name: "shared imports",
    setup(build) {
      replaced(others, (path) => ({ path, namespace: SHARED })).setup(build);
      build.onLoad({ filter: /.*/, namespace: SHARED }, ({ path }) => {
        const names = aliasesOf(shared, path).map(([name, alias]) => `${alias} as ${name}`);
        return { contents: `export { ${names.join(", ")} } from "${SHARED}${others.get(path)!.file}";` };
      });
      build.onResolve(
        { filter: /^shared:/ },
        ({ path }) => ({ path: `./${path.slice(SHARED.length)}`, external: true }),
      );
    },
  };
}
