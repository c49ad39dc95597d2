/** Components where the runtime has no JavaScript Promise Integration, as Node 20 to 23. */

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ComponentExports, instantiate, run } from "wasirun";
import { mixedComponent, witComponent } from "../tools/component_guests.ts";
import { cGuest } from "../tools/guests.ts";

interface Exports extends ComponentExports {
  readonly api: { ask(key: string): string };
}

const integration = WebAssembly as { Suspending?: unknown };
const { Suspending } = integration;
const MESSAGE = /the guest can't be suspended: this runtime has no JavaScript Promise Integration\. Use Deno/;

beforeEach(() => {
  integration.Suspending = undefined;
});

afterEach(() => {
  integration.Suspending = Suspending;
});

describe("without JavaScript Promise Integration", () => {
  test("commands wait by blocking the thread", async () => {
    const result = { exitCode: 3, stdout: "random: 1\n2 arguments: 2 one\n" };
    const module = await cGuest("mixed");
    for (const guest of [module, await mixedComponent(module)]) {
      expect(await run(guest, { args: ["one"], stdout: "text" })).toEqual(result);
    }
  });

  test("a function of the caller that returns a promise ends the guest with what is missing", async () => {
    const host = { Blob: class {}, log: () => {}, fetch: async (): Promise<string> => await Promise.resolve("x") };
    Object.assign(host.Blob.prototype, { size: () => 0 });
    Object.assign(host.Blob, { join: (a: unknown) => a });
    const open = async () =>
      await instantiate<Exports>(await witComponent("library"), {
        imports: { "test:library/host": host },
      });
    const guest = await open();
    expect(() => guest.exports.api.ask("key")).toThrow(MESSAGE);
    const other = await open();
    await expect(other.call(other.exports.api.ask, "key")).rejects.toThrow(MESSAGE);
    await guest.close();
    await other.close();
  });

  test.each([["a signal", { signal: new AbortController().signal }], ["a network", { net: { allow: true } }]] as const)(
    "%s is refused",
    async (_, options) => {
      await expect(run(await mixedComponent(await cGuest("mixed")), options)).rejects.toThrow(MESSAGE);
    },
  );
});
