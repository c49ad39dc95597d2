/** Whatever a guest passes to a function that is lowered by hand, it gets a result or a trap: the host never fails. */

import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { ComponentTrap } from "../../src/component/link/trap.ts";
import { syncLowerSignature } from "../../src/component/types/flat.ts";
import { Mount } from "../../src/core/fs/mounted_directory.ts";
import { memoryDirectory } from "../../src/platform/memory/fs/tree.ts";
import { memoryPlatform } from "../../src/platform/memory/platform.ts";
import { FakeExit } from "./fake_context.ts";
import { ScriptedSink, ScriptedSource } from "./scripted_ends.ts";
import { StreamGuest } from "./stream_guest.ts";
import { importsOfWorld } from "./wit_functions.ts";

/** A function, with the types of its core parameters. */
interface Lowered {
  readonly interfaceName: string;
  readonly name: string;
  readonly params: readonly string[];
}

const EDGES = [
  0,
  1,
  2,
  3,
  4,
  7,
  8,
  12,
  16,
  255,
  1024,
  4096,
  65_520,
  65_528,
  65_535,
  65_536,
  -1,
  -4,
  -8,
  -16,
  2 ** 31 - 1,
];
const i32 = fc.oneof(fc.constantFrom(...EDGES), fc.integer({ min: 1, max: 24 }));
const i64 = fc.oneof(i32.map(BigInt), fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 32n));

function guestWithHandles(): StreamGuest {
  const mounts = [new Mount("/", memoryDirectory({ file: "content", folder: { "1": "" } }))];
  const guest = new StreamGuest(memoryPlatform({ clock: "real", stdin: "input" }), { mounts });
  for (const content of ["", "some input"]) {
    const input = guest.input(new ScriptedSource().push(content));
    const output = guest.output(new ScriptedSink(content.length));
    guest.subscribe("input", input);
    guest.subscribe("output", output);
  }
  guest.call("wasi:cli/stdin@0.2", "get-stdin");
  guest.call("wasi:cli/stdout@0.2", "get-stdout");
  guest.call("wasi:clocks/monotonic-clock@0.2", "subscribe-instant", 0n);
  guest.call("wasi:clocks/monotonic-clock@0.2", "subscribe-duration", -1n);
  const directories = guest.value("wasi:filesystem/preopens@0.2", "get-directories") as [object, string][];
  const type = guest.find("wasi:filesystem/types@0.2").resources["descriptor"]!;
  for (const [descriptor] of directories) guest.own(type, descriptor as never);
  return guest;
}

describe("functions lowered by hand", () => {
  let functions: Lowered[];

  beforeAll(async () => {
    const { interfaces } = guestWithHandles();
    functions = [];
    for (const wit of await importsOfWorld("include wasi:cli/imports@0.2.12;")) {
      const interfaceName = wit.name.replace(/\.\d+$/, "");
      for (const [name, type] of wit.functions) {
        const host = interfaces.find(interfaceName)?.functions[name];
        if (host?.lower === undefined && host?.attempt === undefined) continue;
        functions.push({ interfaceName, name, params: syncLowerSignature(type).params });
      }
    }
  });

  test("have an answer to any arguments", () => {
    expect(functions.length).toBeGreaterThan(40);
    const call = fc.nat().chain((at) => {
      const lowered = functions[at % functions.length]!;
      const args = lowered.params.map((type): fc.Arbitrary<number | bigint> => type === "i64" ? i64 : i32);
      return fc.record({ lowered: fc.constant(lowered), args: fc.tuple(...args) });
    });
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 20 }), (calls) => {
        const guest = guestWithHandles();
        for (const { lowered: { interfaceName, name }, args } of calls) {
          try {
            const host = guest.function(interfaceName, name);
            // One attempt: some of them would wait for ever.
            if (host.attempt !== undefined) guest.attempt(interfaceName, name, ...args);
            else guest.call(interfaceName, name, ...args);
          } catch (error) {
            if (!(error instanceof ComponentTrap) && !(error instanceof FakeExit)) {
              throw new Error(`${interfaceName}#${name}(${args})`, { cause: error });
            }
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
