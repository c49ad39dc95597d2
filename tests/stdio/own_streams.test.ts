import { join } from "node:path";
import { expect, test } from "vitest";
import { goGuest } from "../tools/guests.ts";
import { runtimeCommand, startCommand } from "../tools/wasirun.ts";

const HOST = join(import.meta.dirname, "own_streams_host.ts");

test.each(["runtime", "posix"])(
  "web streams of the process stay open when a guest ends: platform %s",
  async (platform) => {
    const command = [...runtimeCommand(HOST), platform, await goGuest("hello"), await goGuest("cat")];
    const { status, stdout, stderr } = await startCommand(command, { stdin: { text: "input\n" } }).ended;
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "Hello, WASI\ninput\nafter\n", stderr: "" });
  },
);
