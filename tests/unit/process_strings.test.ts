/** Arguments and variables of the process that are not UTF-8. */

import { describe, expect, test } from "vitest";
import { bytesOfText } from "../../src/text/byte_text.ts";
import {
  exactArguments,
  exactEnvironment,
  type ProcessStrings,
  processStringsVariable,
  STRINGS_VARIABLE,
} from "../../src/cli/host/process_strings.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

interface Parts {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cmdline?: readonly string[];
  readonly environ?: readonly string[];
  readonly isLeftOut?: (name: string) => boolean;
}

function process({ args = [], env = {}, cmdline, environ, isLeftOut }: Parts): ProcessStrings & { reads: number } {
  const files: Record<string, readonly string[] | undefined> = {
    "/proc/self/cmdline": cmdline,
    "/proc/self/environ": environ,
  };
  const made = {
    args,
    reads: 0,
    passed: () => env[STRINGS_VARIABLE],
    variables: () => env,
    read(path: string) {
      made.reads++;
      const strings = files[path];
      return strings === undefined ? undefined : bytesOfText(strings.map((text) => `${text}\0`).join(""));
    },
    ...(isLeftOut === undefined ? {} : { isLeftOut }),
  };
  return made;
}

describe("arguments", () => {
  test("are those of the runtime, without a look at /proc, as long as none may have been changed", () => {
    const plain = process({ args: ["app.wasm", "ü", ""], cmdline: [] });
    expect(exactArguments(plain)).toEqual(["app.wasm", "ü", ""]);
    expect(plain.reads).toBe(0);
  });

  test("have the bytes that the system tells, behind the runtime and its flags", () => {
    const cmdline = ["/usr/bin/node", "--flag", "x.ts", "app.wasm", "a\udcffb", "\ufffd", "\udce2\udc82", ""];
    const args = ["app.wasm", "a\ufffdb", "\ufffd", "\ufffd", ""];
    expect(exactArguments(process({ args, cmdline }))).toEqual(cmdline.slice(3));
    // One U+FFFD for each byte, as other decoders have it.
    args[3] = "\ufffd\ufffd";
    expect(exactArguments(process({ args, cmdline }))).toEqual(cmdline.slice(3));
  });

  test("are refused where their bytes can't be found", () => {
    const args = ["app.wasm", "a\ufffdb"];
    for (
      const cmdline of [undefined, ["a\udcffb"], ["node", "app.wasm", "other"], ["node", "app.wasm", "a\udcff", "b"]]
    ) {
      const given = process({ args, ...(cmdline === undefined ? {} : { cmdline }) });
      expect(() => exactArguments(given)).toThrow(UsageError);
      expect(() => exactArguments(given)).toThrow(
        /^Cannot use argument 2, "a\ufffdb": it may not be UTF-8, .*; pass valid/,
      );
    }
  });
});

describe("the environment", () => {
  test("is that of the runtime where there is no /proc", () => {
    expect(exactEnvironment(process({ env: { A: "1", B: "" } }))).toMatchObject({
      variables: { A: "1", B: "" },
      unknown: [],
    });
  });

  test("has the bytes that the system tells, of names and of values", () => {
    const environ = ["A=1", "BAD=v\udcffw", "REAL=\ufffd", "N\udcfe=x=y", "OLD=other"];
    const exact = { A: "1", BAD: "v\udcffw", REAL: "\ufffd", "N\udcfe": "x=y", NEW: "set later" };
    for (const env of [{ "N\ufffd": "x=y" }, { "N\ufffd": undefined }, {}]) {
      const given = process({
        env: { A: "1", BAD: "v\ufffdw", REAL: "\ufffd", NEW: "set later", ...env },
        environ,
      });
      expect(exactEnvironment(given)).toMatchObject({ variables: exact, unknown: [] });
    }
  });

  test("has variables that the runtime leaves out", () => {
    const isLeftOut = (name: string): boolean => name === "BAD";
    const known = process({ env: { A: "1" }, environ: ["A=1", "BAD=\udcff"], isLeftOut });
    expect(exactEnvironment(known)).toMatchObject({ variables: { A: "1", BAD: "\udcff" }, unknown: [] });
    expect(exactEnvironment(known).isUnknown("BAD")).toBe(false);
    const lost = exactEnvironment(process({ env: { A: "1" }, isLeftOut }));
    expect(["A", "BAD", "C"].map(lost.isUnknown)).toEqual([false, true, false]);
  });

  test("tells which variables are not known", () => {
    const { variables, unknown, isUnknown } = exactEnvironment(process({ env: { A: "1", BAD: "\ufffd" } }));
    expect({ variables, unknown, isUnknown: isUnknown("BAD") })
      .toEqual({ variables: { A: "1" }, unknown: ["BAD"], isUnknown: true });
  });
});

describe("a command that starts itself again", () => {
  test("is passed nothing that it finds itself", () => {
    expect(processStringsVariable(process({ args: ["ü", "\ufffd"], cmdline: ["ü", "\ufffd"], env: { A: "ü" } })))
      .toEqual({});
  });

  test("is passed arguments and variables that are not UTF-8", () => {
    const first = process({
      args: ["app.wasm", "a\ufffdb\ufffd", "ü"],
      cmdline: ["node", "app.wasm", "a\udcffb\ufffd", "ü"],
      env: { BAD: "\ufffd", "N\ufffd": undefined, A: "1" },
      environ: ["BAD=\udc80", "N\udcff=1", "A=1"],
    });
    const passed = processStringsVariable(first);
    expect(passed[STRINGS_VARIABLE]).toMatch(/^[\x20-\x7e]+$/);
    // The runtime started it with what it had made of the strings.
    const again = process({
      args: first.args,
      cmdline: ["node", ...first.args],
      env: { BAD: "\ufffd", A: "1", ...passed },
      environ: ["BAD=\ufffd", "A=1"],
    });
    expect(exactArguments(again)).toEqual(["app.wasm", "a\udcffb\ufffd", "ü"]);
    expect(exactEnvironment(again)).toMatchObject({
      variables: { BAD: "\udc80", "N\udcff": "1", A: "1" },
      unknown: [],
    });
  });

  test("takes no notice of what was passed to another one", () => {
    for (const text of ["{", "[]", "null", '{"args":["x"]}', '{"args":["other","a\\udcffb"]}', '{"args":5,"env":5}']) {
      const given = process({
        args: ["app", "a\ufffdb"],
        cmdline: ["app", "a\udcffb"],
        env: { [STRINGS_VARIABLE]: text },
      });
      expect(exactArguments(given), text).toEqual(["app", "a\udcffb"]);
    }
  });
});
