/**
 * What the shape check knows of a source file.
 *
 * @module
 */

import { dirname, relative } from "node:path";
import * as ast from "typescript/unstable/ast";
import { lineOf, type ParsedFile, readFiles, targetOf, textOf, walk } from "../tools/source_reader.ts";
import { type StateFact, stateOf } from "./state_facts.ts";

/** A function with a body. */
export interface FunctionFact {
  /** Its name, or that of what holds it; `(anonymous)` without either. */
  readonly name: string;
  /** Line, from 1. */
  readonly line: number;
  /** How many lines it has. */
  readonly lines: number;
  /** How many parameters it has. */
  readonly parameters: number;
}

/** An exported name. */
export interface ExportFact {
  /** The name. */
  readonly name: string;
  /** Line, from 1. */
  readonly line: number;
  /** True for interfaces and type aliases. */
  readonly isType: boolean;
  /** True if the file itself uses the name elsewhere. */
  readonly isUsedInside: boolean;
}

/** The names that a file takes from another. */
export interface UseFact {
  /** The other file. */
  readonly target: string;
  /** The names, as the other file exports them; undefined means all of them. */
  readonly names: readonly string[] | undefined;
  /** True for `export * from`. */
  readonly isStar: boolean;
}

/** A literal `true` or `false` as an argument of a function of another folder. */
export interface BooleanFact {
  /** The function, as the call writes it. */
  readonly callee: string;
  /** The file that declares it. */
  readonly declaredIn: string;
  /** Line, from 1. */
  readonly line: number;
}

/** A file. */
export interface ShapeFacts {
  /** From the root, with forward slashes. */
  readonly path: string;
  /** How many lines it has. */
  readonly lines: number;
  /** Its functions. */
  readonly functions: readonly FunctionFact[];
  /** What it exports. */
  readonly exports: readonly ExportFact[];
  /** What it takes from other files. */
  readonly uses: readonly UseFact[];
  /** Its calls with boolean literals. */
  readonly booleans: readonly BooleanFact[];
  /** Its state at module level, and its statements. */
  readonly state: readonly StateFact[];
}

/** Reads the files of `paths`; calls with boolean literals and module state are looked for in `typed` only. */
export function readShapes(root: string, paths: readonly string[], typed: ReadonlySet<string>): ShapeFacts[] {
  return readFiles(root, paths, (file) => ({
    path: file.path,
    lines: file.source.text.trimEnd().split("\n").length,
    functions: functionsOf(file),
    exports: exportsOf(file),
    uses: usesOf(file),
    booleans: typed.has(file.path) ? booleansOf(file, root) : [],
    state: typed.has(file.path) ? stateOf(file) : [],
  }));
}

const FUNCTIONS: ReadonlySet<ast.SyntaxKind> = new Set([
  ast.SyntaxKind.FunctionDeclaration,
  ast.SyntaxKind.FunctionExpression,
  ast.SyntaxKind.ArrowFunction,
  ast.SyntaxKind.MethodDeclaration,
  ast.SyntaxKind.Constructor,
  ast.SyntaxKind.GetAccessor,
  ast.SyntaxKind.SetAccessor,
]);

function functionsOf({ source }: ParsedFile): FunctionFact[] {
  const functions: FunctionFact[] = [];
  walk(source, (node) => {
    if (!FUNCTIONS.has(node.kind)) return;
    const line = lineOf(source, node);
    const last = source.getLineAndCharacterOfPosition(node.end).line + 1;
    const { length } = (node as ast.FunctionDeclaration).parameters;
    functions.push({ name: nameOf(node), line, lines: last - line + 1, parameters: length });
  });
  return functions;
}

function nameOf(node: ast.Node): string {
  if (node.kind === ast.SyntaxKind.Constructor) return "constructor";
  const own = identifierOf(node) ?? identifierOf(node.parent);
  return own ?? "(anonymous)";
}

function identifierOf(node: ast.Node): string | undefined {
  if (!("name" in node)) return undefined;
  const name = node.name as ast.Node | undefined;
  if (name === undefined) return undefined;
  return ast.isIdentifier(name) || ast.isPrivateIdentifier(name) ? name.text : textOf(name);
}

const TYPES: ReadonlySet<ast.SyntaxKind> = new Set([
  ast.SyntaxKind.InterfaceDeclaration,
  ast.SyntaxKind.TypeAliasDeclaration,
]);

function exportsOf({ source }: ParsedFile): ExportFact[] {
  const found: { name: string; node: ast.Node; isType: boolean }[] = [];
  for (const statement of source.statements) {
    if (ast.isExportDeclaration(statement)) {
      for (const { name, node } of specifiersOf(statement)) found.push({ name, node, isType: false });
    } else if (hasModifier(statement, ast.SyntaxKind.ExportKeyword)) {
      for (const name of declaredNames(statement)) {
        found.push({ name, node: statement, isType: TYPES.has(statement.kind) });
      }
    }
  }
  const counts = identifierCounts(source);
  return found.map(({ name, node, isType }) => ({
    name,
    line: lineOf(source, node),
    isType,
    isUsedInside: (counts.get(name) ?? 0) > 1,
  }));
}

function hasModifier(statement: ast.Statement, keyword: ast.SyntaxKind): boolean {
  const modifiers = "modifiers" in statement ? statement.modifiers as readonly ast.Node[] | undefined : undefined;
  return modifiers?.some(({ kind }) => kind === keyword) ?? false;
}

function declaredNames(statement: ast.Statement): string[] {
  if (hasModifier(statement, ast.SyntaxKind.DefaultKeyword)) return ["default"];
  if (!ast.isVariableStatement(statement)) return [identifierOf(statement) ?? "default"];
  return statement.declarationList.declarations.flatMap(({ name }) => boundNames(name));
}

function boundNames(name: ast.BindingName | undefined): string[] {
  if (name === undefined) return [];
  if (ast.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => ast.isBindingElement(element) ? boundNames(element.name) : []);
}

/** The names of `export { a, b as c }`, as other files see them. */
function specifiersOf(declaration: ast.ExportDeclaration): { name: string; node: ast.Node }[] {
  const clause = declaration.exportClause;
  if (clause === undefined || !ast.isNamedExports(clause)) return [];
  return clause.elements.map((node) => ({ name: node.name.text, node }));
}

function identifierCounts(source: ast.SourceFile): Map<string, number> {
  const counts = new Map<string, number>();
  walk(source, (node) => {
    if (ast.isIdentifier(node)) counts.set(node.text, (counts.get(node.text) ?? 0) + 1);
  });
  return counts;
}

function usesOf({ source, path }: ParsedFile): UseFact[] {
  const uses: UseFact[] = [];
  walk(source, (node) => {
    const use = useOf(node);
    const target = targetOf(use?.specifier ?? "", path);
    if (use !== undefined && target !== undefined) uses.push({ target, names: use.names, isStar: use.isStar });
  });
  return uses;
}

type Use = Omit<UseFact, "target"> & { readonly specifier: string | undefined };

function useOf(node: ast.Node): Use | undefined {
  if (ast.isImportDeclaration(node)) {
    const bindings = node.importClause?.namedBindings;
    const byDefault = node.importClause?.name === undefined ? [] : ["default"];
    const names = bindings === undefined
      ? byDefault
      : ast.isNamedImports(bindings)
      ? [...byDefault, ...bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text)]
      : undefined;
    return { specifier: textOf(node.moduleSpecifier), names, isStar: false };
  }
  if (ast.isExportDeclaration(node)) {
    const { exportClause } = node;
    const specifier = textOf(node.moduleSpecifier);
    if (exportClause === undefined) return { specifier, names: [], isStar: true };
    if (!ast.isNamedExports(exportClause)) return { specifier, names: undefined, isStar: false };
    const names = exportClause.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
    return { specifier, names, isStar: false };
  }
  if (ast.isImportTypeNode(node)) {
    const literal = ast.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument;
    return { specifier: textOf(literal), names: undefined, isStar: false };
  }
  const isCall = ast.isCallExpression(node) && node.expression.kind === ast.SyntaxKind.ImportKeyword;
  return isCall ? { specifier: textOf(node.arguments[0]), names: undefined, isStar: false } : undefined;
}

function booleansOf({ source, path, checker }: ParsedFile, root: string): BooleanFact[] {
  const booleans: BooleanFact[] = [];
  walk(source, (node) => {
    if (!ast.isCallExpression(node) && !ast.isNewExpression(node)) return;
    if (!(node.arguments ?? []).some(isBooleanLiteral)) return;
    const declared = checker.getResolvedSignature(node)?.declaration?.path;
    if (declared === undefined) return;
    const declaredIn = relative(root, declared).replaceAll("\\", "/");
    if (!declaredIn.startsWith("src/") || dirname(declaredIn) === dirname(path)) return;
    booleans.push({ callee: node.expression.getText(source), declaredIn, line: lineOf(source, node) });
  });
  return booleans;
}

function isBooleanLiteral({ kind }: ast.Node): boolean {
  return kind === ast.SyntaxKind.TrueKeyword || kind === ast.SyntaxKind.FalseKeyword;
}
