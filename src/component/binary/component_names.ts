/** The names that a component gives to its definitions, for messages and to recognise what tools have put together. */

import { InvalidComponentError } from "./invalid_component.ts";
import { decodeSort } from "./decode_sorts.ts";
import type { Component, CustomSection } from "./model.ts";
import type { Sort } from "./model_references.ts";
import { Reader } from "./reader.ts";

/** Names of the definitions of a component. */
export interface ComponentNames {
  /** That of the component itself; undefined if it has none. */
  readonly component: string | undefined;
  /** Those of its definitions by sort and index: `names.get("core module")?.get(1)`. */
  readonly definitions: ReadonlyMap<Sort, ReadonlyMap<number, string>>;
}

const SECTION = "component-name";
const COMPONENT = 0;
const DEFINITIONS = 1;

/**
 * Decode the names of a component. They need not be valid: what can't be read is left out.
 *
 * Source: "Name Section" of Binary.md.
 *
 * @param component The component; those which are nested in it have names of their own.
 */
export function componentNames({ customSections }: Component): ComponentNames {
  const names = new NameCollector();
  for (const section of customSections) {
    if (section.name === SECTION) names.read(section);
  }
  return names;
}

class NameCollector implements ComponentNames {
  component: string | undefined;
  readonly definitions: Map<Sort, Map<number, string>> = new Map();

  read({ bytes, offset }: CustomSection): void {
    const reader = Reader.of(bytes, offset);
    try {
      while (!reader.isAtEnd) {
        const id = reader.byte("the id of a subsection");
        this.#subsection(id, reader.range(reader.u32("the size of a subsection"), "subsection"));
      }
    } catch (error) {
      if (!(error instanceof InvalidComponentError)) throw error;
    }
  }

  #subsection(id: number, reader: Reader): void {
    if (id === COMPONENT) this.component = reader.name("the name of a component");
    if (id !== DEFINITIONS) return;
    const sort = decodeSort(reader);
    const names = this.definitions.get(sort) ?? new Map<number, string>();
    this.definitions.set(sort, names);
    reader.list("names", () => {
      const index = reader.u32("the index of a name");
      names.set(index, reader.name("the name of a definition"));
    });
  }
}
