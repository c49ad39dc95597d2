/** What a component has written is written, though it has ended. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run, TrapError } from "wasirun";
import { Interrupt } from "../../src/core/io/interrupt.ts";
import { memoryPlatform } from "../../src/platform/memory/platform.ts";
import { canSuspend } from "../../src/runtime/jspi.ts";
import { command } from "../tools/command.ts";
import { witComponent } from "../tools/component_guests.ts";
import { CLI, runtimeCommand } from "../tools/wasirun.ts";
import { ScriptedSink } from "./scripted_ends.ts";
import { StreamGuest } from "./stream_guest.ts";

describe.skipIf(process.platform === "win32")("a component that exits with output in its queue", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wasirun-late-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs the command with a reader behind it. @returns Its exit code. */
  async function readBy(reader: string, guest = "late_output"): Promise<string> {
    const words = [...runtimeCommand(CLI), await witComponent(guest)].map((word) => `'${word}'`).join(" ");
    await command("sh", ["-c", `(${words} 2> errors; echo $? > code) | (${reader})`], { cwd: folder });
    return readFileSync(join(folder, "code"), "utf8").trim();
  }

  test("waits for its reader", async () => {
    expect(await readBy("sleep 0.5; cat > out")).toBe("3");
    expect(readFileSync(join(folder, "out"))).toHaveLength(131_072);
  });

  test("waits for its reader after a trap", async () => {
    expect(await readBy("sleep 0.5; cat > out", "late_trap")).toBe("134");
    expect(readFileSync(join(folder, "out"))).toHaveLength(131_072);
    expect(readFileSync(join(folder, "errors"), "utf8")).toMatch(/unreachable/i);
  });

  test("ends with a signal if nobody reads it", async () => {
    // It may have closed the pipe before the component starts.
    expect(await readBy("head -c 1 > out")).toBe("141");
  });
});

test("the end of a guest does not interrupt the writing of its queue", async () => {
  const interrupt = new Interrupt();
  const guest = new StreamGuest(memoryPlatform({ clock: "real" }), { mode: "suspend", interrupt });
  const sink = new ScriptedSink(0);
  guest.write("write", guest.output(sink), "late");
  interrupt.raise(new Error("exit"));
  const flushed = guest.interfaces.flushed();
  sink.allow(4);
  await flushed;
  expect(sink.text).toBe("late");
});

test("an abort ends the writing of the queue", async () => {
  const guest = new StreamGuest(memoryPlatform({ clock: "real" }), { mode: "suspend" });
  guest.write("write", guest.output(new ScriptedSink(0)), "late");
  const abort = new Interrupt();
  const flushed = guest.interfaces.flushed(abort);
  const reason = new Error("enough");
  abort.raise(reason);
  await expect(flushed).rejects.toBe(reason);
});

describe.skipIf(!canSuspend())("a component whose output is not read", () => {
  test.each(["late_output", "late_trap"])("is given up when its signal is aborted: %s", async (name) => {
    const controller = new AbortController();
    // The guest does not wait: it has ended when the first block arrives.
    const write = (): Promise<void> => {
      setTimeout(() => controller.abort(new Error("enough")), 20);
      return new Promise(() => {});
    };
    const stdout = new WritableStream<Uint8Array>({ write });
    const result = run(await witComponent(name), { stdout, signal: controller.signal });
    await expect(result).rejects.toThrow(name === "late_trap" ? TrapError : "enough");
  });
});
