/** The functions of `fields`. */

import type { HostFunction } from "../../../component/link/function.ts";
import { type FieldEntry, Fields, type HeaderError } from "./fields.ts";
import { methodsOf, ok, type ResultValue } from "./guest_http.ts";

const HEADER_ERROR = "variant{invalid-syntax, forbidden, immutable}";
const ENTRIES = "list<tuple<string, list<u8>>>";

/** Functions by their names. */
export function fieldFunctions(): Record<string, HostFunction> {
  return {
    "[constructor]fields": { type: "func() -> own<fields>", call: () => new Fields() },
    "[static]fields.from-list": {
      type: `func(entries: ${ENTRIES}) -> result<own<fields>, ${HEADER_ERROR}>`,
      call: ([entries]) => {
        const fields = Fields.fromList(entries as readonly FieldEntry[]);
        return typeof fields === "string" ? changed(fields) : ok(fields);
      },
    },
    ...methodsOf("fields", {
      get: ["(name: string) -> list<list<u8>>", ([self, name]) => (self as Fields).get(name as string)],
      has: ["(name: string) -> bool", ([self, name]) => (self as Fields).has(name as string)],
      set: [
        `(name: string, value: list<list<u8>>) -> result<_, ${HEADER_ERROR}>`,
        ([self, name, value]) => changed((self as Fields).set(name as string, value as readonly Uint8Array[])),
      ],
      delete: [
        `(name: string) -> result<_, ${HEADER_ERROR}>`,
        ([self, name]) => changed((self as Fields).delete(name as string)),
      ],
      append: [
        `(name: string, value: list<u8>) -> result<_, ${HEADER_ERROR}>`,
        ([self, name, value]) => changed((self as Fields).append(name as string, value as Uint8Array)),
      ],
      entries: [`() -> ${ENTRIES}`, ([self]) => (self as Fields).entries()],
      clone: ["() -> own<fields>", ([self]) => (self as Fields).clone()],
    }),
  };
}

function changed(error: HeaderError | undefined): ResultValue {
  return error === undefined ? ok() : { tag: "err", val: { tag: error } };
}
