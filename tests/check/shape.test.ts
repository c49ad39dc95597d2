import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { complaintsIn } from "../tools/complaints.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const NODE = join(ROOT, "node_modules", ".bin", "node");
const SCRIPT = join(import.meta.dirname, "shape.ts");

/** What the check finds in files that stand in an otherwise empty root, and its status. */
function check(files: Readonly<Record<string, string>>, flags: readonly string[] = []): [number | null, string[]] {
  const root = mkdtempSync(join(tmpdir(), "wasirun-shape-"));
  try {
    for (const [path, content] of Object.entries({ "tsconfig.json": TSCONFIG, ...files })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const { status, stderr } = spawnSync(NODE, [SCRIPT, ...flags, root], { encoding: "utf8", timeout: 60_000 });
    return [status, complaintsIn(stderr)];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const TSCONFIG = JSON.stringify({
  compilerOptions: { module: "nodenext", target: "esnext", noEmit: true, allowImportingTsExtensions: true },
});

const lines = (count: number): string => "// a line\n".repeat(count);

const GOOD = {
  "mod.ts": 'export { run } from "./src/runtime/run.ts";\n',
  "src/runtime/run.ts": [
    'import { start, type Options } from "../core/start.ts";',
    "export const run = (options: Options): void => start({ wait: true }, options.flag);",
    "",
  ].join("\n"),
  "src/core/start.ts": [
    "export interface Options { readonly flag: boolean }",
    "export interface Choice { readonly wait: boolean }",
    "export function start(choice: Choice, flag: boolean): void { void [choice, flag]; near(true); }",
    "function near(flag: boolean): void { void flag; }",
    "",
  ].join("\n"),
};

test("passes files that keep the rules", () => {
  expect(check(GOOD)).toEqual([0, []]);
});

test("finds files, folders and functions that are too large", () => {
  const files = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`src/many/f${i}.ts`, lines(111)]));
  const body = `export const { run } = { run() {\n${lines(54)}} };\n`;
  const [status, complaints] = check({
    ...files,
    "src/runtime/run.ts": body,
    "src/long.ts": lines(351),
    "mod.ts": GOOD["mod.ts"],
  });
  expect(status).toBe(1);
  expect(complaints).toEqual([
    "src/long.ts:1: 351 lines; at most 350, unless it is a table",
    "src:1: the median file has 111 lines; 110 may be",
    "src/many:1: 21 files; at most 20 on one level",
    "src/runtime/run.ts:1: run has 56 lines; at most 55",
  ]);
});

test("finds functions with many parameters", () => {
  const many = "a: number, b: number, c: number, d: number, e: number";
  const [status, complaints] = check({
    ...GOOD,
    "src/core/start.ts": `${GOOD["src/core/start.ts"]}` +
      `export class Wide { static fits(${many}): void {} exceeds(${many}, f: number): void {} }\n`,
    "tests/a.ts": 'import { Wide } from "../src/core/start.ts";\nexport const used = Wide;\nvoid used;\n',
    "src/core/user.ts": 'import { Wide } from "./start.ts";\nexport default Wide;\n',
    "src/core/last.ts": 'import wide from "./user.ts";\nfunction use(): void { void [wide, use]; }\n',
    "tests/b.ts": 'import { used } from "./a.ts";\nvoid used;\n',
  });
  expect(status).toBe(1);
  expect(complaints).toEqual(["src/core/start.ts:5: exceeds has 6 parameters; at most 5"]);
});

test("finds exports without a use", () => {
  const [status, complaints] = check({
    ...GOOD,
    "src/core/a.ts": [
      "export const dead = 1;",
      "export const local = 2;",
      "export const tested = 3;",
      "export const both = local;",
      "export interface Named { readonly a: number }",
      "export function named(): Named { return { a: 1 }; }",
      "export class Passed {}",
      "export const [first, { second }] = [1, { second: 2 }];",
      "",
    ].join("\n"),
    "src/core/b.ts": 'export * from "./a.ts";\n',
    "src/core/c.ts":
      'import { named, first } from "./b.ts";\nimport * as all from "./d.ts";\nfunction use(): void { void [named, first, all, use]; }\n',
    "src/core/d.ts": 'export { Passed as Other } from "./a.ts";\n',
    "tests/a.test.ts": 'import { tested, both } from "../src/core/a.ts";\nvoid [tested, both];\n',
    "tests/b.ts": "export const helper = 1;\n",
  });
  expect(status).toBe(1);
  expect(complaints).toEqual([
    "src/core/a.ts:1: nobody imports `dead`; it is dead",
    "src/core/a.ts:2: nobody imports `local`; it need not be exported",
    "src/core/a.ts:3: only tests use `tested`",
    "src/core/a.ts:4: only tests use `both`",
    "src/core/a.ts:8: nobody imports `second`; it need not be exported",
    "tests/b.ts:1: nobody imports `helper`; it is dead",
  ]);
});

test("finds state at module level and statements that run at import", () => {
  const [status, complaints] = check({
    ...GOOD,
    "src/core/state.ts": [
      "let count = 0;",
      "const cache = new Map<string, number>();",
      "const buffer = new Uint8Array(16);",
      "const queue: string[] = [];",
      "const shared = new (class Shared {})();",
      "class Totals { static total = 0; static readonly all = new Set<number>(); static readonly MAX = 3; }",
      'console.log("imported");',
      "const TABLE: ReadonlyMap<string, number> = new Map([[`a`, 1]]);",
      "const NONE: readonly string[] = [];",
      "const BYTES = new Uint8Array([1, 2]);",
      "const [WORDS, encoder] = [[1, 2], new TextEncoder()];",
      "export const uses = (): unknown =>",
      "  [count, cache, buffer, queue, shared, Totals, TABLE, NONE, BYTES, WORDS, encoder];",
      "",
    ].join("\n"),
    "src/core/user.ts": 'import { uses } from "./state.ts";\nuses();\n',
  });
  expect(status).toBe(1);
  const state = (line: number, name: string): string =>
    `src/core/state.ts:${line}: ${name} is mutable state of the module; put it into an object`;
  const statement = "a statement at module level: importing a file must have no effect";
  expect(complaints).toEqual([
    state(1, "count"),
    state(2, "cache"),
    state(3, "buffer"),
    state(4, "queue"),
    state(5, "shared"),
    state(6, "total"),
    state(6, "all"),
    `src/core/state.ts:7: ${statement}`,
    `src/core/user.ts:2: ${statement}`,
  ]);
});

test("finds boolean literals among the arguments of functions of other folders", () => {
  const files = {
    ...GOOD,
    "src/core/start.ts": `${GOOD["src/core/start.ts"]}export class Door { open(wide: boolean): void { void wide; } }\n`,
    "src/runtime/run.ts": [
      'import { Door, type Options, start } from "../core/start.ts";',
      "export function run({ flag }: Options): void {",
      "  new Door().open(flag);",
      "  new Door().open(!flag);",
      "  new Door().open(",
      "    true,",
      "  );",
      "  start({ wait: false }, false);",
      "}",
      "",
    ].join("\n"),
  };
  const complaints = [
    "src/runtime/run.ts:5: new Door().open of src/core/start.ts takes true or false by position; name it",
    "src/runtime/run.ts:8: start of src/core/start.ts takes true or false by position; name it",
  ];
  expect(check(files)).toEqual([1, complaints]);
  expect(check(files, ["--warn"])).toEqual([0, complaints]);
});
