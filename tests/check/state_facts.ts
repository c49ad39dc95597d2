/**
 * What a module keeps or does when it is imported: variables, mutable collections, objects, statements.
 *
 * @module
 */

import * as ast from "typescript/unstable/ast";
import { lineOf, type ParsedFile } from "../tools/source_reader.ts";

/** State at module level, or a statement that runs at import. */
export interface StateFact {
  /** The variable, or {@linkcode STATEMENT}. */
  readonly name: string;
  /** Line, from 1. */
  readonly line: number;
}

/** Stands for a statement. */
export const STATEMENT = "(statement)";

const DECLARATIONS: ReadonlySet<ast.SyntaxKind> = new Set([
  ast.SyntaxKind.ImportDeclaration,
  ast.SyntaxKind.ExportDeclaration,
  ast.SyntaxKind.ExportAssignment,
  ast.SyntaxKind.FunctionDeclaration,
  ast.SyntaxKind.ClassDeclaration,
  ast.SyntaxKind.InterfaceDeclaration,
  ast.SyntaxKind.TypeAliasDeclaration,
  ast.SyntaxKind.ModuleDeclaration,
  ast.SyntaxKind.EmptyStatement,
]);

/** The state of a module. */
export function stateOf({ source }: ParsedFile): StateFact[] {
  const found: StateFact[] = [];
  const add = (name: string, node: ast.Node): void => void found.push({ name, line: lineOf(source, node) });
  for (const statement of source.statements) {
    if (ast.isVariableStatement(statement)) {
      const isConst = (statement.declarationList.flags & ast.NodeFlags.Const) !== 0;
      for (const declaration of statement.declarationList.declarations) {
        if (!isConst || isMutable(declaration, source)) add(declaration.name?.getText(source) ?? "", declaration);
      }
    } else if (ast.isClassDeclaration(statement)) {
      for (const member of statement.members) {
        if (isStaticState(member, source)) add(member.name?.getText(source) ?? "", member);
      }
    } else if (!DECLARATIONS.has(statement.kind)) add(STATEMENT, statement);
  }
  return found;
}

function isStaticState(member: ast.ClassElement, source: ast.SourceFile): member is ast.PropertyDeclaration {
  if (!ast.isPropertyDeclaration(member)) return false;
  const kinds = (member.modifiers ?? []).map(({ kind }) => kind);
  if (!kinds.includes(ast.SyntaxKind.StaticKeyword)) return false;
  return !kinds.includes(ast.SyntaxKind.ReadonlyKeyword) || isMutable(member, source);
}

/** Objects of the language that do not change, or not to a caller that decodes or matches whole texts. */
const CONSTANT_CLASSES = /^(TextEncoder|TextDecoder|RegExp|Error|TypeError|URL)$/;
const COLLECTIONS = /^(Map|Set)$/;
const TYPED_ARRAYS = /Array$/;

/** True for the declaration of an object that can change: a class or collection, except where its type is read-only. */
function isMutable(
  { initializer, type }: { readonly initializer?: ast.Expression; readonly type?: ast.TypeNode },
  source: ast.SourceFile,
): boolean {
  if (initializer === undefined) return false;
  const isReadonly = /^readonly\b/i.test(type?.getText(source).replace(/^Readonly(?=[A-Z<])/, "readonly ") ?? "");
  if (ast.isArrayLiteralExpression(initializer)) return initializer.elements.length === 0 && !isReadonly;
  if (ast.isObjectLiteralExpression(initializer)) return initializer.properties.length === 0 && !isReadonly;
  if (!ast.isNewExpression(initializer)) return false;
  const name = initializer.expression.getText(source);
  if (CONSTANT_CLASSES.test(name)) return false;
  if (COLLECTIONS.test(name)) return !isReadonly;
  if (!TYPED_ARRAYS.test(name)) return true;
  // A buffer to be written to has a length; a constant has elements, or none.
  const [first] = initializer.arguments ?? [];
  return first !== undefined && !ast.isArrayLiteralExpression(first) && !ast.isCallExpression(first) &&
    first.getText(source) !== "0";
}
