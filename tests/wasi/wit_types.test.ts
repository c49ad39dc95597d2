/** The types of host functions are those of the WIT of WASI 0.2. */

import { expect, test } from "vitest";
import { functionTypeText } from "../../src/component/types/text.ts";
import { memoryPlatform } from "../../src/platform/memory/platform.ts";
import { HTTP_INTERFACES } from "../../src/wasi/p2/http/mod.ts";
import { FakeComponent, fakeGuest } from "./fake_context.ts";
import { importsOfWorld } from "./wit_functions.ts";

test.each([
  ["wasi:cli/imports@0.2.12", 28],
  ["wasi:http/imports@0.2.12", 11],
])("every function and resource of %s has the type that its WIT says", async (world, count) => {
  const imports = await importsOfWorld(`include ${world};`);
  const component = new FakeComponent(fakeGuest(memoryPlatform()), HTTP_INTERFACES);
  expect(imports).toHaveLength(count);
  for (const { name, functions, resources } of imports) {
    const host = component.interfaces.find(name.replace(/\.\d+$/, ""));
    const wanted = [...functions].map(([item, type]) => [item, functionTypeText(type)]);
    const types = Object.entries(host?.functions ?? {}).map(([item, { type }]) => [item, type]);
    expect({ name, ...Object.fromEntries(types) }).toEqual({ name, ...Object.fromEntries(wanted) });
    // The tool leaves out what an interface uses and no function needs; other tools do not.
    expect([name, ...Object.keys(host?.resources ?? {})]).toEqual(expect.arrayContaining([name, ...resources]));
  }
});
