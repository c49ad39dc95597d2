/**
 * What the import check has to know of a source file, taken from TypeScript's own parser.
 *
 * @module
 */

import * as ast from "typescript/unstable/ast";
import { lineOf, readFiles, targetOf, textOf, typescriptFiles, walk } from "./source_reader.ts";

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
  return readFiles(root, paths, ({ path, source }) => ({
    path,
    imports: importsOf(source, path),
    globals: globalsOf(source, globals),
  }));
}

function importsOf(source: ast.SourceFile, path: string): ImportFact[] {
  const imports: ImportFact[] = [];
  walk(source, (node) => {
    const found = importOf(node);
    if (found === undefined) return;
    const { specifier, kind } = found;
    imports.push({ specifier, target: targetOf(specifier, path), kind, line: lineOf(source, node) });
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
