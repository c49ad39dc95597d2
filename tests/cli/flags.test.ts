import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/flags.ts";
import { HELP } from "../../src/cli/help.ts";
import { VERSION } from "../../src/cli/version.ts";
import { goGuest } from "../tools/guests.ts";
import { assemble } from "../tools/wat.ts";
import { bareEnvironment, RUNTIME_LABEL, wasirun, type WasirunOptions } from "../tools/wasirun.ts";

interface Seen {
  readonly args: string[];
  readonly env: string[];
  readonly cwd: string;
}

let folder: string;
let envGuest: string;

beforeAll(async () => {
  folder = fs.realpathSync(fs.mkdtempSync(join(os.tmpdir(), "wasirun-cli-")));
  envGuest = await goGuest("env");
  fs.mkdirSync(join(folder, "data", "sub"), { recursive: true });
  fs.writeFileSync(join(folder, "data", "file.txt"), "content of the file\n");
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Run a guest that tells what it sees. */
async function seen(
  flags: readonly string[],
  options: WasirunOptions = {},
  args: readonly string[] = [],
): Promise<Seen> {
  const { stdout, stderr, status } = await wasirun([...flags, envGuest, ...args], options);
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return JSON.parse(stdout) as Seen;
}

async function expectUsageError(args: readonly string[], ...parts: readonly (string | RegExp)[]): Promise<void> {
  const { status, stderr, stdout } = await wasirun(args);
  for (const part of parts) expect(stderr).toMatch(part);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^wasirun: Cannot /);
  expect(stderr).toContain("Try wasirun --help.");
}

describe("what needs no module", () => {
  test("--help and -h print the help", async () => {
    for (const flag of ["--help", "-h"]) {
      expect(await wasirun([flag])).toMatchObject({ status: 0, stdout: HELP, stderr: "" });
    }
    for (const line of HELP.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("the help names every option, and every option that it names is understood", async () => {
    const named = [...new Set(HELP.match(/(?<=^ {2}(?:-\w, )?)--[a-z0-9-]+/gm))].sort();
    expect(named).toEqual([
      ...["--allow-net", "--argv0", "--cwd", "--dial", "--dir", "--dns-server", "--env", "--env-file", "--env-inherit"],
      ...["--help", "--invoke", "--listen", "--max-memory", "--max-open-files", "--max-table-elements"],
      ...["--non-blocking-stdio", "--patch-go-signals"],
      ...["--platform", "--sockets", "--stack-size", "--tcplisten", "--trace", "--version"],
    ]);
    const values: Record<string, string> = {
      "--stack-size": "=8M",
      "--max-open-files": "=10",
      "--max-memory": "=1G",
      "--max-table-elements": "=0",
      "--env": "=A=1",
      "--platform": "=posix",
    };
    const flags = ["--env-inherit", "--help", "--non-blocking-stdio", "--patch-go-signals", "--trace", "--version"];
    for (const name of named) {
      const option = name + (flags.includes(name) ? "" : values[name] ?? "=value");
      expect(await parseCommandLine([option, "app.wasm", name])).toMatchObject({ module: "app.wasm", args: [name] });
    }
  });

  test("--version and -v print the version, the runtime and the platform", async () => {
    for (const flag of ["--version", "-v"]) {
      const { status, stdout } = await wasirun([flag]);
      expect(stdout).toMatch(
        new RegExp(
          `^wasirun ${VERSION.replaceAll(".", "\\.")} \\(${RUNTIME_LABEL} \\d+\\.\\d+\\.\\d+.*, platform [a-z]+\\)\n$`,
        ),
      );
      expect(status).toBe(0);
    }
  });
});

describe("a mistake in the command line ends it with 2 and the way to mend it", () => {
  test("no module", async () => await expectUsageError([], "no module is given"));
  test("only options", async () => await expectUsageError(["--dir", "."], "no module is given"));
  test("an empty module", async () => await expectUsageError([""], "no module is given"));
  test("an option that is nearly one", async () => {
    await expectUsageError(["--evn", "A=1", envGuest], "--evn", "did you mean --env?");
    await expectUsageError(["--dri=.", envGuest], "--dri", "did you mean --dir?");
    await expectUsageError(["--max-open-file=5", envGuest], "did you mean --max-open-files?");
  });
  test("an option that is none", async () =>
    await expectUsageError(["--frobnicate", envGuest], "--frobnicate", "wasirun --help"));
  test("an option on the network", async () => {
    await expectUsageError(["--allow-net=::1", envGuest], "Cannot use --allow-net=::1: ", /write \[::1\]\n/);
    await expectUsageError(["--listen", "8080", envGuest], "Cannot use --listen 8080: it has no port; write HOST:PORT");
    await expectUsageError(["--dial=unix:x", envGuest], "Cannot use --dial unix:x: ", "write unix:/PATH");
    await expectUsageError(["--dns-server", "dns", envGuest], "Cannot use --dns-server dns: write ADDRESS");
    await expectUsageError(["--sockets", "v1", envGuest], "Cannot use --sockets v1: write one of none, auto");
  });
  test("an option without its value", async () => {
    for (const flag of ["--dir", "--env", "--env-file", "--cwd", "--argv0", "--stack-size", "--max-open-files"]) {
      await expectUsageError([flag], flag, "needs a value");
    }
  });
  test("a stack size that is none", async () => {
    for (const size of ["lots", "-1", "0", "1K", "255K", "2G", "8MM", "1e9", ""]) {
      await expectUsageError([`--stack-size=${size}`, envGuest], "--stack-size", "256K to 1G");
    }
  });
  test("a number of files that is none", async () => {
    for (const count of ["many", "-1", "2", "1000001", "3.5"]) {
      await expectUsageError([`--max-open-files=${count}`, envGuest], "--max-open-files", "from 3 to 1000000");
    }
  });
  test("a variable without a name", async () => await expectUsageError(["--env", "=value", envGuest], "NAME=VALUE"));
  test("an environment file that is not there, or is none", async () => {
    await expectUsageError(["--env-file", join(folder, "none"), envGuest], "--env-file", /no such file/i);
    fs.writeFileSync(join(folder, "bad.env"), "A=1\nthis is no variable\n");
    await expectUsageError(["--env-file", join(folder, "bad.env"), envGuest], "line 2 of", "NAME=VALUE");
  });
  test("two directories at one path", async () => {
    await expectUsageError(["--dir", `${folder}::/x`, "--dir", "/::/x/", envGuest], "at /x", "::/OTHER");
  });
  test("a directory without a name", async () => {
    await expectUsageError(["--dir", "", envGuest], "no directory");
    await expectUsageError(["--dir", "::/x", envGuest], "no directory");
  });
  test("a working directory that no --dir holds, or that is not absolute", async () => {
    await expectUsageError(["--cwd", "/data", envGuest], "no preopen holds it", "add --dir HOST::/data");
    await expectUsageError(["--dir", `${folder}::/x`, "--cwd", "/xy", envGuest], "no preopen holds it");
    await expectUsageError(["--dir", `${folder}::/x`, "--cwd", "x", envGuest], "absolute", "write /x");
  });
});

describe("the arguments of the guest", () => {
  test("are all that follows the module, whatever they look like", async () => {
    const args = ["one", "", "--help", "-v", "--dir", ".", "--", "ä b", "*"];
    expect((await seen([], {}, args)).args).toEqual(["env.wasm", ...args]);
  });

  test("-- ends the options, before the module and behind it", async () => {
    expect((await seen(["--"], {}, ["--help"])).args).toEqual(["env.wasm", "--help"]);
    expect((await seen([], {}, ["--", "-x"])).args).toEqual(["env.wasm", "-x"]);
    expect((await seen([], {}, ["--", "a", "--", "b"])).args).toEqual(["env.wasm", "a", "--", "b"]);
  });

  test("--argv0 names the program", async () => {
    expect((await seen(["--argv0", "my program"], {}, ["x"])).args).toEqual(["my program", "x"]);
  });
});

describe("the environment of the guest", () => {
  test("is empty by default", async () => {
    expect((await seen([], { env: { SECRET: "1" } })).env).toEqual([]);
  });

  test("--env sets a variable or hands one on", async () => {
    const flags = [
      "--env",
      "A=1",
      "--env=B=x=y",
      "--env",
      "C=",
      "--env",
      "SECRET",
      "--env",
      "UNSET",
      "--env",
      "toString",
    ];
    const { env } = await seen(flags, { env: { SECRET: "s", OTHER: "o" } });
    expect(env).toEqual(["A=1", "B=x=y", "C=", "SECRET=s"]);
  });

  test("--env-file sets those of a file", async () => {
    const file = join(folder, "some.env");
    const lines = [
      "# comment",
      "",
      "A=1",
      "export B = two words # comment",
      "C='a # b'",
      'D="x\\ty\\n\\"z\\""',
      "E=",
      "F=a#b",
      "  G=g  ",
    ];
    fs.writeFileSync(file, lines.join("\r\n"));
    const { env } = await seen(["--env-file", file]);
    expect(env).toEqual(["A=1", "B=two words", "C=a # b", 'D=x\ty\n"z"', "E=", "F=a#b", "G=g"]);
  });

  test("--env goes before --env-file, the later file before the earlier, both before --env-inherit", async () => {
    fs.writeFileSync(join(folder, "one.env"), "A=file one\nB=file one\nC=file one\n");
    fs.writeFileSync(join(folder, "two.env"), "B=file two\n");
    const flags = [
      "--env",
      "A=flag",
      "--env-inherit",
      "--env-file",
      join(folder, "one.env"),
      "--env-file",
      join(folder, "two.env"),
    ];
    const { env } = await seen(flags, { env: { A: "inherited", B: "inherited", C: "inherited", D: "inherited" } });
    expect(env).toEqual(expect.arrayContaining(["A=flag", "B=file two", "C=file one", "D=inherited"]));
  });

  test("--env-inherit=false hands nothing on, and no other word is taken for true", async () => {
    expect((await seen(["--env-inherit=false"], { env: { SECRET: "1" } })).env).toEqual([]);
    for (const word of ["no", "0", "off", ""]) {
      await expectUsageError([`--env-inherit=${word}`, envGuest], `Cannot use --env-inherit=${word}: write`);
    }
  });

  test("--env-inherit hands on what the command got, and nothing that it made for itself", async () => {
    const given = { ONE: "1", EMPTY: "", WITH: "a=b\nc" };
    const { env } = await seen(["--env-inherit"], { env: given });
    const expected = Object.entries(bareEnvironment(given)).map(([name, value]) => `${name}=${value}`);
    expect([...env].sort()).toEqual(expected.sort());
    expect(env.filter((pair) => /^(WASIRUN_|BUN_JSC_|DENO_V8_FLAGS|DENO_NO)/.test(pair))).toEqual([]);
  });
});

describe("the working directory of the guest", () => {
  test("is the first --dir by default", async () => {
    const data = join(folder, "data");
    expect(await seen(["--dir", `${data}::/d`, "--dir", folder])).toMatchObject({ cwd: "/d", env: ["PWD=/d"] });
    expect(await seen(["--dir", data])).toMatchObject({ cwd: data });
  });

  test("is what --cwd says", async () => {
    const flags = ["--dir", `${folder}::/d`, "--cwd", "/d/data/sub"];
    expect(await seen(flags)).toMatchObject({ cwd: "/d/data/sub", env: ["PWD=/d/data/sub"] });
    expect(await seen([...flags, "--env", "PWD=/d"])).toMatchObject({ cwd: "/d/data/sub" });
  });

  test("is what --env PWD= says, if --cwd says nothing", async () => {
    expect(await seen(["--dir", `${folder}::/d`, "--env", "PWD=/d/data"])).toMatchObject({ cwd: "/d/data" });
  });

  test("is not that of the host, although --env-inherit hands on all variables", async () => {
    const { cwd } = await seen(["--dir", `${folder}::/d`, "--env-inherit"], { env: { PWD: "/somewhere/else" } });
    expect(cwd).toBe("/d");
  });
});

describe("--dir", () => {
  const READ = (path: string): Uint8Array<ArrayBuffer> =>
    assemble(
      "read.wat",
      `(module
         (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
         (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
         (memory (export "memory") 1) (data (i32.const 0) "${path}")
         (func (export "_start") (call $exit (call $open (i32.const 3) (i32.const 0) (i32.const 0)
           (i32.const ${path.length}) (i32.const 1) (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 100)))))`,
    );
  const SUCCESS = 0;
  const ROFS = 69;

  /** Status of a guest that opens `path` in its first directory for reading and writing. */
  async function opens(path: string, flags: readonly string[], options: WasirunOptions = {}): Promise<number | null> {
    const module = join(folder, `read-${path.replace("/", "-")}.wasm`);
    fs.writeFileSync(module, READ(path));
    return (await wasirun([...flags, module], options)).status;
  }

  test("names a directory of the host, and where the guest sees it", async () => {
    expect(await opens("file.txt", ["--dir", join(folder, "data")])).toBe(SUCCESS);
    expect(await opens("data/file.txt", ["--dir", `${folder}::/`])).toBe(SUCCESS);
    expect(await opens("file.txt", ["--dir", "data"], { cwd: folder })).toBe(SUCCESS);
    expect(await opens("file.txt", ["--dir", "./data::/x/y"], { cwd: folder })).toBe(SUCCESS);
    expect(await opens("data/file.txt", ["--dir=."], { cwd: folder })).toBe(SUCCESS);
  });

  test("is seen at its own path, a relative one from the root", async () => {
    expect((await seen(["--dir", "."], { cwd: folder })).cwd).toBe("/");
    expect((await seen(["--dir", "./data/sub/"], { cwd: folder })).cwd).toBe("/data/sub");
    expect((await seen(["--dir", `${folder}/data/../data`])).cwd).toBe(join(folder, "data"));
  });

  test("with :ro can only be read", async () => {
    expect(await opens("file.txt", ["--dir", `${join(folder, "data")}:ro`])).toBe(ROFS);
    expect(await opens("file.txt", ["--dir", `${join(folder, "data")}::/x:ro`])).toBe(ROFS);
    expect(fs.readFileSync(join(folder, "data", "file.txt"), "utf8")).toBe("content of the file\n");
  });

  test("the hint names the --dir that a guest would have needed", async () => {
    const { stderr } = await wasirun([await goGuest("files")]);
    expect(stderr).toMatch(/wasirun: no preopen holds .*; add --dir/);
  });
});

describe("--max-open-files", () => {
  /** Opens its directory until that fails, and ends with how many descriptors it has got, or 200 and the errno. */
  const HOARDER = assemble(
    "hoarder.wat",
    `(module
       (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
       (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
       (memory (export "memory") 1) (data (i32.const 0) ".")
       (func (export "_start") (local $count i32) (local $errno i32)
         (loop $again
           (local.set $errno (call $open (i32.const 3) (i32.const 0) (i32.const 0)
             (i32.const 1) (i32.const 2) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 100)))
           (if (i32.eqz (local.get $errno)) (then
             (local.set $count (i32.add (local.get $count) (i32.const 1))) (br $again))))
         (if (i32.ne (local.get $errno) (i32.const 33)) (then (call $exit (i32.add (i32.const 200) (local.get $errno)))))
         (call $exit (i32.div_u (local.get $count) (i32.const 10)))))`,
  );

  test("limits the descriptors of the guest, streams and mounts among them", async () => {
    const module = join(folder, "hoarder.wasm");
    fs.writeFileSync(module, HOARDER);
    expect((await wasirun(["--max-open-files=104", "--dir", folder, module])).status).toBe(10);
    expect((await wasirun(["--dir", folder, module])).status).toBe(102);
  });

  test("that is too small for streams and mounts is told", async () => {
    const { status, stderr } = await wasirun(["--max-open-files", "3", "--dir", folder, envGuest]);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/too small|--max-open-files/);
  });
});

test("--non-blocking-stdio tells the guest that its streams are non-blocking", async () => {
  const module = join(folder, "flags.wasm");
  fs.writeFileSync(
    module,
    assemble(
      "flags.wat",
      `(module (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $get (param i32 i32) (result i32)))
         (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
         (memory (export "memory") 1)
         (func (export "_start") (local $flags i32)
           (drop (call $get (i32.const 0) (i32.const 0)))
           (drop (call $get (i32.const 1) (i32.const 32)))
           (drop (call $get (i32.const 2) (i32.const 64)))
           (call $exit (i32.add (i32.load16_u (i32.const 2)) (i32.add (i32.mul (i32.const 10) (i32.load16_u (i32.const 34)))
             (i32.mul (i32.const 16) (i32.load16_u (i32.const 66))))))))`,
    ),
  );
  expect((await wasirun([module])).status).toBe(0);
  expect((await wasirun(["--non-blocking-stdio", module])).status).toBe(4 + 40 + 64);
});
