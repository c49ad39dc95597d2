/** Options that are true or false, habits from other tools, slips. */

import { describe, expect, test } from "vitest";
import { type Invocation, parseCommandLine } from "../../src/cli/flags.ts";
import { parseMounts } from "../../src/cli/mounts.ts";
import { netOptions } from "../../src/cli/network.ts";
import { HELP } from "../../src/cli/help.ts";

const FLAGS = [
  "--env-inherit",
  "--non-blocking-stdio",
  "--patch-go-signals",
  "--trace",
  "--version",
  "--help",
] as const;

/** Those that are true by default: the help shows how to turn them off. */
const ON_BY_DEFAULT = ["--patch-go-signals"];

/** With a network, of which some options are. */
function parse(line: string): Promise<Invocation> {
  return parseCommandLine(["--sockets=auto", ...line.split(" ")]);
}

function valueOf(invocation: Invocation, flag: typeof FLAGS[number]): boolean {
  switch (flag) {
    case "--env-inherit":
      return invocation.envInherit;
    case "--non-blocking-stdio":
      return invocation.nonBlockingStdio;
    case "--patch-go-signals":
      return invocation.network?.patchGoSignals ?? false;
    case "--trace":
      return invocation.trace;
    default:
      return invocation.action === flag.slice(2);
  }
}

describe("an option that is true or false", () => {
  test("is each that the help shows without a value", () => {
    const shown = [...HELP.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)(?: {2}|$)/gm)].map((match) => match[1]!);
    const turnedOff = [...HELP.matchAll(/^ {2}(--[a-z-]+)=false /gm)].map((match) => match[1]!);
    expect(turnedOff).toEqual(ON_BY_DEFAULT);
    expect([...shown, ...turnedOff].sort()).toEqual([...FLAGS].sort());
  });

  for (const flag of FLAGS) {
    test(`${flag} is true alone, and else what it says`, async () => {
      expect(valueOf(await parse(`${flag} x.wasm`), flag)).toBe(true);
      expect(valueOf(await parse(`${flag}=true x.wasm`), flag)).toBe(true);
      expect(valueOf(await parse(`${flag}=false x.wasm`), flag)).toBe(false);
      expect(valueOf(await parse(`${flag} ${flag}=false x.wasm`), flag)).toBe(false);
      expect(valueOf(await parse(`${flag}=false ${flag} x.wasm`), flag)).toBe(true);
    });

    test(`${flag} takes nothing else`, async () => {
      for (const value of ["", "no", "yes", "0", "1", "off", "False", "TRUE", "true ", " false", "x=true"]) {
        await expect(parseCommandLine([`${flag}=${value}`, "x.wasm"]), value)
          .rejects.toThrow(`Cannot use ${flag}=${value}: write ${flag}, ${flag}=true or ${flag}=false`);
      }
      await expect(parse(`--no-${flag.slice(2)} x.wasm`)).rejects.toThrow(`: write ${flag}=false`);
    });

    test(`${flag} behind the module is the guest's`, async () => {
      expect(await parse(`x.wasm ${flag} ${flag}=no -v`)).toMatchObject({ args: [flag, `${flag}=no`, "-v"] });
    });
  }

  test("has short names as before", async () => {
    expect(await parse("-v")).toMatchObject({ action: "version" });
    expect(await parse("-h")).toMatchObject({ action: "help" });
    expect(await parse("-hv")).toMatchObject({ action: "help" });
  });
});

describe("--allow-net", () => {
  const rules = async (value: string): Promise<true | readonly string[] | undefined> =>
    netOptions((await parseCommandLine([`--allow-net=${value}`, "x.wasm"])).network!).allow;

  test("takes no word that is meant for true or false", async () => {
    for (const word of ["true", "yes", "on", "all", "any", "True"]) {
      await expect(rules(word)).rejects.toThrow(`Cannot use --allow-net=${word}: write --allow-net alone`);
    }
    for (const word of ["false", "no", "off", "none", "FALSE", "localhost,none"]) {
      await expect(rules(word)).rejects.toThrow(`Cannot use --allow-net=${word}: nothing is allowed without`);
    }
    // Hosts may have such names.
    expect(await rules("none:80,all.example")).toEqual(["none:80", "all.example"]);
  });

  test("does not take its rules from the next word, and says so", async () => {
    for (const word of ["127.0.0.1:8080", "connect:a.test", "10.0.0.0/8", "*", "[::1]:80", ":80", "a,b", "unix:/x"]) {
      await expect(parse(`--allow-net ${word} x.wasm`), word)
        .rejects.toThrow(`Cannot use --allow-net ${word}: the rules follow a =; write --allow-net=${word}`);
    }
    await expect(parse("--allow-net api.example.com x.wasm")).rejects.toThrow("write --allow-net=api.example.com");
    for (const line of ["x.wasm", "x.wasm y.wasm", "program x.wasm", "program argument", "http://a.test:80/x y.wasm"]) {
      expect((await parse(`--allow-net ${line}`)).module).toBe(line.split(" ")[0]);
    }
  });
});

describe("run", () => {
  test("in front of the module means nothing", async () => {
    expect(await parse("run x.wasm a")).toMatchObject({ module: "x.wasm", args: ["a"], trace: false });
    expect(await parse("--trace run --dir . x.wasm run --dir"))
      .toMatchObject({ module: "x.wasm", args: ["run", "--dir"], trace: true, dirs: ["."] });
    await expect(parse("run")).rejects.toThrow("no module is given; a module whose name is run is ./run");
  });

  test("is a module when it is written as one", async () => {
    expect(await parse("./run x.wasm")).toMatchObject({ module: "./run", args: ["x.wasm"] });
    expect(await parse("-- run x.wasm")).toMatchObject({ module: "run", args: ["x.wasm"] });
    expect(await parse("run run x.wasm")).toMatchObject({ module: "run", args: ["x.wasm"] });
  });
});

describe("an option of another tool is told what to write instead", () => {
  test.for([
    ["-S http x", "-S", "--allow-net"],
    ["-Shttp x", "-Shttp", "--allow-net"],
    ["-W max-wasm-stack=8 x", "-W", "--stack-size"],
    ["-O opt-level=2 x", "-O", "runtime"],
    ["--entrypoint f x", "--entrypoint", "--invoke"],
    ["--timeout=10s x", "--timeout", "timeout(1)"],
    ["-timeout 10s x", "-timeout", "timeout(1)"],
    ["--mount=.:/ x", "--mount", "--dir HOST::GUEST"],
    ["-mount=.:/ x", "-mount", "--dir HOST::GUEST"],
    ["--mapdir /::. x", "--mapdir", "--dir HOST::GUEST"],
    ["--volume .:/ x", "--volume", "--dir HOST::GUEST"],
    ["--pprof-addr :6060 x", "--pprof-addr", "--cpu-prof"],
    ["--http auto x", "--http", "--allow-net"],
    ["--fuel 1000 x", "--fuel", "timeout(1)"],
    ["--net x", "--net", "--allow-net"],
    ["--allow-read=. x", "--allow-read", "--dir"],
    ["-dir . x", "-dir", "did you mean --dir?"],
    ["-env A=1 x", "-env", "did you mean --env?"],
    ["-e A=1 x", "-e", "--env NAME=VALUE"],
  ])("%s", async ([line, option, advice]) => {
    await expect(parse(line!)).rejects.toThrow(`Cannot understand the option ${option}: `);
    await expect(parse(line!)).rejects.toThrow(advice!);
  });
});

describe("an unknown option", () => {
  test.for([
    ["--evn", "--env"],
    ["--dri", "--dir"],
    ["--dirs", "--dir"],
    ["--listne", "--listen"],
    ["--env-inherti", "--env-inherit"],
    ["--alow-net", "--allow-net"],
    ["--stacksize", "--stack-size"],
    ["--max-open-file", "--max-open-files"],
    ["--traec", "--trace"],
  ])("%s is nearly %s", async ([option, near]) => {
    await expect(parse(`${option} x`)).rejects.toThrow(`did you mean ${near}?`);
  });

  test.for(["--fule", "--file", "--mail", "--vol", "--frobnicate", "--out", "--wat", "--data", "--memory", "-x", "-z"])(
    "%s is nearly none",
    async (option) => {
      await expect(parse(`${option} x`)).rejects.toThrow("there is no such option; see wasirun --help");
    },
  );
});

describe("--dir with one colon", () => {
  test("is told of two", () => {
    expect(() => parseMounts([".:/data"])).toThrow("Cannot use --dir .:/data: ");
    expect(() => parseMounts([".:/data"])).toThrow("write --dir .::/data");
    expect(() => parseMounts(["/srv:/data:ro"])).toThrow("write --dir /srv::/data:ro");
    expect(() => parseMounts(["/srv:rw"])).toThrow("leave out :rw");
  });

  test("stays a name where it is no path of the guest", () => {
    expect(parseMounts(["a:b::/x", "c:d", "./.:/e::/f"])).toMatchObject({
      "/x": { source: "a:b" },
      "/c:d": { source: "c:d" },
      "/f": { source: "./.:/e" },
    });
  });
});
