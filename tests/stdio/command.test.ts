import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cGuest, goGuest, watGuest } from "../tools/guests.ts";
import { RUNTIME, shell, startWasirun, wasirun } from "../tools/wasirun.ts";
import { isInstalled, NON_BLOCKING, openFlags } from "./open_flags.ts";

const MEBIBYTE = 1024 * 1024;
const retries = RUNTIME === "deno" ? 2 : 0;

let folder: string;
let big: Uint8Array;
let bigFile: string;
const guests: Record<string, { cat: string; isatty: string }> = {};

beforeAll(async () => {
  folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-stdio-"));
  guests["Go"] = { cat: await goGuest("cat"), isatty: await goGuest("isatty") };
  guests["C"] = { cat: await cGuest("cat"), isatty: await cGuest("isatty") };
  big = new Uint8Array(5 * MEBIBYTE + 12_345);
  for (let i = 0; i < big.length; i++) big[i] = Math.imul(i, 2654435761) >>> 21;
  bigFile = join(folder, "big");
  fs.writeFileSync(bigFile, big);
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

function isSame(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, big) === 0;
}

for (const language of ["Go", "C"]) {
  describe(`a guest in ${language}`, () => {
    const cat = (): string => guests[language]!.cat;

    test("copies 5 MiB of binary data from a file to a file", async () => {
      const out = join(folder, `${language}.out`);
      const { status, stderr } = await shell(`"$@" < ${bigFile} > ${out}`, [cat()]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(isSame(fs.readFileSync(out))).toBe(true);
    });

    test.each(["posix", "runtime"])("is told that its input is a directory, on the platform %s", async (platform) => {
      const { status, stderr } = await shell('"$@" < .', ["--platform", platform, cat()]);
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/is a directory/i) });
    });

    test("copies them from a pipe to a pipe", async () => {
      const result = await shell(`cat ${bigFile} | "$@" | cat`, [cat()]);
      expect(result.stderr).toBe("");
      expect(isSame(result.bytes)).toBe(true);
    });

    test("copies them from a socket to a socket", async () => {
      const result = await wasirun([cat()], { stdin: big });
      expect({ status: result.status, stderr: result.stderr }).toEqual({ status: 0, stderr: "" });
      expect(isSame(result.bytes)).toBe(true);
    });

    test("loses nothing to a reader that is slow to begin", async () => {
      const result = await shell(
        `"$@" < ${bigFile} | { sleep 0.3; dd bs=1000 count=20 2>/dev/null; sleep 0.2; cat; }`,
        [cat()],
      );
      expect(result.stderr).toBe("");
      expect(isSame(result.bytes)).toBe(true);
    });

    // Deno's own write does not tell how much of it a full pipe took: once in some hundred runs bytes came twice.
    test("loses nothing to pipes that another process made non-blocking", { retry: retries }, async (context) => {
      if (!isInstalled("python3")) context.skip("python3 is not there, which makes a pipe non-blocking");
      const setUp =
        "import os,sys; os.set_blocking(0,False); os.set_blocking(1,False); os.execvp(sys.argv[1],sys.argv[1:])";
      const out = join(folder, "through_pipes");
      const script = `{ sleep 0.2; cat ${bigFile}; } | python3 -c '${setUp}' "$@" | { sleep 0.3; cat; } > ${out}`;
      const { stderr } = await shell(script, [cat()]);
      expect(stderr).toBe("");
      expect(fs.statSync(out).size).toBe(big.length);
      expect(isSame(fs.readFileSync(out))).toBe(true);
    });

    test("reads nothing from /dev/null, a closed descriptor, an empty file and an empty pipe", async () => {
      for (const redirect of ["< /dev/null", "<&-", `< ${join(folder, "empty")}`, "| :"]) {
        fs.writeFileSync(join(folder, "empty"), "");
        const script = redirect === "| :" ? ': | "$@"' : `"$@" ${redirect}`;
        const { status, stdout, signal } = await shell(script, [cat()]);
        expect({ redirect, stdout, signal }).toEqual({ redirect, stdout: "", signal: null });
        if (redirect !== "<&-") expect({ redirect, status }).toEqual({ redirect, status: 0 });
      }
    });

    test("goes on in a file where the shell stopped reading, and appends where the shell wrote", async () => {
      const [input, output] = [join(folder, "lines"), join(folder, `${language}.appended`)];
      fs.writeFileSync(input, "first\nsecond\nthird\n");
      const script =
        `{ read line; echo "shell: $line"; "$@"; echo done; } < ${input} > ${output}; "$@" < ${input} >> ${output}`;
      expect((await shell(script, [cat()])).status).toBe(0);
      expect(fs.readFileSync(output, "utf8")).toBe("shell: first\nsecond\nthird\ndone\nfirst\nsecond\nthird\n");
    });

    test("ends as by SIGPIPE when its reader goes away", async () => {
      const { stderr } = await shell(`{ "$@" < ${bigFile}; echo "status $?" >&2; } | head -c 1`, [cat()]);
      expect(stderr).toBe("status 141\n");
    });
  });
}

describe("isatty", () => {
  /** What the guest says of its streams: in Go if they are character devices, in C if they are terminals. */
  async function told(language: string, script: string): Promise<string[]> {
    const { stdout, stderr, status } = await shell(script, [guests[language]!.isatty]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout.trim().split("\n");
  }

  test("is false for pipes, sockets and files", async () => {
    const file = join(folder, "tty");
    for (const [language, no] of [["Go", "false"], ["C", "0"]] as const) {
      const none = [`0: ${no}`, `1: ${no}`, `2: ${no}`];
      expect(await told(language, 'echo | "$@" 2>&1 | cat')).toEqual(none);
      expect(await told(language, `"$@" < ${bigFile} > ${file} 2> ${file}.err; cat ${file}`)).toEqual(none);
      const { stdout } = await wasirun([guests[language]!.isatty], { stdin: { text: "" } });
      expect(stdout.trim().split("\n")).toEqual(none);
    }
  });

  test("is false for /dev/null and closed descriptors, although they are character devices", async () => {
    expect(await told("C", '"$@" < /dev/null 2> /dev/null')).toEqual(["0: 0", "1: 0", "2: 0"]);
    expect(await told("C", '"$@" <&- 2>&-')).toEqual(["0: 0", "1: 0", "2: 0"]);
    expect(await told("Go", '"$@" < /dev/null 2> /dev/null')).toEqual(["0: true", "1: false", "2: true"]);
  });
});

describe("closed descriptors", () => {
  test("are no crash, whichever are closed", async () => {
    const hello = await goGuest("hello");
    for (const closed of ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"]) {
      const { status, signal, stderr } = await shell(`"$@" ${closed}`, [hello]);
      expect({ closed, status, signal, stderr }).toEqual({ closed, status: 0, signal: null, stderr: "" });
    }
    expect((await shell('"$@" 2>&-', [await goGuest("panic")])).status).toBe(2);
    expect((await shell('"$@" >&- 2>&-', [join(folder, "none.wasm")])).status).toBe(1);
  });
});

describe("a reader that goes away", () => {
  test("ends the guest that writes as SIGPIPE would, though it would handle the error", async () => {
    const { stdout, stderr } = await shell('{ "$@"; echo "status $?" >&2; } | head -n 1', [await goGuest("epipe")]);
    expect({ stdout, stderr }).toEqual({ stdout: "line 0\n", stderr: "status 141\n" });
  });

  test("ends a guest that ignores the error and sleeps in between", async () => {
    const ticker = await goGuest("ticker");
    const go = await shell('{ "$@"; echo "status $?" >&2; } | head -n 2', [ticker], { stdin: "pipe" });
    expect({ stdout: go.stdout, stderr: go.stderr }).toEqual({ stdout: "tick\ntick\n", stderr: "status 141\n" });
    const wat = await shell('{ "$@"; echo "status $?" >&2; } | head -n 2', [await watGuest("tick")]);
    expect({ stdout: wat.stdout, stderr: wat.stderr }).toEqual({ stdout: "tick\ntick\n", stderr: "status 141\n" });
  });

  test("ends the guest on a socket too", async () => {
    const running = startWasirun([await goGuest("epipe")]);
    await running.printed("line 0");
    running.stopReading();
    expect(await running.ended).toMatchObject({ status: 141, stderr: "" });
  });

  test("is shown in the trace as a call that did not return", async () => {
    const { stderr } = await shell('"$@" | head -n 2', ["--trace", await watGuest("tick")]);
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/^fd_write\(1, 5 bytes\)$/);
  });

  test("of standard error does not stop the guest", async () => {
    const { stderr } = await shell('{ { "$@"; echo "status $?" >&3; } 2>&1 >/dev/null | :; } 3>&2', [
      await goGuest("panic"),
    ]);
    expect(stderr).toBe("status 2\n");
  });

  test("of the command's own message does not change its status", async () => {
    const { stderr } = await shell('{ { "$@"; echo "status $?" >&3; } 2>&1 | :; } 3>&2', [join(folder, "none.wasm")]);
    expect(stderr).toBe("status 1\n");
  });
});

describe("while standard input waits", () => {
  /** In a script: waits until a file has a number of lines with a text. */
  function untilLines(file: string, text: string, count: number): string {
    return `until [ "$(cat ${file} 2>/dev/null | grep -c '${text}')" -ge ${count} ]; do sleep 0.05; done`;
  }

  /** `script` is given the path that the guest writes to, and what writes a line once the guest has ticked. */
  async function expectTicks(script: (out: string, writeLine: string) => string): Promise<void> {
    const out = join(folder, "ticks");
    fs.rmSync(out, { force: true });
    const writeLine = `${untilLines(out, "tick", 5)}; echo line`;
    const { status, stderr } = await shell(script(out, writeLine), [await goGuest("ticker")]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const stdout = fs.readFileSync(out, "utf8");
    expect(stdout).toContain("echo: line\n");
    expect(Number(/ticks before the first line: (\d+)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(5);
  }

  test("goroutines go on: a pipe", async () => {
    await expectTicks((out, writeLine) => `{ ${writeLine}; } | "$@" > ${out}`);
  });

  test("goroutines go on: a FIFO", async () => {
    const fifo = join(folder, "fifo");
    await expectTicks((out, writeLine) => `mkfifo ${fifo}; { ${writeLine}; } > ${fifo} & "$@" < ${fifo} > ${out}`);
  });

  test("goroutines go on: a socket", async () => {
    const running = startWasirun([await goGuest("ticker")], { stdin: "pipe" });
    await running.printed("tick\ntick\ntick\n");
    running.write("line\n");
    await running.printed("echo: line");
    running.endInput();
    const { stdout, status } = await running.ended;
    expect(status).toBe(0);
    expect(Number(/ticks before the first line: (\d+)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(3);
  });

  test("poll of C times out, and wakes up for input and for the end", async () => {
    const poll = await cGuest("pollstdin");
    const out = join(folder, "polled");
    await shell(`{ ${untilLines(out, "", 1)}; } | "$@" > ${out}`, [poll, "50"]);
    expect(fs.readFileSync(out, "utf8")).toBe("timeout\n");
    expect((await shell('{ sleep 0.3; printf hello; sleep 0.1; } | "$@"', [poll, "100000"])).stdout).toMatch(
      /^readable.*\n5 bytes: hello\n$/,
    );
    expect((await shell('sleep 0.1 | "$@"', [poll, "-1"])).stdout).toBe("readable, hung up\n0 bytes: \n");
    expect((await shell(`"$@" < /dev/null`, [poll, "-1"])).stdout).toMatch(/^readable.*\n0 bytes: \n$/);
    expect((await shell(`printf content > ${folder}/c; "$@" < ${folder}/c`, [poll, "-1"])).stdout).toMatch(
      /^readable.*\n7 bytes: content\n$/,
    );
  });

  test("C reads without waiting once it asked for that, and waits again afterwards", async () => {
    const out = join(folder, "nonblock");
    const script = `{ ${untilLines(out, "flags: blocking", 2)}; printf hello; } | "$@" > ${out}`;
    await shell(script, [await cGuest("nonblock")]);
    expect(fs.readFileSync(out, "utf8")).toBe(
      "flags: blocking\nflags: non-blocking\nread: Resource temporarily unavailable\nflags: blocking\nread 5 bytes: hello\n",
    );
  });
});

describe("what others share", () => {
  test("is not read by a guest that does not read: the next program finds it", async () => {
    const { stdout } = await shell('printf "for the next" | { "$@"; cat; }', [await goGuest("hello")]);
    expect(stdout).toBe("Hello, WASI\nfor the next");
  });

  test("is not made non-blocking: pipes, while a guest waits and afterwards", async () => {
    const during = join(folder, "during");
    const script = `{ sleep 1.2; echo line; } | {
      exec 3<&0 4>&1
      { sleep 0.9; cat /proc/self/fdinfo/3 /proc/self/fdinfo/4 > ${during}; } &
      "$@"
      cat /proc/self/fdinfo/3 /proc/self/fdinfo/4 >&2
      wait
    } | cat`;
    for (const guest of [await goGuest("ticker"), await cGuest("cat"), await goGuest("cat")]) {
      const { stderr } = await shell(script, [guest]);
      const flags = [...openFlags(fs.readFileSync(during, "utf8")), ...openFlags(stderr)];
      expect(flags.length).toBe(4);
      expect(flags.map((flag) => flag & NON_BLOCKING)).toEqual([0, 0, 0, 0]);
    }
  });

  test("is not made non-blocking by a module that comes from standard input", async () => {
    const hello = await goGuest("hello");
    const script =
      `{ sleep 0.8; cat ${hello}; } | { exec 3<&0; { sleep 0.5; cat /proc/self/fdinfo/3 >&2; } & "$@"; wait; }`;
    const { stdout, stderr } = await shell(script, ["-"]);
    expect(stdout).toBe("Hello, WASI\n");
    expect(openFlags(stderr).map((flag) => flag & NON_BLOCKING)).toEqual([0]);
  });
});
