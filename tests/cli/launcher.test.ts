/** The launcher of `bin`, as it is run from a checkout. */

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { goGuest } from "../tools/guests.ts";
import { marksIn, plant, plantedFiles } from "../tools/planted_files.ts";
import { CLI, ROOT, RUNTIME, startCommand, type WasirunOptions, type WasirunResult } from "../tools/wasirun.ts";

const WASIRUN = join(ROOT, "bin", "wasirun.js");
const GO_EXEC = join(ROOT, "bin", "go_wasip1_wasm_exec");

/** More than a process is started with: the command starts its runtime again. */
const LARGE_STACK = "--stack-size=300M";

let folder: string;
let hello: string;
let envGuest: string;

beforeAll(async () => {
  [hello, envGuest] = [await goGuest("hello"), await goGuest("env")];
});

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(join(os.tmpdir(), "wasirun-launcher-")));
});

afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Without it Node strips the types of some 200 files at each start. */
const CACHE: Readonly<Record<string, string>> = RUNTIME === "node"
  ? { NODE_COMPILE_CACHE: join(ROOT, ".build", "node_cache") }
  : {};

async function launch(words: readonly string[], options: WasirunOptions = {}): Promise<WasirunResult> {
  const env = { WASIRUN_RUNTIME: RUNTIME, ...CACHE, ...options.env };
  return await startCommand(words, { cwd: folder, ...options, env }).ended;
}

async function seen(
  words: readonly string[],
  options: WasirunOptions = {},
): Promise<{ args: string[]; env: string[] }> {
  const { stdout, stderr, status } = await launch(words, options);
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return JSON.parse(stdout) as { args: string[]; env: string[] };
}

/** A checkout in which `npm ci` has installed packages, but no runtime: they are looked for on PATH. */
function makeCheckout(folder: string, ...packages: string[]): string {
  const checkout = join(folder, "checkout");
  fs.mkdirSync(join(checkout, "node_modules"), { recursive: true });
  fs.cpSync(join(ROOT, "bin"), join(checkout, "bin"), { recursive: true });
  fs.symlinkSync(join(ROOT, "src"), join(checkout, "src"));
  fs.copyFileSync(join(ROOT, "deno.json"), join(checkout, "deno.json"));
  for (const name of packages) {
    fs.symlinkSync(join(ROOT, "node_modules", name), join(checkout, "node_modules", name));
  }
  return join(checkout, "bin", "wasirun.js");
}

describe("nothing of the folder that the command is run in is run by the host", () => {
  const starts: Readonly<Record<string, () => string[]>> = {
    "the launcher": () => [WASIRUN, "--dir", ".", hello],
    "the launcher, with a larger stack": () => [WASIRUN, LARGE_STACK, hello],
    "go_wasip1_wasm_exec": () => [GO_EXEC, hello],
    "a shell that is given the name of the launcher": () => ["bash", "wasirun.js", hello],
  };

  // Bun reads most of them, where one may hide what another does; the others start slowly.
  const kinds = Object.keys(plantedFiles(""));
  const groups = RUNTIME === "bun" ? kinds.map((kind) => [kind]) : [kinds];

  for (const group of groups) {
    test(group.join(", "), async () => {
      const inner = join(folder, "inner");
      for (const [name, words] of Object.entries(starts)) {
        // A folder above is as little to be trusted as the folder itself.
        for (const planted of [inner, folder]) {
          for (const kind of group) plant(planted, plantedFiles(planted)[kind]!);
          fs.mkdirSync(inner, { recursive: true });
          const env = { PATH: `${process.env["PATH"]}:${join(ROOT, "bin")}` };
          const { status, stdout, stderr } = await launch(words(), { cwd: inner, env });
          expect({ name, planted, status, stdout, stderr, marks: marksIn(folder) })
            .toEqual({ name, planted, status: 0, stdout: "Hello, WASI\n", stderr: "", marks: [] });
        }
      }
    });
  }

  test("files that are never read to their end do not keep it from starting", async () => {
    for (const name of ["bunfig.toml", ".env", "tsconfig.json", "package.json", "deno.json", ".npmrc"]) {
      execFileSync("mkfifo", [join(folder, name)]);
    }
    expect(await launch([WASIRUN, hello])).toMatchObject({ status: 0, stdout: "Hello, WASI\n", stderr: "" });
    expect(await launch([WASIRUN, LARGE_STACK, hello])).toMatchObject({ status: 0, stdout: "Hello, WASI\n" });
  });

  if (RUNTIME === "bun") {
    // This shows that the files would be run, and is what README warns of.
    test("but Bun itself runs them, when the command's source is named to it", async () => {
      for (const kind of ["bunfig.toml", "tsconfig.json"]) {
        const inner = join(folder, kind);
        plant(inner, plantedFiles(inner)[kind]!);
        await launch([process.execPath, CLI, hello], { cwd: inner });
        expect(marksIn(inner), kind).not.toEqual([]);
      }
    });
  }
});

describe("the launcher is that of its own package", () => {
  /** Files of a package, each of which leaves a mark. */
  function plantPackage(root: string): void {
    const mark = join(folder, "it-ran");
    const script = `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(mark)}, "");\n`;
    const files = {
      "bin/runtime.sh": `: > ${mark}\n`,
      "dist/wasirun.js": script,
      "dist/wasirun_bun.cjs": script,
      "dist/wasirun_deno.js": script,
      "dist/wasirun_node.cjs": `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");\n`,
      "src/cli/wasirun.ts": script,
    };
    for (const [name, content] of Object.entries(files)) {
      fs.mkdirSync(dirname(join(root, name)), { recursive: true });
      fs.writeFileSync(join(root, name), content);
    }
  }

  async function expectOwn(...words: string[]): Promise<void> {
    const { status, stdout, stderr } = await launch([...words, hello]);
    expect({ words, status, stdout, stderr, marks: marksIn(folder) })
      .toEqual({ words, status: 0, stdout: "Hello, WASI\n", stderr: "", marks: [] });
  }

  test("which is not another folder of its name, where npm would have put it", async () => {
    for (const packages of ["", "lib/node_modules"]) {
      const home = join(folder, packages === "" ? "beside" : "below");
      const planted = join(home, packages, "wasirun");
      plantPackage(planted);
      fs.mkdirSync(join(home, "bin"));
      for (const [name, file] of [["wasirun", "wasirun.js"], ["go_exec", "go_wasip1_wasm_exec"]] as const) {
        fs.symlinkSync(join(ROOT, "bin", file), join(home, "bin", name));
        // It is the same file to whoever follows links.
        fs.symlinkSync(join(home, "bin", name), join(planted, "bin", file));
        await expectOwn(join(home, "bin", name));
      }
    }
  });

  test("which is not around a link to its folder", async () => {
    plantPackage(folder);
    fs.symlinkSync(join(ROOT, "bin"), join(folder, "tools"));
    for (const name of ["tools/wasirun.js", "tools/./wasirun.js", "tools//wasirun.js", "tools/go_wasip1_wasm_exec"]) {
      await expectOwn(`${folder}/${name}`);
      await expectOwn(`./${name}`);
    }
  });
});

describe("the working directory", () => {
  for (const flags of [[], [LARGE_STACK]]) {
    test(`is the one that the command was run in, ${flags[0] ?? "without more options"}`, async () => {
      const inner = join(folder, "with a space");
      fs.mkdirSync(inner);
      fs.copyFileSync(envGuest, join(inner, "env.wasm"));
      fs.writeFileSync(join(inner, "some.env"), "A=1\n");
      const words = [WASIRUN, ...flags, "--dir", ".", "--env-file", "some.env", "env.wasm"];
      expect(await seen(words, { cwd: inner })).toMatchObject({ args: ["env.wasm"], env: ["A=1", "PWD=/"] });
    });

    test(`leaves no trace in the environment, ${flags[0] ?? "without more options"}`, async () => {
      const words = [WASIRUN, ...flags, "--dir", "/", "--env-inherit", envGuest];
      for (const old of [{}, { OLDPWD: "/usr" }]) {
        const given = { ...old, PWD: folder, WASIRUN_STACK: "nonsense", WASIRUN_CWD: "/none" };
        const { env } = await seen(words, { env: given });
        expect(env.filter((pair) => /^(OLD)?PWD=|^WASIRUN_(?!RUNTIME)|^BUN_JSC/.test(pair)).sort())
          .toEqual([...Object.entries(old).map(([name, value]) => `${name}=${value}`), `PWD=${folder}`]);
      }
    });
  }

  test("that was reached by a symbolic link keeps its name", async () => {
    fs.mkdirSync(join(folder, "real"));
    fs.symlinkSync("real", join(folder, "link"));
    const words = ["sh", "-c", 'cd link && exec "$0" --dir / --env-inherit "$1"', WASIRUN, envGuest];
    expect((await seen(words)).env).toContain(`PWD=${folder}/link`);
  });

  test("may have a name that is not ASCII, or not even UTF-8", async () => {
    for (const name of ["ä b", "a\\377b"]) {
      // Only a shell can make the second.
      const script = 'mkdir "$1" && cp "$2" "$1/hello.wasm" && cd "$1" && shift 2 && exec "$@"';
      const make = ["sh", "-c", `set -- "$(printf '${name}')" "$@"; ${script}`, "sh", hello];
      for (const flags of [[], [LARGE_STACK]]) {
        expect(await launch([...make, WASIRUN, ...flags, "--dir", ".", "hello.wasm"]), name)
          .toMatchObject({ status: 0, stdout: "Hello, WASI\n", stderr: "" });
        await launch(["sh", "-c", "rm -r [!r]*"]);
      }
    }
  });

  test("is that folder, though a link takes its place before the runtime has started", async () => {
    const tools = join(folder, "tools");
    for (const name of ["tools", "inner", "outside"]) fs.mkdirSync(join(folder, name));
    for (const name of ["inner", "outside"]) fs.writeFileSync(join(folder, name, "some.env"), `WHERE=${name}\n`);
    const runtime = join(ROOT, "node_modules", ".bin", RUNTIME);
    const swap = `mv ${folder}/inner ${folder}/moved && ln -s outside ${folder}/inner`;
    fs.writeFileSync(
      join(tools, RUNTIME),
      `#!/bin/sh\nif [ "$1" != --version ]; then ${swap}; fi\nexec ${runtime} "$@"\n`,
      { mode: 0o755 },
    );
    const env = { PATH: `${tools}:${process.env["PATH"]}` };
    const words = [makeCheckout(folder, "arg", "leven"), "--env-file", "some.env", envGuest];
    expect((await seen(words, { cwd: join(folder, "inner"), env })).env).toContain("WHERE=inner");
  });

  test("does not take a descriptor that the command was given", async () => {
    for (const fd of [3, 9]) {
      const script = `exec ${fd}<"$1" && exec "$0" --dir . /dev/fd/${fd}`;
      expect(await launch(["sh", "-c", script, WASIRUN, hello])).toMatchObject({ status: 0, stdout: "Hello, WASI\n" });
    }
  });

  if (RUNTIME === "bun") {
    test("that is gone ends the command, and no other takes its place", async () => {
      fs.mkdirSync(join(folder, "gone"));
      const script = 'cd gone && rmdir "$PWD" && exec "$0" --dir . "$1"';
      const { status, stdout, stderr } = await launch(["sh", "-c", script, WASIRUN, hello]);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toContain("wasirun: Cannot enter the working directory: it was removed; ");
    });
  }
});

describe("a runtime", () => {
  test("is found on a PATH with relative folders", async () => {
    const tools = join(folder, "tools");
    fs.mkdirSync(tools);
    for (const name of ["bun", "deno", "node"]) {
      fs.symlinkSync(join(ROOT, "node_modules", ".bin", name), join(tools, name));
    }
    const env = { PATH: `tools:${process.env["PATH"]}` };
    expect(await launch([makeCheckout(folder, "arg", "leven"), hello], { env }))
      .toMatchObject({ status: 0, stdout: "Hello, WASI\n", stderr: "" });
  });

  test("that can't run the source of a checkout is told, with the remedy", async () => {
    const wasirun = makeCheckout(folder, "arg", "leven");
    const tools = join(folder, "tools");
    fs.mkdirSync(tools);
    const old = ["18.20.8", "20.20.2", "22.17.1", "22.9.0", "23.5.0"];
    for (const version of [...old, "22.18.0", "23.6.1", "24.0.0", "26.10.0"]) {
      fs.writeFileSync(
        join(tools, "node"),
        `#!/bin/sh\nif [ "$1" = --version ]; then echo v${version}; else echo ran; fi\n`,
        { mode: 0o755 },
      );
      const env = { PATH: `${tools}:${process.env["PATH"]}`, WASIRUN_RUNTIME: "node" };
      const { status, stdout, stderr } = await launch([wasirun, hello], { env });
      const refusal = `wasirun: Cannot run the TypeScript of a checkout on Node v${version}: ` +
        "use Node 22.18, 23.6 or later, or run npm ci, which brings one\n";
      expect({ version, status, stdout, stderr }).toEqual(
        old.includes(version)
          ? { version, status: 1, stdout: "", stderr: refusal }
          : { version, status: 0, stdout: "ran\n", stderr: "" },
      );
    }
  });

  test("is not started for a checkout without its packages", async () => {
    expect(await launch([makeCheckout(folder), hello])).toMatchObject({
      status: 1,
      stderr: "wasirun: Cannot run a checkout whose packages are missing: run npm ci in it\n",
    });
  });

  test("that is given the launcher's file as a module runs the source of a checkout", async () => {
    const words = RUNTIME === "deno"
      ? [process.execPath, "run", "-A", WASIRUN, hello]
      : [process.execPath, WASIRUN, hello];
    expect(await launch(words)).toMatchObject({ status: 0, stdout: "Hello, WASI\n", stderr: "" });
  });

  test("that WASIRUN_RUNTIME names wrongly is told", async () => {
    const { status, stderr } = await launch([WASIRUN, hello], { env: { WASIRUN_RUNTIME: "./node" } });
    expect(status).toBe(2);
    expect(stderr).toBe('wasirun: Cannot use "./node" of WASIRUN_RUNTIME: it takes deno, bun or node\n');
  });
});

test("variables of the user reach the guest as they are, whatever they are called", async () => {
  const scripts = ["wasirun.js", "go_wasip1_wasm_exec", "runtime.sh"].map((name) =>
    fs.readFileSync(join(ROOT, "bin", name), "utf8")
  );
  const names = new Set(scripts.join("\n").match(/(?<![\w$])_?[a-z][a-z_]*(?==)|(?<=\bfor )\w+(?= in)/g));
  expect(names.size).toBeGreaterThan(10);
  const plain = [...names].map((name) => name.replace(/^_/, ""));
  const env = Object.fromEntries(plain.map((name) => [name, "of the user"]));
  const flags = plain.flatMap((name) => ["--env", name]);
  const wanted = plain.map((name) => `${name}=of the user`);
  for (const stack of [[], [LARGE_STACK]]) {
    expect((await seen([WASIRUN, ...stack, ...flags, envGuest], { env })).env).toEqual(expect.arrayContaining(wanted));
  }
  const options = { ...env, GOWASIRUNTIMEARGS: flags.join(" ") };
  expect((await seen([GO_EXEC, envGuest], { env: options })).env).toEqual(expect.arrayContaining(wanted));
});

test("-- ends the options, be it the first word or not", async () => {
  fs.copyFileSync(envGuest, join(folder, "--env=A=1"));
  for (const flags of [[], ["--env=B=2"], [LARGE_STACK]]) {
    for (const rest of [["--trace"], ["a", "--"]]) {
      const { args, env } = await seen([WASIRUN, ...flags, "--", "--env=A=1", ...rest]);
      expect(args).toEqual(["--env=A=1", ...rest]);
      expect(env).not.toContain("A=1");
    }
  }
});

describe("GOWASIRUNTIMEARGS", () => {
  const environmentOf = async (options: string): Promise<string[]> => {
    const { env, args } = await seen([GO_EXEC, envGuest, "a b", "*"], { env: { GOWASIRUNTIMEARGS: options } });
    expect(args).toEqual(["env.wasm", "a b", "*"]);
    return env.filter((pair) => !/^(PWD|PATH|TMPDIR)=/.test(pair) && !pair.startsWith(`HOME=${process.env["HOME"]}`));
  };

  test("is split at white space", async () => {
    expect(await environmentOf("  --env A=1\t--env\nB=2 ")).toEqual(["A=1", "B=2"]);
    expect(await environmentOf("")).toEqual([]);
  });

  test("is not subject to globbing", async () => {
    fs.writeFileSync(join(folder, "A=1"), "");
    expect(await environmentOf("--env A=* --env B=[a-z]?")).toEqual(["A=*", "B=[a-z]?"]);
    expect(await environmentOf("--env 'A=*'")).toEqual(["A=*"]);
  });

  test("takes quotes as a shell does, and nothing else", async () => {
    expect(await environmentOf(`--env "A=b c" --env 'B="d" $e' --env C=f\\ g"h i"'j k'`))
      .toEqual(["A=b c", 'B="d" $e', "C=f gh ij k"]);
    expect(await environmentOf(`--env "A=\\"b\\\\c\\d" --env B='' --env "C=$HOME$(id)\`id\`"`))
      .toEqual(['A="b\\c\\d', "B=", "C=$HOME$(id)`id`"]);
    expect(await environmentOf('--env "A=ä ö"')).toEqual(["A=ä ö"]);
  });

  test("goes over what the script itself passes on", async () => {
    expect(await environmentOf("--env HOME=/nowhere")).toEqual(["HOME=/nowhere"]);
  });

  test("with a quote that is not closed ends with 2", async () => {
    const { status, stderr } = await launch([GO_EXEC, hello], { env: { GOWASIRUNTIMEARGS: '--env "A=b c' } });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'wasirun: Cannot read GOWASIRUNTIMEARGS: a " is not closed\n',
    });
  });
});
