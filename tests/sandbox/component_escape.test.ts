/** Components that try to leave what they were given. */

import { describe, expect, test } from "vitest";
import { posix } from "../../src/platform/posix/mod.ts";
import { canSuspend } from "../../src/runtime/jspi.ts";
import { CommandGuest, commandProgram } from "../commands/command_guest.ts";
import { ComponentCalls } from "./component_calls.ts";
import { describeEscapes } from "./escape_suite.ts";

describeEscapes("a component by the runtime's own calls", (preopens) => {
  return ComponentCalls.start(preopens, {}, canSuspend() ? "suspend" : "block");
});
describeEscapes("a component by the system's calls, whose waits block", (preopens) => {
  return ComponentCalls.start(preopens, { platform: posix() }, "block");
});

describe("a component", () => {
  const program = commandProgram();

  async function started(): Promise<CommandGuest> {
    return await CommandGuest.start(await program, { options: {}, mode: "block" });
  }

  test("has no preopens unless it is given some", async () => {
    expect(await (await started()).perform("get-directories")).toEqual(["ok"]);
  });

  test("traps with a handle that it does not have, and has ended then", async () => {
    for (const handle of [0, 1, 3, 255, 0x7fffffff, 0xffffffff]) {
      const guest = await started();
      await expect(guest.perform("stat", handle), String(handle)).rejects.toThrow("trapped");
      await expect(guest.perform("get-directories")).rejects.toThrow("the guest has trapped");
    }
  });

  test("traps with a path that is not UTF-8", async () => {
    const guest = await CommandGuest.start(await program, {
      options: { platform: posix(), preopens: { "/": import.meta.dirname } },
      mode: "block",
    });
    const [, root] = await guest.perform("get-directories");
    const overlong = Uint8Array.of(0xc0, 0xae, 0xc0, 0xae, 0xc0, 0xaf, 0x6f);
    await expect(guest.perform("open-at", root!, 0, overlong, 0, 1)).rejects.toThrow("trapped");
  });
});
