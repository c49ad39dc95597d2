/**
 * Which exported symbols have no comment.
 *
 * @module
 */

import { join, relative } from "node:path";
import * as ast from "typescript/unstable/ast";
import { API, type Project, SymbolFlags } from "typescript/unstable/sync";

/** A symbol without a comment, or an entry point that has none itself, as `file:line: name`. */
export function undocumented(root: string, entryPoints: readonly string[]): string[] {
  const api = new API({ cwd: root });
  try {
    const snapshot = api.updateSnapshot({ openFiles: entryPoints.map((path) => join(root, path)) });
    const found = entryPoints.flatMap((path) => {
      const project = snapshot.getDefaultProjectForFile(join(root, path));
      if (project === undefined) throw new Error(`Cannot parse ${path}`);
      return undocumentedExports(project, root, join(root, path));
    });
    return [...new Set(found)].sort();
  } finally {
    api.close();
  }
}

function undocumentedExports(project: Project, root: string, path: string): string[] {
  const { checker, program } = project;
  const source = program.getSourceFile(path);
  if (source === undefined) throw new Error(`Cannot parse ${path}`);
  const place = `${relative(root, path)}:1`;
  const found = /^(#!.*\n)?\/\*\*[\s\S]*?\*\//.test(source.text) ? [] : [`${place}: the module`];
  const module = checker.getSymbolAtLocation(source);
  const exported = module === undefined ? [] : checker.getExportsOfModule(module);
  if (exported.length === 0) throw new Error(`${place} exports nothing`);
  for (const symbol of exported) {
    const target = (symbol.flags & SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
    for (const declaration of target.declarations) {
      const node = declaration.resolve(project);
      if (node !== undefined) found.push(...undocumentedParts(node, symbol.name, { root, project }));
    }
  }
  return found;
}

interface Context {
  readonly root: string;
  readonly project: Project;
}

function undocumentedParts(node: ast.Node, name: string, { root, project }: Context): string[] {
  const source = node.getSourceFile();
  const complain = (part: ast.Node, label: string): string => {
    const { line } = source.getLineAndCharacterOfPosition(part.getStart(source));
    return `${relative(root, source.fileName)}:${line + 1}: ${label}`;
  };
  const found = isDocumented(node) ? [] : [complain(node, name)];
  if (!ast.isInterfaceDeclaration(node) && !ast.isClassDeclaration(node)) return found;
  const inherited = inheritedNames(node, project);
  for (const member of node.members as ast.NodeArray<ast.Node>) {
    const label = memberName(member);
    if (label === undefined || inherited.has(label) || isDocumented(member)) continue;
    found.push(complain(member, `${name}.${label}`));
  }
  return found;
}

/** The members that are documented where they come from. */
function inheritedNames(node: ast.ClassDeclaration | ast.InterfaceDeclaration, { checker }: Project): Set<string> {
  const names = new Set<string>();
  for (const { types } of node.heritageClauses ?? []) {
    for (const type of types) {
      const parent = checker.getTypeAtLocation(type);
      for (const { name } of parent === undefined ? [] : checker.getPropertiesOfType(parent)) names.add(name);
    }
  }
  return names;
}

/** A comment may stand before the statement that the declaration is part of. */
function isDocumented(node: ast.Node): boolean {
  if (node.jsDoc !== undefined && node.jsDoc.length > 0) return true;
  const isPart = ast.isVariableDeclaration(node) || ast.isVariableDeclarationList(node);
  return isPart && isDocumented(node.parent);
}

/**
 * The name of a member that has to be documented: no constructor, nothing private, no tag such as `kind: "file"`, and no
 * setter, whose getter is documented.
 */
function memberName(member: ast.Node): string | undefined {
  if (!("name" in member) || member.name === undefined || isTag(member)) return undefined;
  if (ast.isSetAccessorDeclaration(member)) return undefined;
  const name = member.name as ast.Node;
  return ast.isIdentifier(name) ? name.text : undefined;
}

function isTag(member: ast.Node): boolean {
  if (!ast.isPropertyDeclaration(member) && !ast.isPropertySignatureDeclaration(member)) return false;
  const { type, initializer } = member;
  return type === undefined
    ? initializer !== undefined && ast.isStringLiteral(initializer)
    : ast.isLiteralTypeNode(type);
}
