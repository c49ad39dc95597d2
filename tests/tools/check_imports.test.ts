import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { complaintsIn } from "./complaints.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const NODE = join(ROOT, "node_modules", ".bin", "node");

interface Result {
  readonly status: number | null;
  readonly complaints: readonly string[];
}

/** Run the check over files that stand in an otherwise empty root. */
function check(files: Readonly<Record<string, string>>): Result {
  const root = mkdtempSync(join(tmpdir(), "wasirun-imports-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const script = join(ROOT, "tests", "tools", "check_imports.ts");
    const { status, stderr } = spawnSync(NODE, [script, root], { encoding: "utf8", timeout: 20_000 });
    return { status, complaints: complaintsIn(stderr) };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What is done, where, how, and the complaint behind the name of the file. */
const BREACHES: readonly (readonly [string, string, string, RegExp])[] = [
  ["the facts import anything", "src/witx/a.ts", 'import "../core/fs/x.ts";', /^1: "src\/core\/fs\/x\.ts"/],
  ["the core imports a platform", "src/core/fs/a.ts", 'import "../../platform/x.ts";', /^1: "src\/platform\/x\.ts"/],
  [
    "the core re-exports preview 1",
    "src/core/io/b.ts",
    'export * from "../../preview1/x.ts";',
    /^1: "src\/preview1\/x/,
  ],
  [
    "the core imports a package",
    "src/core/io/c.ts",
    'import "leven";',
    /^1: "leven": src\/core\/io\/ may import no pack/,
  ],
  ["the core imports node:", "src/core/net/d.ts", '\nimport fs from "node:fs";', /^2: "node:fs"/],
  [
    "the core names a type of preview 1",
    "src/core/fs/e.ts",
    'export type T = import("../../preview1/x.ts").T;',
    /^1: "src\/preview1\/x/,
  ],
  ["streams import sockets", "src/core/io/h.ts", 'import "../net/x.ts";', /^1: "src\/core\/net\/x/],
  ["the core takes Bun from globalThis", "src/core/fs/f.ts", "export const x = globalThis.Bun;", /^1: `Bun` may stand/],
  ["the core takes Bun by its name", "src/core/fs/g.ts", 'export const x = globalThis["Bun"];', /^1: `Bun` may stand/],
  [
    "the core names flags of preview 1",
    "src/core/fs/h.ts",
    'import type { Oflags as O } from "../../witx/types.ts";\nexport type T = O;',
    /^1: `Oflags` may stand under src\/witx\/ and src\/preview1\/ only/,
  ],
  [
    "the ABI imports the core as values",
    "src/preview1/abi/a.ts",
    'import { x } from "../../core/fs/x.ts";',
    /as types src\/core\//,
  ],
  ["memory imports node:", "src/platform/memory/a.ts", 'import "node:fs";', /^1: "node:fs"/],
  ["memory uses process", "src/platform/memory/b.ts", "export const x = process.pid;", /^1: `process` may stand/],
  [
    "a backend imports another",
    "src/platform/node/a.ts",
    'import "../bun/mod.ts";',
    /^1: "src\/platform\/bun\/mod\.ts"/,
  ],
  ["import() has no literal", "src/runtime/b.ts", "await import(String(1));", /^1: import\(\) takes a literal/],
  ["the runtime uses Deno", "src/runtime/c.ts", "export const x = Deno.args;", /^1: `Deno` may stand under/],
  ["the runtime uses the console", "src/runtime/d.ts", "\n\nconsole.log(1);", /^3: `console` may stand under/],
  ["a folder has no rule", "src/other/a.ts", "export {};", /^1: this folder has no rule/],
];

describe("the import check", () => {
  let breaches: Result;

  beforeAll(() => {
    breaches = check(Object.fromEntries(BREACHES.map(([, path, content]) => [path, `${content}\n`])));
  });

  test("passes what keeps the rules", () => {
    const result = check({
      "mod.ts": 'export * from "./src/runtime/a.ts";\nexport const p = () => import("./src/platform/detect.ts");\n',
      "src/witx/errno.ts": "export const ERRNO = 1;\n",
      "src/core/io/a.ts": 'import { ERRNO } from "../../witx/errno.ts";\nexport const y = ERRNO;\n',
      "src/preview1/abi/a.ts": 'import type { y } from "../../core/io/a.ts";\nexport type T = typeof y;\n',
      "src/platform/detect.ts": 'export const d = () => import("./node/mod.ts");\n',
      "src/platform/node/mod.ts": 'import "../shared/files.ts";\nexport const n = process.pid;\n',
      "src/platform/shared/files.ts": 'import fs from "node:fs";\nexport { fs };\n',
      "src/runtime/a.ts": 'import "../preview1/abi/a.ts";\nexport const o = { process: 1, Deno: 2 }.process;\n',
    });
    expect(result).toEqual({ status: 0, complaints: [] });
  });

  test("ends with status 1 after complaints", () => {
    expect(breaches.status).toBe(1);
    expect(breaches.complaints).toHaveLength(BREACHES.length);
  });

  for (const [name, path, , complaint] of BREACHES) {
    test(`complains when ${name}`, () => {
      const found = breaches.complaints.filter((line) => line.startsWith(`${path}:`));
      expect(found.map((line) => line.slice(path.length + 1))).toEqual([expect.stringMatching(complaint)]);
    });
  }

  test("complains about a cycle and names its files", () => {
    const { status, complaints } = check({
      "src/core/io/a.ts": 'import "./b.ts";\n',
      "src/core/io/b.ts": 'import type { A } from "./c.ts";\nexport type B = A;\n',
      "src/core/io/c.ts": 'import "./a.ts";\nexport type A = 1;\n',
    });
    expect(status).toBe(1);
    expect(complaints).toEqual([
      "src/core/io/a.ts:1: an import cycle: src/core/io/a.ts > src/core/io/b.ts > src/core/io/c.ts > src/core/io/a.ts",
    ]);
  });
});
