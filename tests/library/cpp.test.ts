/** C++ that is compiled with exceptions of WebAssembly (`-fwasm-exceptions`). */

import { beforeAll, describe, expect, test } from "vitest";
import { run, type RunOptions, runSync, TrapError } from "wasirun";
import { posix } from "wasirun/posix";
import { cppGuest } from "../tools/guests.ts";

let guest: string;

beforeAll(async () => {
  guest = await cppGuest("exit");
}, 300_000);

const PLATFORMS: readonly (readonly [name: string, options: RunOptions])[] = [
  ["the runtime", {}],
  ["posix", { platform: posix() }],
];

describe.each(PLATFORMS)("on the platform of %s", (_, options) => {
  test("exit() runs no destructors, no handlers, and no std::terminate below noexcept", async () => {
    const expected = { exitCode: 7, stdout: "a destructor has run\ncaught\nexiting\n" };
    expect(await run(guest, { ...options, stdout: "text" })).toEqual(expected);
    expect(runSync(guest, { ...options, stdout: "text" })).toEqual(expected);
  });

  test("an exception that nobody catches is a trap", async () => {
    const given = { ...options, args: ["throw"], stdout: "null" } as const;
    const message = /^The guest trapped: uncaught WebAssembly exception/;
    await expect(run(guest, given)).rejects.toThrow(message);
    expect(() => runSync(guest, given)).toThrow(TrapError);
  });
});
