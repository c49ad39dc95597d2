/**
 * Reads source files with TypeScript's own parser.
 *
 * @module
 */

import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import * as ast from "typescript/unstable/ast";
import { API, type Checker } from "typescript/unstable/sync";

/** A parsed file. */
export interface ParsedFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  /** Its syntax tree. */
  readonly source: ast.SourceFile;
  /** The types of the program that it belongs to. */
  readonly checker: Checker;
}

/** Calls `read` for each file of `paths`, which are relative to `root`. @throws {Error} A file cannot be parsed. */
export function readFiles<T>(root: string, paths: readonly string[], read: (file: ParsedFile) => T): T[] {
  const api = new API({ cwd: root });
  try {
    const snapshot = api.updateSnapshot({ openFiles: paths.map((path) => join(root, path)) });
    return paths.map((path) => {
      const project = snapshot.getDefaultProjectForFile(join(root, path));
      const source = project?.program.getSourceFile(join(root, path));
      if (project === undefined || source === undefined) throw new Error(`Cannot parse ${path}`);
      return read({ path, source, checker: project.checker });
    });
  } finally {
    api.close();
  }
}

/** Every `.ts` file under a folder, relative to `root`, with forward slashes. */
export function typescriptFiles(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => slashed(relative(root, join(entry.parentPath, entry.name))));
}

/** The file that a relative specifier names, relative to the root; otherwise undefined. */
export function targetOf(specifier: string, path: string): string | undefined {
  return specifier.startsWith(".") ? slashed(join(dirname(path), specifier)) : undefined;
}

/** A path with forward slashes. */
function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}

/** Calls `visit` for a node and all that it contains. */
export function walk(node: ast.Node, visit: (node: ast.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** The line on which a node begins, from 1. */
export function lineOf(source: ast.SourceFile, node: ast.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/** The text of a string literal; undefined for any other node. */
export function textOf(node: ast.Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  return ast.isStringLiteral(node) || ast.isNoSubstitutionTemplateLiteral(node) ? node.text : undefined;
}
