/** The stacks of traps: names of Rust, files and lines of DWARF. */

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { instantiate, run, runSync, TrapError } from "wasirun";
import { cDebugGuest } from "../tools/guests.ts";
import { assemble } from "../tools/wat.ts";
import { RUNTIME } from "../tools/wasirun.ts";

const MANGLED = "_RNvNtCs1234_7example5parse6number";
const NAME = "example::parse::number";

const fails = `(func $${MANGLED} (export "fail") unreachable)`;
const command = assemble("command", `(module (memory (export "memory") 1) ${fails} (export "_start" (func 0)))`);
const reactor = assemble("reactor", `(module (memory (export "memory") 1) ${fails} (func (export "_initialize")))`);
const starting = assemble(
  "starting",
  `(module (memory (export "memory") 1) ${fails} (func (export "_start")) (start 0))`,
);
const initialising = assemble(
  "initialising",
  `(module (memory (export "memory") 1) ${fails} (export "_initialize" (func 0)))`,
);

async function trapOf(running: Promise<unknown>): Promise<TrapError> {
  const error = await running.then(() => undefined, (error: unknown) => error);
  expect(error).toBeInstanceOf(TrapError);
  return error as TrapError;
}

function namesOf({ guestStack }: TrapError): string[] {
  return guestStack.map((frame) => frame.replace(/ \(0x[0-9a-f]+\)$/, ""));
}

test("names of Rust are demangled in what a promise rejects with", async () => {
  expect(namesOf(await trapOf(run(command)))[0]).toBe(NAME);
  expect(namesOf(await trapOf(run(new WebAssembly.Module(command))))[0]).toBe(NAME);
  expect(namesOf(await trapOf(run(starting)))).toContain(NAME);
  expect(namesOf(await trapOf(instantiate(starting)))).toContain(NAME);
  expect(namesOf(await trapOf(instantiate(initialising)))[0]).toBe(NAME);
  const guest = await instantiate(reactor);
  expect(namesOf(await trapOf(guest.call("fail")))[0]).toBe(NAME);
  await guest.close();
});

test("runSync, which can't wait, leaves them as they are", () => {
  let thrown: unknown;
  try {
    runSync(command);
  } catch (error) {
    thrown = error;
  }
  expect(namesOf(thrown as TrapError)[0]).toBe(MANGLED);
});

test("files and lines stand before the offset, where the engine tells it", async () => {
  const bytes = new Uint8Array(await readFile(await cDebugGuest("trap_lines", 4)));
  const expected = RUNTIME === "bun" ? ["divide", "recurse", "recurse", "main"] : [
    "divide (trap_lines.c:3:12)",
    "recurse (trap_lines.c:8:10)",
    "recurse (trap_lines.c:7:25)",
    "main (trap_lines.c:13:10)",
  ];
  const seen = (await trapOf(run(bytes))).guestStack.slice(0, 4);
  expect(seen.map((frame) => frame.replace(/(?<=\()[^)]*\/(?=trap_lines)/, "").replace(/, 0x[0-9a-f]+/, ""))).toEqual(
    expected,
  );
  // There are no bytes to be read.
  const compiled = (await trapOf(run(await WebAssembly.compile(bytes)))).guestStack;
  expect(compiled[0]).toMatch(/^divide( \(0x[0-9a-f]+\))?$/);
});

test("a name of a module that is demangled does nothing to a terminal", async () => {
  // Punycode of a mark that writes from right to left.
  const path = assemble(
    "marks",
    `(module (memory (export "memory") 1) (func $_RNvC1au5a_pin (export "_start") unreachable))`,
  );
  const [frame = ""] = (await trapOf(run(path))).guestStack;
  expect(frame).toMatch(/^a::\\u202ea\b/);
});
