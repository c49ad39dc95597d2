/** The parts of the command that read what it is given. */

import { describe, expect, test } from "vitest";
import { guestEnvironment, parseEnvFile } from "../../src/cli/environment.ts";
import { parseCommandLine } from "../../src/cli/flags.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import type { CommandHost } from "../../src/cli/host/host.ts";
import { parseMounts } from "../../src/cli/mounts.ts";
import { netOptions } from "../../src/cli/network.ts";
import { refusalText } from "../../src/cli/hints/hints.ts";
import { reportOf } from "../../src/cli/report.ts";
import { TrapError } from "../../src/runtime/errors.ts";

/** A process that has only an environment and files. */
function host(
  env: Record<string, string>,
  files: Record<string, string> = {},
  unknown: readonly string[] = [],
): CommandHost {
  return {
    env: () => ({ variables: env, unknown, isUnknown: (name: string) => unknown.includes(name) }),
    readText(path: string) {
      const text = files[path];
      if (text === undefined) throw new Error("no such file");
      return text;
    },
  } as Partial<CommandHost> as CommandHost;
}

describe("--dir", () => {
  test.each([
    ["/data", { "/data": { source: "/data", readOnly: false } }],
    ["/data:ro", { "/data": { source: "/data", readOnly: true } }],
    [".", { "/": { source: ".", readOnly: false } }],
    ["./static/", { "/static": { source: "./static/", readOnly: false } }],
    ["../up", { "/up": { source: "../up", readOnly: false } }],
    ["host::/guest", { "/guest": { source: "host", readOnly: false } }],
    ["host::/guest:ro", { "/guest": { source: "host", readOnly: true } }],
    ["host::guest", { "/guest": { source: "host", readOnly: false } }],
    ["host::/", { "/": { source: "host", readOnly: false } }],
    ["a::b::/c", { "/c": { source: "a::b", readOnly: false } }],
    ["host:: /x//y/../z/.", { "/ /x/z": { source: "host", readOnly: false } }],
    ["::/guest", UsageError],
    [":ro", UsageError],
    ["", UsageError],
  ])("%s", (dir, expected) => {
    if (typeof expected === "function") expect(() => parseMounts([dir])).toThrow(expected);
    else expect(parseMounts([dir])).toEqual(expected);
  });

  test("twice at one path is refused, with advice", () => {
    expect(() => parseMounts(["one", "two::/one"])).toThrow(
      "Cannot mount two at /one: one is there already; write --dir two::/OTHER",
    );
    expect(Object.keys(parseMounts(["/b", "/a", "/c"]))).toEqual(["/b", "/a", "/c"]);
  });

  test("takes names that objects have", () => {
    expect(Object.keys(parseMounts(["constructor", "__proto__"]))).toEqual(["/constructor", "/__proto__"]);
  });
});

describe("--env-file", () => {
  test("has lines NAME=VALUE", () => {
    const text = [
      "PLAIN=value",
      "  SPACED = around  ",
      "",
      "# comment",
      "export EXPORTED=yes",
      "EMPTY=",
      "EQUALS=a=b=c",
      "COMMENTED=value # comment",
      "HASH=a#b",
      "SINGLE='as # is \\n'",
      'DOUBLE="line\\nbreak \\"quoted\\" \\\\ # no comment" # comment',
      "UNBALANCED='x",
      "ÜMLAUT=ä",
    ].join("\r\n");
    expect(parseEnvFile(text, "file")).toEqual({
      PLAIN: "value",
      SPACED: "around",
      EXPORTED: "yes",
      EMPTY: "",
      EQUALS: "a=b=c",
      COMMENTED: "value",
      HASH: "a#b",
      SINGLE: "as # is \\n",
      DOUBLE: 'line\nbreak "quoted" \\ # no comment',
      UNBALANCED: "'x",
      ÜMLAUT: "ä",
    });
  });

  test.each(["novalue", "=value", "two words=x"])("refuses %j with its line", (line) => {
    expect(() => parseEnvFile(`A=1\n${line}\n`, "my.env")).toThrow("Cannot read line 2 of my.env: write NAME=VALUE");
  });
});

describe("the environment", () => {
  const flags = { env: [], envFiles: [], envInherit: false };

  test("is empty without flags", () => {
    expect(guestEnvironment(flags, host({ HOME: "/root" }), () => true)).toEqual({});
  });

  test("is put together: inherited, files in order, variables in order", () => {
    const process = host({ A: "inherited", B: "inherited", C: "inherited", D: "d", WASIRUN_STACK: "1" }, {
      one: "A=one\nB=one",
      two: "B=two",
    });
    const all = { env: ["C=flag", "D", "E=x", "E=y", "MISSING", "F="], envFiles: ["one", "two"], envInherit: true };
    expect(guestEnvironment(all, process, () => true)).toEqual({
      A: "one",
      B: "two",
      C: "flag",
      D: "d",
      E: "y",
      F: "",
    });
  });

  test("has single variables passed on", () => {
    const process = host({ HOME: "/root", SECRET: "x" });
    const some = { ...flags, env: ["HOME", "constructor"] };
    expect(guestEnvironment(some, process, () => true)).toEqual({ HOME: "/root" });
  });

  test("refuses to pass on variables whose bytes are not known", () => {
    const process = host({ A: "a" }, {}, ["LOST"]);
    const message =
      /^Cannot pass on the variable LOST: it may not be UTF-8, .*; set it with --env NAME=VALUE, or unset/;
    expect(() => guestEnvironment({ ...flags, envInherit: true }, process, () => true)).toThrow(message);
    expect(() => guestEnvironment({ ...flags, env: ["LOST"] }, process, () => true)).toThrow(message);
    expect(guestEnvironment({ ...flags, env: ["A", "LOST=here"] }, process, () => true)).toEqual({
      A: "a",
      LOST: "here",
    });
  });

  test("refuses what has no name, and files that can't be read", () => {
    expect(() => guestEnvironment({ ...flags, env: ["=x"] }, host({}), () => true)).toThrow(UsageError);
    expect(() => guestEnvironment({ ...flags, env: [""] }, host({}), () => true)).toThrow(UsageError);
    expect(() => guestEnvironment({ ...flags, envFiles: ["nope"] }, host({}), () => true)).toThrow(
      "Cannot read the --env-file nope: no such file",
    );
  });
});

describe("the command line", () => {
  test("ends its options at the module", async () => {
    const parsed = await parseCommandLine([
      "--dir",
      ".",
      "--dir=/x:ro",
      "--env",
      "A=1",
      "app.wasm",
      "--dir",
      "-h",
      "--",
      "x",
    ]);
    expect(parsed).toMatchObject({
      action: "run",
      dirs: [".", "/x:ro"],
      env: ["A=1"],
      module: "app.wasm",
      args: ["--dir", "-h", "--", "x"],
    });
  });

  test.each([
    [["--stack-size", "256K"], 262144],
    [["--stack-size", "8M"], 8 << 20],
    [["--stack-size", "8MiB"], 8 << 20],
    [["--stack-size=1G"], 2 ** 30],
    [["--stack-size", "1000000"], 1000000],
    [[], 64 << 20],
  ])("%j is a stack of %i bytes", async (args, stackBytes) => {
    expect(await parseCommandLine([...args, "app.wasm"])).toMatchObject({ stackBytes });
  });

  test.each([
    [["--dri", "x", "app.wasm"], /--dri: did you mean --dir\?/],
    [["--xyzzyxyzzy", "app.wasm"], /--xyzzyxyzzy: there is no such option/],
    [["--listen"], /--listen: it needs a value/],
    [["--sockets", "--allow-net", "app.wasm"], /--sockets: it needs a value/],
    [["--dir"], /--dir: it needs a value/],
    [["--stack-size", "1K", "app.wasm"], /--stack-size=1K: write a size from 256K to 1G/],
    [["--stack-size", "2G", "app.wasm"], /--stack-size=2G/],
    [["--stack-size", "-1", "app.wasm"], /--stack-size/],
    [["--max-open-files", "2", "app.wasm"], /--max-open-files=2: write a number from 3/],
    [["--max-open-files", "1e3", "app.wasm"], /--max-open-files=1e3/],
    [["--max-memory", "2000G", "app.wasm"], /--max-memory=2000G: write a size of up to 1024G, such as 512M/],
    [["--max-table-elements=-1", "app.wasm"], /--max-table-elements=-1: write a number from 0 to 1000000000/],
    [[], /no module is given/],
  ])("%j is refused", async (args, expected) => {
    await expect(parseCommandLine(args)).rejects.toThrow(expected);
    await expect(parseCommandLine(args)).rejects.toBeInstanceOf(UsageError);
  });
});

describe("the options on the network", () => {
  const none = { allowNet: [], listen: [], dial: [], dnsServer: undefined, sockets: undefined };

  test.each([
    [[], undefined],
    [["--allow-net"], { ...none, allowNet: true }],
    [["--allow-net=a:1,b"], { ...none, allowNet: ["a:1,b"] }],
    [["--allow-net=a", "--allow-net=b"], { ...none, allowNet: ["a", "b"] }],
    [["--allow-net=a", "--allow-net", "--allow-net=b"], { ...none, allowNet: true }],
    [["--allow-net="], { ...none, allowNet: [""] }],
    [["--listen", ":1", "--tcplisten=:2", "--listen=x=:3"], { ...none, listen: [":1", ":2", "x=:3"] }],
    [["--dial", "a:1", "--dial=b:2"], { ...none, dial: ["a:1", "b:2"] }],
    [["--dns-server", "192.0.2.1"], { ...none, dnsServer: "192.0.2.1" }],
    [["--allow-net", "--patch-go-signals=false"], { ...none, allowNet: true, patchGoSignals: false }],
    [["--sockets=path_open"], { ...none, sockets: "path_open" }],
  ])("%j", async (args, network) => {
    expect((await parseCommandLine([...args, "app.wasm", "x"])).network).toEqual(network);
  });

  test("end at the module, which --allow-net does not take for its value", async () => {
    const guest = ["--allow-net", "--allow-net=x", "--", "--allow-net"];
    expect(await parseCommandLine(["--allow-net", "app.wasm", ...guest])).toMatchObject({
      network: { ...none, allowNet: true },
      module: "app.wasm",
      args: guest,
    });
    expect(await parseCommandLine(["--", "app.wasm", "--allow-net"])).toMatchObject({
      network: undefined,
      module: "app.wasm",
      args: ["--allow-net"],
    });
    expect(await parseCommandLine(["--allow-net", "./app:80", "x"])).toMatchObject({ module: "./app:80" });
  });

  test("become those of the library", () => {
    const flags = {
      allowNet: ["a.test:1, 10.0.0.0/8", "listen:*:8080"],
      listen: ["web=127.0.0.1:8080", "[::1]:0", ":80"],
      dial: ["tcp://db.test:5432", "unix:/run/x.sock"],
      dnsServer: "[2001:db8::1]:53",
      sockets: "wasmedgev1",
    };
    expect(netOptions(flags)).toEqual({
      allow: ["a.test:1", "10.0.0.0/8", "listen:*:8080"],
      listen: flags.listen,
      dial: flags.dial,
      dnsServer: "[2001:db8::1]:53",
      sockets: "wasmedgev1",
    });
    expect(netOptions({ ...none, allowNet: true })).toMatchObject({ allow: true, listen: [], dial: [] });
    for (const dnsServer of ["192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]"]) {
      expect(netOptions({ ...none, dnsServer }).dnsServer).toBe(dnsServer);
    }
  });

  test.each([
    [{ allowNet: ["a.test,b.test:http"] }, 'Cannot use --allow-net=b.test:http: "http" is no port; write a number'],
    [{ allowNet: [""] }, "Cannot use --allow-net=: write [listen:|connect:]HOST"],
    [{ allowNet: ["a.test,"] }, "Cannot use --allow-net=: write"],
    [{ allowNet: ["::1"] }, "Cannot use --allow-net=::1: an IPv6 address stands in brackets; write [::1]"],
    [{ listen: ["8080"] }, /^Cannot use --listen 8080: .*write /],
    [{ listen: ["127.0.0.1:65536"] }, /^Cannot use --listen 127\.0\.0\.1:65536: .*write /],
    [{ listen: ["127.0.0.1:http"] }, /^Cannot use --listen 127\.0\.0\.1:http: /],
    [{ listen: ["[127.0.0.1]:80"] }, /^Cannot use --listen \[127\.0\.0\.1\]:80: /],
    [{ listen: ["::1:80"] }, /^Cannot use --listen ::1:80: /],
    [{ listen: ["unix:"] }, /^Cannot use --listen unix:: /],
    [{ dial: ["http://a.test:80"] }, /^Cannot use --dial http:\/\/a\.test:80: /],
    [{ dial: ["a.test"] }, /^Cannot use --dial a\.test: /],
    [{ dnsServer: "dns.test" }, "Cannot use --dns-server dns.test: write ADDRESS, ADDRESS:PORT or [IPv6]:PORT"],
    [{ dnsServer: "192.0.2.1:0" }, "Cannot use --dns-server 192.0.2.1:0: write"],
    [{ dnsServer: "192.0.2.1:" }, "Cannot use --dns-server 192.0.2.1:: write"],
    [{ dnsServer: "[192.0.2.1]:53" }, "Cannot use --dns-server [192.0.2.1]:53: write"],
    [{ dnsServer: "2001:db8::1:70000" }, "Cannot use --dns-server 2001:db8::1:70000: write"],
    [{ sockets: "v1" }, "Cannot use --sockets v1: write one of none, auto, wasmedgev1, wasmedgev2, path_open"],
  ])("%j is refused", (flags, message) => {
    const network = { ...none, ...flags };
    expect(() => netOptions(network)).toThrow(UsageError);
    expect(() => netOptions(network)).toThrow(message);
  });

  test.each(
    [
      [
        "connect",
        "1.2.3.4:80",
        "connect:1.2.3.4:80",
        "refused to connect to 1.2.3.4:80; --allow-net=connect:1.2.3.4:80",
      ],
      ["listen", "0.0.0.0:80", "listen:0.0.0.0:80", "refused to listen at 0.0.0.0:80; --allow-net=listen:0.0.0.0:80"],
      ["lookup", "a.test", "connect:a.test", "refused to look up a.test; --allow-net=connect:a.test"],
      ["lookup", "a\u001b[2J", "*", "refused to look up a\\u001b[2J; --allow-net=*"],
      ["connect", "*", "*", "refused a socket; --allow-net"],
    ] as const,
  )("tell of a refusal to %s %s", (action, target, rule, text) => {
    expect(refusalText({ action, target, rule }, "")).toBe(`${text} would allow it`);
  });
});

describe("reports", () => {
  test("have statuses", () => {
    expect(reportOf(new UsageError("Cannot x"))).toEqual({
      text: "wasirun: Cannot x\nTry wasirun --help.\n",
      status: 2,
    });
    expect(reportOf(new Error("Cannot y"))).toEqual({ text: "wasirun: Cannot y\n", status: 1 });
    expect(reportOf("text")).toEqual({ text: "wasirun: text\n", status: 1 });
  });

  test("of traps have the guest's stack, cut in the middle", () => {
    const short = reportOf(new TrapError("The guest trapped: x", ["inner", "outer"], new Error()));
    expect(short).toEqual({ text: "wasirun: The guest trapped: x\n    at inner\n    at outer\n", status: 134 });
    const frames = Array.from({ length: 100 }, (_, i) => `f${i}`);
    const lines = reportOf(new TrapError("deep", frames, new RangeError())).text.split("\n");
    const advised = reportOf(new TrapError("deep", [], new RangeError()), "do this").text;
    expect(advised).toBe("wasirun: deep; do this\n");
    expect(reportOf(new TrapError("deep", [], new Error()), "do this").text).toBe("wasirun: deep\n");
    expect(lines[0]).toBe("wasirun: deep; give it more with --stack-size");
    expect([lines[30], lines[32]]).toEqual(["    at f29", "    at f90"]);
    expect(lines[31]).toMatch(/\.\.\. 60 more \.\.\.$/);
    expect(lines.at(-2)).toBe("    at f99");
  });

  test("of missing permissions say what to do", () => {
    const error = Object.assign(new Error('Requires read access to "x", run again with the --allow-read flag'), {
      name: "NotCapable",
    });
    expect(reportOf(error).text).toBe(
      'wasirun: Cannot go on: Deno does not permit read access to "x"; run it with deno run --allow-read\n',
    );
  });
});
