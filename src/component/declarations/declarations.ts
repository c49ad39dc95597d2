/**
 * TypeScript declarations of what a component imports and exports.
 *
 * Names and values are those of `src/component/js` and `src/component/abi`. A component has no comments of its WIT: the
 * tools that make components leave them out.
 *
 * @module
 */

import { camelCase } from "../abi/names.ts";
import { interfaceAliases, pascalCase, withoutVersion } from "../js/names.ts";
import type { ComponentShape, ExternShape } from "../types/shapes.ts";
import { isIdentifier, propertyKey, UniqueNames } from "./identifiers.ts";
import { type Direction, InterfaceText, type Vocabulary } from "./interface_text.ts";
import { TypeNames, ValueTexts } from "./value_text.ts";

/**
 * The text of a `.d.ts` file: an interface for each of WIT, `Imports`, `Exports`, and each export as a value, so that
 * `typeof import("./guest.d.ts")` is the type of the exports too.
 *
 * @param shape The type of the component.
 * @param isProvided True for an interface that need not be in `imports`, because the host has it.
 */
export function componentDeclarations(
  shape: ComponentShape,
  isProvided: (name: string) => boolean,
): string {
  const file = new DeclarationFile(isProvided);
  file.side("import", shape.imports);
  file.side("export", shape.exports);
  return file.text();
}

/** A member of `Imports` or `Exports`: its key, and its type. */
interface Member {
  readonly key: string;
  readonly type: string;
  readonly isOptional: boolean;
}

class DeclarationFile {
  readonly #isProvided: (name: string) => boolean;
  readonly #names: UniqueNames = new UniqueNames(["Imports", "Exports", "ImportedWorld", "ExportedWorld"]);
  readonly #vocabulary: Vocabulary;
  readonly #sections: string[][] = [];
  readonly #notes: string[] = [];
  readonly #members: Record<Direction, Member[]> = { import: [], export: [] };
  readonly #values: string[] = [];

  constructor(isProvided: (name: string) => boolean) {
    this.#isProvided = isProvided;
    const names = new TypeNames();
    this.#vocabulary = { names, values: new ValueTexts(names) };
  }

  /** Add what is imported or exported, in the order of the component, because types refer to those before them. */
  side(direction: Direction, items: ReadonlyMap<string, ExternShape>): void {
    const own = new Map<string, ExternShape>();
    for (const [name, item] of items) {
      if (item.sort === "instance") this.#interface(direction, name, item.shape.exports);
      else if (item.sort === "component" || item.sort === "core module") {
        this.#notes.push(`// It ${direction}s the ${item.sort} ${JSON.stringify(name)}, which has no type here.`);
      } else own.set(name, item);
    }
    if (own.size > 0) this.#world(direction, own);
    if (direction === "export") this.#exportValues();
  }

  text(): string {
    const sections = [
      this.#notes,
      ...this.#sections,
      this.#record("Imports", "What it imports: the option `imports`. WASI is provided.", this.#members.import),
      this.#record("Exports", "What it exports.", this.#members.export),
      this.#values,
    ];
    return sections.filter((lines) => lines.length > 0).map((lines) => `${lines.join("\n")}\n`).join("\n");
  }

  #interface(direction: Direction, name: string, items: ReadonlyMap<string, ExternShape>): void {
    const text = new InterfaceText(this.#names.take(typeName(name)), items, direction, this.#vocabulary);
    this.#sections.push(text.lines(`${direction === "import" ? "Imported" : "Exported"}: \`${name}\`.`));
    if (!text.hasMembers) return;
    this.#members[direction].push({
      key: name,
      type: text.name,
      isOptional: direction === "import" && this.#isProvided(name),
    });
  }

  /** Functions and types of the world itself. */
  #world(direction: Direction, items: ReadonlyMap<string, ExternShape>): void {
    const name = direction === "import" ? "ImportedWorld" : "ExportedWorld";
    const text = new InterfaceText(name, items, direction, this.#vocabulary);
    this.#sections.push(text.lines(`${direction === "import" ? "Imported" : "Exported"} by the world itself.`));
    if (direction === "import") {
      if (text.hasMembers) this.#members.import.push({ key: "$root", type: name, isOptional: false });
      return;
    }
    for (const [key, item] of items) {
      if (item.sort !== "func") continue;
      const member = camelCase(key);
      this.#members.export.push({ key: member, type: `${name}[${JSON.stringify(member)}]`, isOptional: false });
    }
  }

  #exportValues(): void {
    const members = this.#members.export;
    const interfaces = members.filter(({ type }) => !type.includes("[")).map(({ key }) => key);
    const taken = new Set(members.map(({ key }) => key));
    const aliases = [...interfaceAliases(interfaces)].filter(([alias]) => !taken.has(alias));
    for (const [alias, name] of aliases) {
      members.push({ key: alias, type: members.find(({ key }) => key === name)!.type, isOptional: false });
    }
    this.#values.push(...valueLines(members));
  }

  #record(name: string, comment: string, members: readonly Member[]): string[] {
    const lines = members.map(({ key, type, isOptional }) => `  ${propertyKey(key)}${isOptional ? "?" : ""}: ${type};`);
    // An interface would not be assignable to a type with an index signature, as the option has.
    return [`/** ${comment} */`, `export type ${name} = {`, ...lines, "};"];
  }
}

/** Declares each export as a value. Names that are no identifiers are given in a list. */
function valueLines(members: readonly Member[]): string[] {
  const locals = new UniqueNames();
  const lines: string[] = [];
  const renamed: string[] = [];
  const localOf = new Map<string, string>();
  for (const { key, type } of members.toSorted((a, b) => Number(isIdentifier(b.key)) - Number(isIdentifier(a.key)))) {
    if (isIdentifier(key)) {
      localOf.set(type, locals.take(key));
      lines.push(`export declare const ${key}: ${type};`);
      continue;
    }
    let local = localOf.get(type);
    if (local === undefined) {
      local = locals.take(typeName(key).replace(/^./, (first) => first.toLowerCase()));
      localOf.set(type, local);
      lines.push(`declare const ${local}: ${type};`);
    }
    renamed.push(`${local} as ${propertyKey(key)}`);
  }
  // Without a list, all that a declaration file declares is exported.
  return [...lines, renamed.length === 0 ? "export {};" : `export { ${renamed.join(", ")} };`];
}

/** `WasiCliStdout` for `wasi:cli/stdout@0.2.0`. */
function typeName(name: string): string {
  return withoutVersion(name).split(/[^\p{ID_Continue}]+/u).filter((part) => part !== "").map(pascalCase).join("");
}
