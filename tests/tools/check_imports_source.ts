/**
 * What the import check has to know of a source file, taken from TypeScript's own parser.
 *
 * @module
 */

import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import * as ast from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";

/** One import or re-export. */
export interface ImportFact {
  /** As written. */
  readonly specifier: string;
  /** File from the root for a relative specifier, with forward slashes; otherwise undefined. */
  readonly target: string | undefined;
  /** `type`: erased. `static`: loaded with the file. `dynamic`: `import()`. */
  readonly kind: "type" | "static" | "dynamic";
  /** Line, from 1. */
  readonly line: number;
}

/** One use of a name that belongs to a host. */
export interface GlobalFact {
  /** The name. */
  readonly name: string;
  /** Line, from 1. */
  readonly line: number;
}

/** A file. */
export interface SourceFacts {
  /** From the root, with forward slashes. */
  readonly path: string;
  /** In the order of the file. */
  readonly imports: readonly ImportFact[];
  /** In the order of the file. */
  readonly globals: readonly GlobalFact[];
}

/** Read every `.ts` file under `folders` and the named `files`, all relative to `root`. */
export function readSources(
  root: string,
  folders: readonly string[],
  files: readonly string[],
  globals: readonly string[],
): SourceFacts[] {
  const paths = [...files, ...folders.flatMap((folder) => typescriptFiles(root, folder))].sort();
  const api = new API({ cwd: root });
  try {
    const snapshot = api.updateSnapshot({ openFiles: paths.map((path) => join(root, path)) });
    return paths.map((path) => {
      const program = snapshot.getDefaultProjectForFile(join(root, path))?.program;
      const source = program?.getSourceFile(join(root, path));
      if (source === undefined) throw new Error(`Cannot parse ${path}`);
      return { path, imports: importsOf(source, path), globals: globalsOf(source, globals) };
    });
  } finally {
    api.close();
  }
}

function typescriptFiles(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
}

function importsOf(source: ast.SourceFile, path: string): ImportFact[] {
  const imports: ImportFact[] = [];
  walk(source, (node) => {
    const found = importOf(node);
    if (found === undefined) return;
    const { specifier, kind } = found;
    const target = specifier.startsWith(".") ? join(dirname(path), specifier).replaceAll("\\", "/") : undefined;
    imports.push({ specifier, target, kind, line: lineOf(source, node) });
  });
  return imports;
}

function importOf(node: ast.Node): Pick<ImportFact, "specifier" | "kind"> | undefined {
  if (ast.isImportDeclaration(node)) {
    const isType = node.importClause?.phaseModifier === ast.SyntaxKind.TypeKeyword;
    return literal(node.moduleSpecifier, isType ? "type" : "static");
  }
  if (ast.isExportDeclaration(node)) return literal(node.moduleSpecifier, node.isTypeOnly ? "type" : "static");
  if (ast.isImportTypeNode(node)) {
    return literal(ast.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument, "type");
  }
  const isCall = ast.isCallExpression(node) && node.expression.kind === ast.SyntaxKind.ImportKeyword;
  return isCall ? literal(node.arguments[0], "dynamic") : undefined;
}

function literal(node: ast.Node | undefined, kind: ImportFact["kind"]): ReturnType<typeof importOf> {
  if (node === undefined) return undefined;
  return { specifier: textOf(node) ?? "(computed)", kind };
}

function globalsOf(source: ast.SourceFile, names: readonly string[]): GlobalFact[] {
  const globals: GlobalFact[] = [];
  walk(source, (node) => {
    const name = globalName(node);
    if (name !== undefined && names.includes(name)) globals.push({ name, line: lineOf(source, node) });
  });
  return globals;
}

/** The name, if the node uses one as a variable, a type query, or a property of `globalThis`. */
function globalName(node: ast.Node): string | undefined {
  if (ast.isElementAccessExpression(node) && isGlobalThis(node.expression)) {
    return textOf(node.argumentExpression);
  }
  if (!ast.isIdentifier(node)) return undefined;
  const parent = node.parent;
  if (ast.isPropertyAccessExpression(parent) && parent.name === node && !isGlobalThis(parent.expression)) {
    return undefined;
  }
  return isKey(parent, node) ? undefined : node.text;
}

function isGlobalThis(node: ast.Node): boolean {
  return ast.isIdentifier(node) && node.text === "globalThis";
}

function textOf(node: ast.Node): string | undefined {
  return ast.isStringLiteral(node) || ast.isNoSubstitutionTemplateLiteral(node) ? node.text : undefined;
}

const MEMBERS: ReadonlySet<ast.SyntaxKind> = new Set([
  ast.SyntaxKind.PropertyAssignment,
  ast.SyntaxKind.PropertySignature,
  ast.SyntaxKind.PropertyDeclaration,
  ast.SyntaxKind.MethodDeclaration,
  ast.SyntaxKind.MethodSignature,
  ast.SyntaxKind.GetAccessor,
  ast.SyntaxKind.SetAccessor,
]);

/** True for the names of properties and methods, which are no variables. */
function isKey(parent: ast.Node, node: ast.Node): boolean {
  return MEMBERS.has(parent.kind) && "name" in parent && parent.name === node;
}

function walk(node: ast.Node, visit: (node: ast.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

function lineOf(source: ast.SourceFile, node: ast.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}
