/** Nothing that a guest or its module says in a message of the command does anything to a terminal. */

import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assemble } from "../tools/wat.ts";
import { wasirun } from "../tools/wasirun.ts";

/** ESC [ 2 J, BEL, CSI (C1), a mark of direction, in the bytes of wat. */
const HOSTILE = "\\1b[2J\\07\\c2\\9b31m\\e2\\80\\ae";

/** The same as text. */
const HOSTILE_TEXT = "\u001b[2J\u0007\u009b31m\u202e";

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-escapes-"));
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

function module(name: string, text: string): string {
  const path = join(folder, name);
  fs.writeFileSync(path, assemble("guest.wat", text));
  return path;
}

/** Run, and check that the message names `part` and that no byte of it is for the terminal. */
async function expectPrintable(args: readonly string[], part: string | RegExp): Promise<void> {
  const { stderr } = await wasirun(args);
  expect(stderr).toMatch(part);
  expect(stderr).toContain("\\u001b[2J");
  expect(stderr.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
}

/** A module in which a name of as many bytes stands in place of another. */
function withName(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const renamed = Uint8Array.from(bytes);
  renamed.set(new TextEncoder().encode(to), Buffer.from(bytes).lastIndexOf(Buffer.from(from)));
  return renamed;
}

for (const platform of ["posix", "runtime"]) {
  describe(`on the ${platform} platform`, () => {
    const flags = [`--platform=${platform}`];

    test("a path beneath no preopen", async () => {
      const path = `/x${HOSTILE}`;
      const guest = module(
        "path.wasm",
        `(module
           (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
           (memory (export "memory") 1) (data (i32.const 0) "${path.slice(1)}")
           (func (export "_start") (drop (call $open (i32.const -1) (i32.const 0) (i32.const 0)
             (i32.const 14) (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 100)))))`,
      );
      await expectPrintable([...flags, guest], "no preopen holds /x");
    });

    test("an import that nobody provides", async () => {
      const text = (name: string, from: string): string =>
        `(module (import "${from}" "${name}" (func)) (memory (export "memory") 1) (func (export "_start")))`;
      await expectPrintable([...flags, module("name.wasm", text(HOSTILE, "env"))], "import");
      await expectPrintable([...flags, module("module.wasm", text("f", HOSTILE))], "import");
    });

    test("an import of the wrong kind, of which an engine tells", async () => {
      const text = `(module (import "wasi_snapshot_preview1" "fd_close" (global i32)) (memory (export "memory") 1)
           (func (export "_start")) (func (export "${HOSTILE}")))`;
      const { stderr } = await wasirun([...flags, module("kind.wasm", text)]);
      expect(stderr).toMatch(/^wasirun: Cannot /);
      expect(stderr.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    });

    test("the names of a trap's functions", async () => {
      const name = "n".repeat(new TextEncoder().encode(HOSTILE_TEXT).length);
      const text = `(module (func $${name} (export "_start") unreachable) (memory (export "memory") 1))`;
      const path = join(folder, "trap.wasm");
      fs.writeFileSync(path, withName(assemble("trap.wat", text), name, HOSTILE_TEXT));
      await expectPrintable([...flags, path], /The guest trapped/);
    });

    test("a module that does not compile, of which an engine tells", async () => {
      const name = "n".repeat(new TextEncoder().encode(HOSTILE_TEXT).length);
      // Two exports of one name: the message of an engine has it.
      const text = `(module (memory (export "memory") 1) (func (export "${HOSTILE}")) (func (export "${name}")))`;
      fs.writeFileSync(join(folder, "twice.wasm"), withName(assemble("twice.wat", text), name, HOSTILE_TEXT));
      const { stderr } = await wasirun([...flags, join(folder, "twice.wasm")]);
      expect(stderr).toMatch(/^wasirun: Cannot compile /);
      expect(stderr.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    });
  });
}

describe("in words of the command line", () => {
  test("the name of the module", async () => {
    await expectPrintable([join(folder, `none${HOSTILE_TEXT}.wasm`)], "Cannot read ");
    const path = join(folder, `empty${HOSTILE_TEXT}.wasm`);
    fs.writeFileSync(path, "");
    await expectPrintable([path], "the file is empty");
  });

  test("an option, and its value", async () => {
    await expectPrintable([`--${HOSTILE_TEXT}`, "x.wasm"], "Cannot understand the option");
    await expectPrintable([`--stack-size=${HOSTILE_TEXT}`, "x.wasm"], "Cannot use --stack-size");
    await expectPrintable([`--allow-net=${HOSTILE_TEXT}`, "x.wasm"], "Cannot use --allow-net");
    await expectPrintable(["--listen", HOSTILE_TEXT, "x.wasm"], "Cannot use --listen");
    await expectPrintable(["--dir", `/none${HOSTILE_TEXT}`, module("e.wasm", "(module)")], "Cannot mount");
    await expectPrintable(["--cwd", HOSTILE_TEXT, "x.wasm"], "Cannot use --cwd");
  });
});
