/** Strings of the embedder that stand for bytes which are not UTF-8, and those that stand for no bytes. */

import fs from "node:fs";
import { describe, expect, test } from "vitest";
import { run, runSync } from "../../src/runtime/mod.ts";
import { textOfBytes } from "../../src/text/byte_text.ts";
import { memoryDirectory, memoryPlatform } from "../../src/platform/memory/mod.ts";
import { watGuest } from "../tools/guests.ts";

const module = new Uint8Array(fs.readFileSync(await watGuest("strings")));
const platform = memoryPlatform();

describe("arguments and variables", () => {
  test.each([["run", run], ["runSync", runSync]] as const)(
    "may stand for bytes that are not UTF-8 (%s)",
    async (_, start) => {
      const options = { platform, argv0: "\udcfe", args: ["a\udcffb", "ü"], env: { "N\udc80": "v\udc81" }, cwd: "/" };
      const { stdout } = await start(module, { ...options, stdout: "bytes" });
      expect(textOfBytes(stdout)).toBe("\udcfe\0a\udcffb\0ü\0\0N\udc80=v\udc81\0PWD=/\0");
    },
  );

  test.each(["\ud83d", "a\udc2f", "\udcc3\udca9"])("that stand for no bytes are refused (%j)", (text) => {
    const shown = JSON.stringify(text);
    expect(() => runSync(module, { platform, args: ["x", text] }))
      .toThrow(
        new TypeError(
          `Cannot pass the argument ${shown}: it has a lone surrogate that stands for no byte; pass valid Unicode`,
        ),
      );
    expect(() => runSync(module, { platform, argv0: text })).toThrow(
      /^Cannot pass the argument .*: it has a lone surrogate/,
    );
    expect(() => runSync(module, { platform, env: { A: text } }))
      .toThrow(/^Cannot pass the environment variable "A": it has a lone surrogate that stands for no byte/);
    expect(() => runSync(module, { platform, env: { [text]: "" } })).toThrow(/^Cannot pass the environment variable /);
    expect(() => runSync(module, { platform, preopens: { [`/${text}`]: { source: memoryDirectory() } } }))
      .toThrow(/^Cannot mount at .*: it has a lone surrogate/);
    expect(() => memoryDirectory({ [text]: "" })).toThrow(/ILSEQ/);
  });
});
