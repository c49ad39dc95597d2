/** What the command says of a path that no mount holds: whoever follows it gets what the guest asked for. */

import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goGuest } from "../tools/guests.ts";
import { ROOT, RUNTIME, startCommand, wasirun, type WasirunResult } from "../tools/wasirun.ts";

let folder: string;
let reader: string;

beforeAll(async () => {
  folder = fs.realpathSync(fs.mkdtempSync(join(os.tmpdir(), "wasirun-hints-")));
  reader = await goGuest("readfile");
  fs.mkdirSync(join(folder, "data"));
  fs.writeFileSync(join(folder, "data", "in.txt"), "content");
  fs.writeFileSync(join(folder, "in.txt"), "content");
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

async function read(flags: readonly string[], path: string): Promise<WasirunResult> {
  return await wasirun([...flags, reader, path], { cwd: folder });
}

describe("the option in the hint lets the guest read", () => {
  for (const platform of ["posix", "runtime"]) {
    test(`on the ${platform} platform`, async () => {
      const first = `--platform=${platform}`;
      const absolute = join(folder, "data", "in.txt");
      for (const path of [absolute, "in.txt", "/data/in.txt", "data/in.txt"]) {
        for (const others of [[], ["--dir", `${folder}::/elsewhere`]]) {
          // The working directory of a guest is its first mount.
          const flags = others.length > 0 && !path.startsWith("/") ? ["--env=PWD=/", ...others] : others;
          const { stderr, stdout } = await read([first, ...flags], path);
          expect(stdout, path).toBe("");
          const hint = /^wasirun: no preopen holds (\S+); add (--dir) (\S+?),? /m.exec(stderr);
          expect(hint, stderr).not.toBeNull();
          const followed = await read([first, ...flags, hint![2]!, hint![3]!], path);
          expect({ path, ...followed }).toMatchObject({ path, stdout: "content", stderr: "", status: 0 });
        }
      }
    });
  }

  test("and is said once", async () => {
    const { stderr } = await wasirun([reader, "/etc/none", "/usr/none"]);
    expect(stderr.match(/no preopen holds/g)).toHaveLength(1);
    expect(stderr).toContain("wasirun: no preopen holds /etc/none; add --dir /etc:ro, or --dir /etc to let");
  });
});

test("an option behind the module is told, when the guest lacks what it was for", async () => {
  const behind = (option: string): string =>
    ` (the ${option} behind the module was handed to the guest: write it in front)\n`;
  for (const words of [["--dir", "/etc"], ["--dir=/etc"]]) {
    expect((await wasirun([reader, "/etc/passwd", ...words])).stderr).toContain(`write there${behind("--dir")}`);
  }
  const { stderr } = await wasirun([await goGuest("policy"), "connect", "127.0.0.1", "80", "--allow-net"]);
  expect(stderr).toContain(`--allow-net would allow it${behind("--allow-net")}`);
});

describe("under go_wasip1_wasm_exec", () => {
  test("a refusal names GOWASIRUNTIMEARGS, and a mistake in it too", async () => {
    const exec = join(ROOT, "bin", "go_wasip1_wasm_exec");
    const env = { WASIRUN_RUNTIME: RUNTIME };
    const refused = await startCommand([exec, await goGuest("policy"), "connect", "127.0.0.1", "80"], { env }).ended;
    expect(refused.stderr).toBe("wasirun: refused a socket; --allow-net in GOWASIRUNTIMEARGS would allow it\n");
    const wrong = await startCommand([exec, reader], { env: { ...env, GOWASIRUNTIMEARGS: "--traec" } }).ended;
    expect(wrong).toMatchObject({
      status: 2,
      stderr: "wasirun: Cannot understand the option --traec: did you mean --trace?\n" +
        "The options are those in GOWASIRUNTIMEARGS. Try wasirun --help.\n",
    });
  });
});
