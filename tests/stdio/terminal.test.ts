import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { cGuest, goGuest } from "../tools/guests.ts";
import { CLI, runtimeCommand, startCommand, type WasirunResult } from "../tools/wasirun.ts";
import { isInstalled, NON_BLOCKING, openFlags } from "./open_flags.ts";

const NO_SCRIPT = "script of util-linux is not there, which makes a terminal";

/** What a script prints before the command that is typed to. */
const READY = "ready";

/** A program of the library. */
const HOST = join(import.meta.dirname, "terminal_host.ts");

/** What a terminal hands on as the end of input. */
const CONTROL_D = "\x04";

/** A word for the shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Run a shell script in a terminal. `wasirun` in it is the command with these arguments. `input` is typed a while after the script
 * has printed `prompt`; everything the terminal shows is in `stdout`, with plain line ends.
 */
async function inTerminal(
  script: string,
  args: readonly string[],
  input: string = "",
  prompt: string = READY,
): Promise<WasirunResult & { shown: string }> {
  const words = [...runtimeCommand(CLI), ...args].map(quoted).join(" ");
  const running = startCommand(["script", "-qefc", script.replaceAll("wasirun", words), "/dev/null"], {
    stdin: "pipe",
  });
  if (input !== "") {
    await running.printed(prompt);
    await sleep(800);
    running.write(input);
  }
  // What is typed ends with the terminal, not before.
  const result = await running.ended;
  running.endInput();
  return { ...result, shown: result.stdout.replaceAll("\r\n", "\n") };
}

/** Type the pieces to a command in a terminal, each as soon as the command has shown what stands before it. */
async function typedInTerminal(command: readonly string[], pieces: readonly [shown: string, typed: string][]) {
  const running = startCommand(["script", "-qefc", `stty -echo; exec ${command.map(quoted).join(" ")}`, "/dev/null"], {
    stdin: "pipe",
  });
  for (const [shown, typed] of pieces) {
    await running.printed(shown);
    // The command is to wait in its read, or in its poll, before there is anything.
    await sleep(200);
    running.write(typed);
  }
  const result = await running.ended;
  running.endInput();
  return { status: result.status, shown: result.stdout.replaceAll("\r\n", "\n") };
}

describe("the end of input at a terminal", () => {
  const hosts: [string, readonly string[]][] = [
    ["the command", runtimeCommand(CLI)],
    ["the command on the runtime's platform", [...runtimeCommand(CLI), "--platform=runtime"]],
  ];
  for (const way of ["run", "runSync"]) {
    for (const platform of ["runtime", "posix"]) {
      hosts.push([`${way} on the platform ${platform}`, [...runtimeCommand(HOST), way, platform]]);
    }
  }

  test.for(hosts)("reaches a guest once, which may then read on: %s", async ([, host], context) => {
    if (!isInstalled("script")) context.skip(NO_SCRIPT);
    for (const how of ["read", "poll"]) {
      const command = [...host, await cGuest("two_inputs"), how];
      const { shown, status } = await typedInTerminal(command, [
        ["ready", "first\n"],
        ["6 bytes", CONTROL_D],
        ["end", "next\n"],
        ["5 bytes", CONTROL_D],
      ]);
      expect({ how, shown, status }).toEqual({ how, shown: "ready\n6 bytes\nend\n5 bytes\nend\n", status: 0 });
    }
  });
});

describe("in a terminal", () => {
  test("isatty is true for all three streams", async (context) => {
    if (!isInstalled("script")) context.skip(NO_SCRIPT);
    expect((await inTerminal("wasirun", [await cGuest("isatty")])).shown).toBe("0: 1\n1: 1\n2: 1\n");
    expect((await inTerminal("wasirun", [await goGuest("isatty")])).shown).toBe("0: true\n1: true\n2: true\n");
  });

  test("isatty is true for those that are not redirected", async (context) => {
    if (!isInstalled("script")) context.skip(NO_SCRIPT);
    const guest = await cGuest("isatty");
    expect((await inTerminal("wasirun < /dev/null", [guest])).shown).toBe("0: 0\n1: 1\n2: 1\n");
    expect((await inTerminal("wasirun | cat", [guest])).shown).toBe("0: 1\n1: 0\n2: 1\n");
    expect((await inTerminal("wasirun 2>/dev/null", [guest])).shown).toBe("0: 1\n1: 1\n2: 0\n");
  });

  test("a guest ticks while it waits for a line, reads it, and the end of input", async (context) => {
    if (!isInstalled("script")) context.skip(NO_SCRIPT);
    const { shown, status } = await inTerminal(
      "stty -echo; wasirun",
      [await goGuest("ticker")],
      "line\n\x04",
      "tick\r\n".repeat(5),
    );
    expect(shown).toContain("echo: line\n");
    expect(Number(/ticks before the first line: (\d+)/.exec(shown)?.[1])).toBeGreaterThanOrEqual(5);
    expect(status).toBe(0);
  });

  test("it is not made non-blocking, while a guest waits and afterwards", async (context) => {
    if (!isInstalled("script")) context.skip(NO_SCRIPT);
    const look = "cat /proc/self/fdinfo/0 /proc/self/fdinfo/1";
    const script = `{ sleep 0.6; ${look}; } 0<&0 & echo ready; wasirun; ${look}; wait`;
    const { shown } = await inTerminal(`stty -echo; ${script}`, [await goGuest("cat")], "line\n\x04");
    expect(shown).toContain("line\n");
    const flags = openFlags(shown);
    expect(flags.length).toBe(4);
    expect(flags.map((flag) => flag & NON_BLOCKING)).toEqual([0, 0, 0, 0]);
  });

  test("its settings are the same afterwards", async (context) => {
    if (!isInstalled("script")) context.skip(NO_SCRIPT);
    const { shown } = await inTerminal(
      "stty -g; echo ready; wasirun > /dev/null; stty -g",
      [await goGuest("cat")],
      "line\n\x04",
    );
    const [before, ...rest] = shown.split("\n").filter((line) => /^[0-9a-f:]{40,}/.test(line));
    expect(rest).toEqual([before]);
  });
});
