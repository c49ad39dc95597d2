import { beforeAll, describe, expect, test } from "vitest";
import { instantiate, ModuleError, TrapError, WasiExit } from "wasirun";
import { cGuest, goGuest, watGuest } from "../tools/guests.ts";
import { assemble } from "../tools/wat.ts";

let reactor: WebAssembly.Module;

beforeAll(async () => {
  const { readFile } = await import("node:fs/promises");
  reactor = await WebAssembly.compile(new Uint8Array(await readFile(await goGuest("reactor"))));
});

describe("a reactor of Go", () => {
  test("is initialised once, and keeps its state from call to call", async () => {
    const guest = await instantiate(reactor, {});
    expect(await guest.call("add", 40, 2)).toBe(42);
    expect(await guest.call("add", 0x7fffffff, 1)).toBe(-0x80000000);
    expect(await guest.call("counted")).toBe(101);
    expect(await guest.call("counted")).toBe(102);
    await guest.close();
    const other = await instantiate(reactor);
    expect(await other.call("counted")).toBe(101);
    await other.close();
  });

  test("sleeps in an export while the host goes on", async () => {
    const guest = await instantiate(reactor, {});
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    expect(await guest.call("pause", 100)).toBeGreaterThanOrEqual(100n);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
    await guest.close();
  });

  test("panics: it writes why and, as Go does in a library, aborts by a trap", async () => {
    const guest = await instantiate(reactor, { stdout: "bytes", stderr: "text" });
    const error = await guest.call("throw").catch((error: unknown) => error) as TrapError;
    expect(error).toBeInstanceOf(TrapError);
    expect(error.guestStack.map((frame) => frame.split(" ")[0])).toEqual(
      expect.arrayContaining(["runtime.gopanic", "main.throw", "throw"]),
    );
    expect(guest.output()).toEqual({
      stdout: new Uint8Array(0),
      stderr: expect.stringContaining("thrown by an export"),
    });
    await guest.close();
  });

  test("exits in an export", async () => {
    const guest = await instantiate(reactor, {});
    const error = await guest.call("exit", 7).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(WasiExit);
    expect((error as WasiExit).code).toBe(7);
    await guest.close();
  });

  test("takes calls that overlap one after the other", async () => {
    const guest = await instantiate(reactor, {});
    const startMs = performance.now();
    const paused = await Promise.all([guest.call("pause", 60), guest.call("pause", 120), guest.call("add", 1, 2)]);
    expect(paused[0]).toBeGreaterThanOrEqual(60n);
    expect(paused[1]).toBeGreaterThanOrEqual(120n);
    expect(paused[2]).toBe(3);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(179);
    await guest.close();
  });

  test("is called no more after it has exited or trapped", async () => {
    for (const [name, message] of [["exit", "exited with code 7"], ["throw", "trapped"]] as const) {
      const guest = await instantiate(reactor, { stderr: "null" });
      await guest.call(name, ...(name === "exit" ? [7] : [])).catch(() => {});
      await expect(guest.call("add", 1, 2)).rejects.toThrow(`Cannot call "add": the guest has ${message}`);
      await guest.close();
    }
  });

  test("is stopped by a signal while it sleeps in an export", async () => {
    const controller = new AbortController();
    const guest = await instantiate(reactor, { signal: controller.signal });
    setTimeout(() => controller.abort("enough"), 30);
    await expect(guest.call("pause", 60_000)).rejects.toBe("enough");
    await guest.close();
  });
});

test("calls of a C program that overlap do not change each other's stack", async () => {
  const guest = await instantiate(await cGuest("overlap"));
  const calls = [50, 20, 35].map((ms) => guest.call("slow", ms));
  expect(await Promise.all(calls)).toEqual([0, 0, 0]);
  await guest.close();
});

describe("instantiate", () => {
  test("has the exports and the memory", async () => {
    const guest = await instantiate(reactor, {});
    expect(Object.keys(guest.exports)).toEqual(expect.arrayContaining(["memory", "_initialize", "add", "pause"]));
    expect(guest.memory).toBeInstanceOf(WebAssembly.Memory);
    await expect(guest.call("nothing")).rejects.toThrow(/"nothing".*exports no such function/);
    await expect(guest.call("memory")).rejects.toThrow(TypeError);
    await guest.close();
    await guest.close();
  });

  test("leaves a command to be started by the caller", async () => {
    const guest = await instantiate(await cGuest("isatty"), { stdin: { text: "" }, stdout: "text", stderr: "null" });
    expect(guest.output()).toEqual({ stdout: "" });
    const ended = await guest.call("_start").catch((error: unknown) => error);
    if (ended !== undefined) expect(ended).toMatchObject({ code: 0 });
    expect(guest.output().stdout).toMatch(/^0: 0\n1: 0\n/);
    await guest.close();
  });

  test("rejects with the trap of _initialize", async () => {
    const module = assemble(
      "init.wat",
      '(module (memory (export "memory") 1) (func $setup (export "_initialize") unreachable))',
    );
    const error = await instantiate(module).catch((error: unknown) => error) as TrapError;
    expect(error).toBeInstanceOf(TrapError);
    expect(error.guestStack[0]).toMatch(/^setup\b/);
  });

  test("rejects with the trap of a start function", async () => {
    const module = assemble(
      "start.wat",
      '(module (memory (export "memory") 1) (func $first unreachable) (start $first) (func (export "_initialize")))',
    );
    await expect(instantiate(module)).rejects.toThrow(TrapError);
  });

  test("rejects what is neither a command nor a reactor", async () => {
    await expect(instantiate(await watGuest("nostart"))).rejects.toThrow(ModuleError);
  });

  test("refuses wrong options", async () => {
    await expect(instantiate(reactor, { stdin: 1 } as object)).rejects.toThrow(TypeError);
  });
});
