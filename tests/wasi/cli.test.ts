/** `wasi:cli` on the platforms. */

import { describe, expect, test } from "vitest";
import type { PlatformStream } from "../../src/contract/platform.ts";
import { Readiness } from "../../src/contract/pollable.ts";
import { memoryPlatform } from "../../src/platform/memory/platform.ts";
import { MemoryInput, MemoryOutput } from "../../src/platform/memory/stdio.ts";
import { Errno } from "../../src/witx/errno.ts";
import { Filetype } from "../../src/witx/types.ts";
import { FakeComponent, FakeExit, fakeGuest, type FakeGuestOptions } from "./fake_context.ts";
import { StreamGuest } from "./stream_guest.ts";

const ENVIRONMENT = "wasi:cli/environment@0.2";

function componentOf(options: FakeGuestOptions): FakeComponent {
  return new FakeComponent(fakeGuest(memoryPlatform(), options));
}

describe("wasi:cli/environment", () => {
  test("passes on arguments, variables and the working directory", () => {
    const component = componentOf({ args: ["app", "ä"], env: [["A", "1"], ["B", ""]], cwd: "/data" });
    expect(component.value(ENVIRONMENT, "get-arguments")).toEqual(["app", "ä"]);
    expect(component.value(ENVIRONMENT, "get-environment")).toEqual([["A", "1"], ["B", ""]]);
    expect(component.value(ENVIRONMENT, "initial-cwd")).toBe("/data");
  });

  test.each<[string, FakeGuestOptions]>([
    ['argument 1 to a component: "\\xff" is not UTF-8', { args: ["app", "\udcff"] }],
    ['the name of a variable to a component: "N\\xe4" is not UTF-8', { env: [["N\udce4", "1"]] }],
    ['the variable NAME to a component: "\\xe4" is not UTF-8', { env: [["NAME", "\udce4"]] }],
    ['the working directory to a component: "/\\xe4" is not UTF-8', { cwd: "/\udce4" }],
  ])("refuses bytes: %s", (message, options) => {
    expect(() => componentOf(options).find(ENVIRONMENT)).toThrow(message);
  });
});

describe("wasi:cli/exit", () => {
  const exit = (name: string, argument: number): unknown => {
    try {
      return componentOf({}).call("wasi:cli/exit@0.2", name, argument);
    } catch (error) {
      if (error instanceof FakeExit) return error.code;
      throw error;
    }
  };

  test("ends the guest with a code", () => {
    expect([exit("exit", 0), exit("exit", 1)]).toEqual([0, 1]);
    expect([exit("exit-with-code", 7), exit("exit-with-code", 255), exit("exit-with-code", 256)]).toEqual([7, 255, 0]);
    expect(() => exit("exit", 2)).toThrow("invalid variant discriminant");
  });
});

/** An output whose reader is gone. */
class BrokenPipe implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: Filetype = Filetype.UNKNOWN;
  readonly isTerminal = false;
  readonly needsEventLoop = false;
  read = (): number => -Errno.BADF;
  write = (): number => -Errno.PIPE;
  flush = (): number => -Errno.PIPE;
  readableBytes = (): number => 0;
  writableBytes = (): number => -Errno.PIPE;
  readiness = (): number => Readiness.HANGUP;
  subscribe = (): undefined => undefined;
  fstat = (): number => 0;
  close(): number {
    throw new Error("the standard streams belong to the process");
  }
}

describe("the standard streams", () => {
  const guestOf = (options: FakeGuestOptions): StreamGuest => new StreamGuest(memoryPlatform(), options);
  const get = (guest: StreamGuest, name: string): number => guest.call(`wasi:cli/${name}@0.2`, `get-${name}`) as number;

  test("are read and written, and survive that a handle is dropped", () => {
    const stdin = new MemoryInput();
    const [stdout, stderr] = [new MemoryOutput(), new MemoryOutput()];
    const guest = guestOf({ stdio: { stdin, stdout, stderr } });
    stdin.push("input");
    const input = get(guest, "stdin");
    expect(guest.read("read", input, 2)).toBe("in");
    guest.dropStream("input", input);
    expect(guest.read("blocking-read", get(guest, "stdin"), 10)).toBe("put");
    const output = get(guest, "stdout");
    expect(guest.write("blocking-write-and-flush", output, "one ")).toBe("ok");
    guest.dropStream("output", output);
    expect(guest.write("write", get(guest, "stdout"), "two")).toBe("ok");
    expect(guest.write("write", get(guest, "stderr"), "error")).toBe("ok");
    expect([stdout.text(), stderr.text()]).toEqual(["one two", "error"]);
  });

  test("are read ahead for small reads only, and never from a terminal", () => {
    const lengths: number[] = [];
    const stdin = new MemoryInput();
    const read = stdin.read.bind(stdin);
    stdin.read = (bytes, start, length) => {
      lengths.push(length);
      return read(bytes, start, length);
    };
    const text = "0123456789".repeat(100);
    stdin.push(text);
    const guest = guestOf({ stdio: { stdin } });
    const input = get(guest, "stdin");
    const pollable = guest.subscribe("input", input);
    expect(guest.read("read", input, 1)).toBe("0");
    expect(guest.ready(pollable)).toBe(true);
    expect(guest.read("read", get(guest, "stdin"), 2)).toBe("12");
    expect(guest.count("input-stream.skip", input, 1n)).toBe(1);
    expect(guest.read("blocking-read", input, 5000)).toBe(text.slice(4));
    expect(lengths).toEqual([4096]);
    expect(guest.ready(pollable)).toBe(false);
    stdin.push(text);
    expect(guest.read("read", input, 300)).toBe(text.slice(0, 300));
    stdin.end();
    expect(guest.read("read", input, 1)).toBe("0");
    expect(guest.read("read", input, 1000)).toBe(text.slice(301));
    expect(guest.read("read", input, 1)).toBe("closed");
    expect(lengths).toEqual([4096, 300, 4096, 4096]);

    const terminal = Object.assign(new MemoryInput(), { isTerminal: true }) as MemoryInput;
    terminal.push("line");
    const other = guestOf({ stdio: { stdin: terminal } });
    expect(other.read("read", get(other, "stdin"), 1)).toBe("l");
    expect(terminal.readableBytes()).toBe(3);
  });

  test("keep the order of what is written through several handles", () => {
    let room = 3;
    const stdout = new MemoryOutput();
    const write = stdout.write.bind(stdout);
    stdout.write = (bytes, start, length) => {
      if (room === 0) return -Errno.AGAIN;
      const count = write(bytes, start, Math.min(length, room));
      room -= count;
      return count;
    };
    const guest = guestOf({ stdio: { stdout } });
    const first = get(guest, "stdout");
    const second = get(guest, "stdout");
    guest.write("write", first, "first ");
    expect(guest.count("output-stream.check-write", second)).toBe(0);
    guest.dropStream("output", first);
    room = Infinity;
    expect(guest.count("output-stream.check-write", second)).toBe(65_536);
    guest.write("write", second, "second");
    expect(stdout.text()).toBe("first second");
  });

  test("tell that nobody reads standard output, and never fail for standard error", () => {
    let broken = 0;
    const pipe = new BrokenPipe();
    const guest = guestOf({ stdio: { stdout: pipe, stderr: pipe }, brokenPipe: () => void broken++ });
    const stdout = get(guest, "stdout");
    expect(guest.write("blocking-write-and-flush", stdout, "x")).toBe("closed");
    expect(guest.count("output-stream.check-write", stdout)).toBe("closed");
    expect(broken).toBe(1);
    const stderr = get(guest, "stderr");
    expect(guest.write("blocking-write-and-flush", stderr, "x")).toBe("ok");
    expect(guest.write("write", stderr, "x")).toBe("ok");
    expect(broken).toBe(3);
    guest.dropStream("output", stdout);
    guest.dropStream("output", stderr);
  });

  test("tell the code of an error: a directory as standard input, a full disk as standard output", () => {
    const stdin = new MemoryInput();
    stdin.read = () => -Errno.ISDIR;
    const stdout = new MemoryOutput();
    stdout.write = () => -Errno.NOSPC;
    const guest = guestOf({ stdio: { stdin, stdout } });
    for (const length of [1, 1000]) {
      expect(guest.read("read", get(guest, "stdin"), length)).toBe("failed with ISDIR");
      expect(guest.fileCode).toBe("is-directory");
    }
    expect(guest.write("blocking-write-and-flush", get(guest, "stdout"), "x")).toBe("failed with NOSPC");
    expect(guest.fileCode).toBe("insufficient-space");
    const socket = guest.input({ origin: "sockets", pollable: undefined, read: () => -Errno.CONNRESET });
    expect(guest.read("read", socket, 1)).toBe("failed with CONNRESET");
    expect(guest.fileCode).toBeUndefined();
  });

  test("say which of them are terminals", () => {
    const terminal = Object.assign(new MemoryOutput(), { isTerminal: true }) as unknown as PlatformStream;
    const component = componentOf({ stdio: { stdout: terminal } });
    const isTerminal = (name: string): boolean =>
      component.value(`wasi:cli/terminal-${name}@0.2`, `get-terminal-${name}`) !== undefined;
    expect(["stdin", "stdout", "stderr"].map(isTerminal)).toEqual([false, true, false]);
    const type = component.find("wasi:cli/terminal-output@0.2").resources["terminal-output"];
    expect(component.find("wasi:cli/terminal-stdout@0.2").resources["terminal-output"]).toBe(type);
  });
});

describe("the registry", () => {
  test("makes each interface once, and knows no others", () => {
    const component = componentOf({});
    expect(component.find(ENVIRONMENT)).toBe(component.find(ENVIRONMENT));
    expect(component.interfaces.find("wasi:cli/environment@0.9")).toBeUndefined();
    expect(component.interfaces.find("constructor")).toBeUndefined();
  });
});
