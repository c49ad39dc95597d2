/** Arguments, variables and paths that are not UTF-8, on the command line. */

import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { textOfBytes } from "../../src/text/byte_text.ts";
import { watGuest } from "../tools/guests.ts";
import { RUNTIME, shell, wasirun, type WasirunOptions } from "../tools/wasirun.ts";

let folder: string;
let strings: string;

beforeAll(async () => {
  folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-bytes-"));
  strings = await watGuest("strings");
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

/** What the guest got. */
interface Got {
  readonly args: string[];
  readonly env: string[];
}

function read(bytes: Uint8Array): Got {
  const [args = "", env = ""] = textOfBytes(bytes).split("\0\0");
  const some = (text: string): string[] => text.split("\0").filter((part) => part !== "");
  return { args: some(args).slice(1), env: some(env).sort() };
}

/** Run the guest by a script of the shell, in which the words of `wasirun` are `"$@"`. */
async function run(script: string, args: readonly string[], options: WasirunOptions = {}): Promise<Got> {
  const { status, stderr, bytes } = await shell(script, args, options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return read(bytes);
}

const ARGUMENTS = 'exec "$@" "$(printf \'a\\377b\')" "$(printf \'\\357\\277\\275\')" "$(printf \'\\342\\202\')" ü';
const EXPECTED = ["a\udcffb", "\ufffd", "\udce2\udc82", "ü"];

describe.skipIf(process.platform !== "linux")("bytes that are not UTF-8 reach the guest", () => {
  test("as arguments", async () => {
    expect((await run(ARGUMENTS, [strings])).args).toEqual(EXPECTED);
    expect((await run(ARGUMENTS, ["--platform=runtime", strings, "first"])).args).toEqual(["first", ...EXPECTED]);
  });

  test("as arguments, where the runtime is started again or not", async () => {
    expect((await run(ARGUMENTS, ["--stack-size=20M", strings])).args).toEqual(EXPECTED);
    const env = { WASIRUN_STACK: "1000000" };
    expect((await run(ARGUMENTS, [strings], { env })).args).toEqual(EXPECTED);
  });

  const SET = "export BAD=\"$(printf 'v\\377w')\" REAL=\"$(printf '\\357\\277\\275')\" PLAIN=x; ";

  test("as variables, all or by name", async () => {
    const given = ["BAD=v\udcffw", "PLAIN=x", "REAL=\ufffd"];
    for (const env of [{}, { WASIRUN_STACK: "1000000" }]) {
      const all = await run(`${SET} exec "$@"`, ["--env-inherit", strings], { env });
      expect(all.env.filter((variable) => /^(?:BAD|PLAIN|REAL)=/.test(variable))).toEqual(given);
      expect(all.env.filter((variable) => variable.startsWith("WASIRUN"))).toEqual([]);
      const some = ["--env", "BAD", "--env", "REAL", "--env", "PLAIN", "--env", "MISSING", strings];
      expect((await run(`${SET} exec "$@"`, some, { env })).env).toEqual(given);
    }
  });

  test("as a variable whose name is not UTF-8", async () => {
    const script = 'exec env "$(printf \'N\\376=x=y\')" "$@"';
    for (const env of [{}, { WASIRUN_STACK: "1000000" }]) {
      expect((await run(script, ["--env-inherit", strings], { env })).env).toContain("N\udcfe=x=y");
    }
  });

  test("as values on the command line and in files", async () => {
    const file = join(folder, "env");
    fs.writeFileSync(file, Uint8Array.of(0x46, 0x3d, 0xff, 0x0a));
    const script = 'set -- "$@" --env "$(printf \'E=\\376\')" --env-file ' + file + " --argv0 \"$(printf '\\375')\" " +
      strings + '; exec "$@"';
    const { bytes } = await shell(script, []);
    expect(textOfBytes(bytes)).toBe("\udcfd\0\0F=\udcff\0E=\udcfe\0");
  });

  test("and a script finds the files that they name", async () => {
    const script = `cd ${folder}; dir="$(printf 'd\\377')"; mkdir -p "$dir"; cp ${strings} "$dir/"; ` +
      'exec "$@" --dir "$dir::/$dir" "$dir"/strings*.wasm "$dir"';
    if (RUNTIME !== "deno") expect((await run(script, [])).args).toEqual(["d\udcff"]);
    const mounted = `cd ${folder}; dir="$(printf 'd\\377')"; mkdir -p "$dir"; ` +
      `exec "$@" --dir "$dir::/$dir" ${strings} "$dir"`;
    expect((await run(mounted, [])).args).toEqual(["d\udcff"]);
  });
});

// Other runtimes have no such permissions.
if (RUNTIME === "deno" && process.platform === "linux") {
  describe("under limited permissions of Deno", () => {
    const denoFlags = ["--allow-read=/tmp,/work", "--allow-env", "--no-prompt"];

    test("what may not be UTF-8 is refused by its name", async () => {
      const { status, stderr } = await shell(ARGUMENTS, [strings], {
        denoFlags: [...denoFlags, `--allow-read=${strings}`],
      });
      expect(status).toBe(2);
      expect(stderr).toMatch(
        /^wasirun: Cannot use argument 2, "a\ufffdb": it may not be UTF-8, and its bytes can't be read/,
      );
      const script = 'export BAD="$(printf \'v\\377w\')"; exec "$@"';
      const refused = await shell(script, ["--env", "BAD", strings], { denoFlags });
      expect(refused.status).toBe(2);
      expect(refused.stderr).toMatch(/^wasirun: Cannot pass on the variable BAD: it may not be UTF-8/);
    });
  });
}

test("valid UTF-8 needs no look at /proc", async () => {
  const { status, bytes } = await wasirun([strings, "ü", "日本"]);
  expect(status).toBe(0);
  expect(read(bytes).args).toEqual(["ü", "日本"]);
});
