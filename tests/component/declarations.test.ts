/** TypeScript declarations of components and modules. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ModuleError } from "../../src/runtime/errors.ts";
import { declarationsOf } from "../../src/runtime/component/declarations.ts";
import { command } from "../tools/command.ts";
import { componentOfWorld } from "../tools/component_guests.ts";
import { ROOT } from "../tools/wasirun.ts";
import { assemble } from "../tools/wat.ts";

/** Names that TypeScript reserves, and those that the text itself uses. */
const WORLD = `
  import log: func(text: string) -> result<_, string>;
  import wasi:clocks/wall-clock@0.2.12;
  export delete: func(new: string, old: option<u8>, late: option<bool>);
  export api;
  export other;
`;

const INTERFACES = `
  interface api {
    record promise { value: option<string>, yield-of: list<u8>, deep: option<option<u32>> }
    variant nested { both(tuple<u64, f32>), all(list<option<char>>), nothing }
    enum color { red, dark-green }
    flags mode { read, write-all }
    type alias = promise;
    resource session {
      constructor(mode: mode);
      try: static func(color: color) -> result<session, nested>;
      next: func(by: s64) -> result<alias>;
    }
    close: func(session: session, counts: list<f64>) -> result;
    lend: func(session: borrow<session>) -> list<result<u8, string>>;
  }
  interface other { use api.{promise, session}; same: func(p: promise) -> session; }
`;

const EXPECTED = `// What the component "guest.wasm" imports and exports.

/** Imported: \`wasi:clocks/wall-clock@0.2.12\`. */
export interface WasiClocksWallClock {
  now(): WasiClocksWallClock.Datetime | Promise<WasiClocksWallClock.Datetime>;
  resolution(): WasiClocksWallClock.Datetime | Promise<WasiClocksWallClock.Datetime>;
}
export declare namespace WasiClocksWallClock {
  interface Datetime {
    seconds: bigint;
    nanoseconds: number;
  }
}

/** Imported by the world itself. */
export interface ImportedWorld {
  /** @throws {ComponentError} with the payload \`string\` */
  log(text: string): void | Promise<void>;
}

/** Exported: \`test:all/api\`. */
export interface TestAllApi {
  readonly Session: {
    new (mode: TestAllApi.Mode): TestAllApi.Session;
    readonly prototype: TestAllApi.Session;
    /** @throws {ComponentError} with the payload \`TestAllApi.Nested\` */
    try(color: TestAllApi.Color): TestAllApi.Session;
  };
  /** @throws {ComponentError} without a payload */
  close(session: TestAllApi.Session, counts: Float64Array): void;
  lend(session: TestAllApi.Session): ({ tag: "ok"; val: number } | { tag: "err"; val: string })[];
}
export declare namespace TestAllApi {
  interface Promise_ {
    value?: string | undefined;
    yieldOf: Uint8Array;
    deep: { tag: "none" } | { tag: "some"; val: number | undefined };
  }
  type Nested =
    | { tag: "both"; val: [bigint, number] }
    | { tag: "all"; val: (string | undefined)[] }
    | { tag: "nothing" };
  type Color = "red" | "dark-green";
  interface Mode {
    read?: boolean;
    writeAll?: boolean;
  }
  type Alias = TestAllApi.Promise_;
  interface Session {
    /** @throws {ComponentError} without a payload */
    next(by: bigint): TestAllApi.Promise_;
    [Symbol.dispose](): void;
  }
}

/** Exported: \`test:all/other\`. */
export interface TestAllOther {
  same(p: TestAllOther.Promise_): TestAllApi.Session;
}
export declare namespace TestAllOther {
  interface Promise_ {
    value?: string | undefined;
    yieldOf: Uint8Array;
    deep: { tag: "none" } | { tag: "some"; val: number | undefined };
  }
  type Session = TestAllApi.Session;
}

/** Exported by the world itself. */
export interface ExportedWorld {
  delete(new_: string, old?: number | undefined, late?: boolean | undefined): void;
}

/** What it imports: the option \`imports\`. WASI is provided. */
export type Imports = {
  "wasi:clocks/wall-clock@0.2.12"?: WasiClocksWallClock;
  $root: ImportedWorld;
};

/** What it exports. */
export type Exports = {
  "test:all/api": TestAllApi;
  "test:all/other": TestAllOther;
  delete: ExportedWorld["delete"];
  api: TestAllApi;
  other: TestAllOther;
};

export declare const api: TestAllApi;
export declare const other: TestAllOther;
declare const delete_: ExportedWorld["delete"];
export { api as "test:all/api", other as "test:all/other", delete_ as delete };
`;

/** What a caller writes; the compiler refuses what is wrong in it, and wants the mistakes that are announced. */
const PROGRAM = `
import type { Exports, Imports, TestAllApi } from "./guest.d.ts";

declare const exports: Exports & typeof import("./guest.d.ts");
export const imports: Imports = { $root: { log: async (text) => void text.length } };
exports.delete("a");
exports.delete("a", undefined, true);
const session: TestAllApi.Session = new exports.api.Session({ writeAll: true });
const { value, yieldOf }: { value?: string | undefined; yieldOf: Uint8Array } = session.next(1n);
exports.api.close(exports.api.Session.try("dark-green"), new Float64Array());
exports.other.same({ yieldOf, deep: { tag: "some", val: undefined }, ...(value === undefined ? {} : { value }) });
for (const each of exports.api.lend(session)) if (each.tag === "err") each.val.slice();
// @ts-expect-error: it is an enum
exports.api.Session.try("green");
// @ts-expect-error: it is a bigint
session.next(1);
// @ts-expect-error: a parameter is missing
exports.delete();
`;

describe("the declarations of a component", () => {
  test("have its functions, types and resources by the conventions of instantiate", async () => {
    expect(declarationsOf({ bytes: await componentOfWorld(WORLD, INTERFACES), label: "guest", basename: "guest.wasm" }))
      .toBe(
        EXPECTED,
      );
  });

  test("are what TypeScript understands", async () => {
    const folder = await mkdtemp(join(tmpdir(), "wasirun-types-"));
    try {
      await writeFile(join(folder, "guest.d.ts"), EXPECTED);
      await writeFile(join(folder, "program.ts"), PROGRAM);
      const options = { strict: true, noEmit: true, target: "esnext", module: "nodenext", types: [] };
      const compilerOptions = { ...options, exactOptionalPropertyTypes: true };
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
      await writeFile(join(folder, "package.json"), '{ "type": "module" }');
      const node = join(ROOT, "node_modules", ".bin", "node");
      await command(node, [join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-p", folder]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("need a valid binary", () => {
    const truncated = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, 9);
    const source = { bytes: truncated, label: "bad.wasm", basename: "bad.wasm" };
    expect(() => declarationsOf(source)).toThrow(ModuleError);
    expect(() => declarationsOf(source)).toThrow(/^Cannot load bad\.wasm: /);
  });
});

describe("the declarations of a module", () => {
  test("have its exports, and what it imports beside WASI", () => {
    const bytes = assemble(
      "module.wat",
      `(module
        (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
        (import "env" "log-it" (func (param i32 i64) (result f64)))
        (memory (export "memory") 1)
        (global (export "version") i32 (i32.const 1))
        (table (export "table") 1 funcref)
        (func (export "add") (param i32 i32) (result i32) (i32.const 0))
        (func (export "_start")))`,
    );
    expect(declarationsOf({ bytes, label: "module", basename: "module.wasm" })).toBe(
      `// What the module "module.wasm" imports and exports.

/** What it imports beside WASI: the option \`imports\`. */
export type Imports = {
  env: {
    "log-it"(p0: number, p1: bigint): number | Promise<number>;
  };
};

/** What it exports. */
export type Exports = {
  readonly memory: { readonly buffer: ArrayBuffer; grow(delta: number): number };
  readonly version: { readonly value: number };
  readonly table: { readonly length: number; get(index: number): Function | null };
  add(p0: number, p1: number): number;
  _start(): void;
};
`,
    );
  });

  test("need a module", () => {
    const source = (bytes: readonly number[]) => ({
      bytes: Uint8Array.from(bytes),
      label: "bad.wasm",
      basename: "bad",
    });
    expect(() => declarationsOf(source([1, 2, 3]))).toThrow(/bad\.wasm: it is not WebAssembly/);
    expect(() => declarationsOf(source([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 9]))).toThrow(
      /Cannot read the types of bad/,
    );
  });
});
