/**
 * How large files, functions and folders of the source may be, and what may not stand in it.
 *
 * @module
 */

import { dirname } from "node:path";
import type { FunctionFact, ShapeFacts } from "./shape_facts.ts";
import type { Exceptions } from "./shape_exceptions.ts";
import { STATEMENT } from "./state_facts.ts";

const MAX_MEDIAN_LINES = 110;
const MAX_FILE_LINES = 350;
/** What fits a screen. */
const MAX_FUNCTION_LINES = 55;
const MAX_PARAMETERS = 5;
const MAX_FILES_OF_A_FOLDER = 20;
const SOURCE = "src/";

/**
 * What is wrong with the files, as lines `file:line: rule`.
 *
 * @param files Those of `src`, and all that may import them.
 * @param entryPoints Files whose exports are for users.
 * @param except What may pass all the same.
 */
export function shapeComplaints(
  files: readonly ShapeFacts[],
  entryPoints: ReadonlySet<string>,
  except: Exceptions,
): string[] {
  const sources = files.filter(({ path }) => path.startsWith(SOURCE));
  return [
    ...fileComplaints(sources, except),
    ...folderComplaints(sources, except),
    ...functionComplaints(sources, except),
    ...parameterComplaints(sources, except),
    ...exportComplaints(files, entryPoints, except),
    ...booleanComplaints(sources, except),
    ...stateComplaints(sources, except),
    ...idleExceptions(files, except),
  ];
}

function fileComplaints(files: readonly ShapeFacts[], except: Exceptions): string[] {
  const complaints = files.filter(({ path, lines }) =>
    lines > MAX_FILE_LINES && !Object.hasOwn(except.largeFiles, path)
  )
    .map(({ path, lines }) => `${path}:1: ${lines} lines; at most ${MAX_FILE_LINES}, unless it is a table`);
  const sizes = files.map(({ lines }) => lines).sort((a, b) => a - b);
  const median = sizes[sizes.length >> 1] ?? 0;
  if (median > MAX_MEDIAN_LINES) {
    complaints.push(`src:1: the median file has ${median} lines; ${MAX_MEDIAN_LINES} may be`);
  }
  return complaints;
}

function folderComplaints(files: readonly ShapeFacts[], except: Exceptions): string[] {
  const folders = Map.groupBy(files, ({ path }) => dirname(path));
  return [...folders].filter(([, { length }]) => length > MAX_FILES_OF_A_FOLDER)
    .filter(([folder]) => !Object.hasOwn(except.largeFolders, folder))
    .map(([folder, { length }]) => `${folder}:1: ${length} files; at most ${MAX_FILES_OF_A_FOLDER} on one level`);
}

function functionComplaints(files: readonly ShapeFacts[], except: Exceptions): string[] {
  return longFunctions(files).filter(({ key }) => !Object.hasOwn(except.longFunctions, key))
    .map(({ key, path, line, lines }) =>
      `${path}:${line}: ${key.slice(path.length + 1)} has ${lines} lines; at most ${MAX_FUNCTION_LINES}`
    );
}

function parameterComplaints(files: readonly ShapeFacts[], except: Exceptions): string[] {
  return manyParameters(files).filter(({ path }) => !isInFolder(path, except.manyParameters))
    .map(({ path, name, line, parameters }) =>
      `${path}:${line}: ${name} has ${parameters} parameters; at most ${MAX_PARAMETERS}`
    );
}

function manyParameters(files: readonly ShapeFacts[]): (FunctionFact & { path: string })[] {
  return files.flatMap(({ path, functions }) =>
    functions.filter(({ parameters }) => parameters > MAX_PARAMETERS).map((fact) => ({ ...fact, path }))
  );
}

function longFunctions(files: readonly ShapeFacts[]): { key: string; path: string; line: number; lines: number }[] {
  return files.flatMap(({ path, functions }) =>
    functions.filter(({ lines }) => lines > MAX_FUNCTION_LINES)
      .map(({ name, line, lines }) => ({ key: `${path} ${name}`, path, line, lines }))
  );
}

/** The exports that no other file imports, and those of values that only tests import and the source does not use. */
function exportComplaints(
  files: readonly ShapeFacts[],
  entryPoints: ReadonlySet<string>,
  except: Exceptions,
): string[] {
  const [everywhere, inSource] = [importedNames(files, ""), importedNames(files, SOURCE)];
  const complaints: string[] = [];
  for (const { path, exports } of files) {
    if (entryPoints.has(path)) continue;
    for (const { name, line, isType, isUsedInside } of exports) {
      const key = `${path} ${name}`;
      if (Object.hasOwn(except.unusedExports, key) || (isType && isUsedInside)) continue;
      if (!isImported(everywhere, path, name)) {
        const rest = isUsedInside ? "it need not be exported" : "it is dead";
        complaints.push(`${path}:${line}: nobody imports \`${name}\`; ${rest}`);
      } else if (path.startsWith(SOURCE) && !isUsedInside && !isImported(inSource, path, name)) {
        complaints.push(`${path}:${line}: only tests use \`${name}\``);
      }
    }
  }
  return complaints;
}

function isInFolder(path: string, folders: Readonly<Record<string, string>>): boolean {
  return Object.keys(folders).some((folder) => path.startsWith(folder));
}

/** Names by the file that they are imported from; undefined means all of them. */
type Imported = ReadonlyMap<string, ReadonlySet<string> | undefined>;

function importedNames(files: readonly ShapeFacts[], folder: string): Imported {
  const imported = new Map<string, Set<string> | undefined>();
  const stars = files.flatMap(({ path, uses }) =>
    uses.filter(({ isStar }) => isStar).map(({ target }) => [path, target] as const)
  );
  const add = (target: string, names: readonly string[] | undefined): void => {
    const known = imported.has(target) ? imported.get(target) : new Set<string>();
    imported.set(target, known === undefined || names === undefined ? undefined : new Set([...known, ...names]));
    for (const [path, passedOn] of stars) if (path === target) add(passedOn, names);
  };
  for (const { path, uses } of files) {
    if (!path.startsWith(folder) && path !== "mod.ts") continue;
    for (const { target, names, isStar } of uses) add(target, isStar && isEntry(path) ? undefined : names);
  }
  return imported;
}

/** The files that only pass on what others export. */
function isEntry(path: string): boolean {
  return path === "mod.ts" || path.startsWith("src/entry/");
}

function isImported(imported: Imported, path: string, name: string): boolean {
  return imported.has(path) && (imported.get(path)?.has(name) ?? true);
}

function booleanComplaints(files: readonly ShapeFacts[], except: Exceptions): string[] {
  return files.flatMap(({ path, booleans }) =>
    booleans.filter(({ callee }) => !Object.hasOwn(except.booleanCalls, `${path} ${callee}`)).map((
      { callee, declaredIn, line },
    ) => `${path}:${line}: ${callee} of ${declaredIn} takes true or false by position; name it`)
  );
}

function stateComplaints(files: readonly ShapeFacts[], except: Exceptions): string[] {
  return files.flatMap(({ path, state }) =>
    state.filter(({ name }) => !Object.hasOwn(except.moduleState, `${path} ${name}`)).map(({ name, line }) =>
      name === STATEMENT
        ? `${path}:${line}: a statement at module level: importing a file must have no effect`
        : `${path}:${line}: ${name} is mutable state of the module; put it into an object`
    )
  );
}

/** Exceptions that nothing needs any more. */
function idleExceptions(files: readonly ShapeFacts[], except: Exceptions): string[] {
  const folders = Map.groupBy(files, ({ path }) => dirname(path));
  const large = new Set(files.filter(({ lines }) => lines > MAX_FILE_LINES).map(({ path }) => path));
  const long = new Set(longFunctions(files).map(({ key }) => key));
  const exported = new Set(files.flatMap(({ path, exports }) => exports.map(({ name }) => `${path} ${name}`)));
  const calls = new Set(files.flatMap(({ path, booleans }) => booleans.map(({ callee }) => `${path} ${callee}`)));
  const states = new Set(files.flatMap(({ path, state }) => state.map(({ name }) => `${path} ${name}`)));
  const wide = manyParameters(files).map(({ path }) => path);
  const idle = [
    ...Object.keys(except.manyParameters).filter((prefix) => !wide.some((path) => path.startsWith(prefix))),
    ...Object.keys(except.moduleState).filter((key) => !states.has(key)),
    ...Object.keys(except.booleanCalls).filter((key) => !calls.has(key)),
    ...Object.keys(except.largeFolders).filter((folder) => (folders.get(folder)?.length ?? 0) <= MAX_FILES_OF_A_FOLDER),
    ...Object.keys(except.largeFiles).filter((path) => !large.has(path)),
    ...Object.keys(except.longFunctions).filter((key) => !long.has(key)),
    ...Object.keys(except.unusedExports).filter((key) => !exported.has(key)),
  ];
  return idle.map((key) => `tests/check/shape_exceptions.ts:1: ${key} needs no exception`);
}
