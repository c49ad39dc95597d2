/** A component that takes commands, on every platform, in both ways of waiting. */

import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Mount, Refusal } from "wasirun";
import { memoryDirectory, virtualNetwork } from "wasirun/memory";
import type { Platform } from "../../src/contract/platform.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import type { ComponentProgram } from "../../src/runtime/component_program.ts";
import { canSuspend } from "../../src/runtime/jspi.ts";
import { CommandGuest, commandProgram } from "./command_guest.ts";
import { runScript, runScriptBlocking, runScriptSync, type Script } from "./command_scripts.ts";
import { filesScript, limitScript, listsScript } from "./file_script.ts";
import { platformOfRuntime } from "./runtime_platform.ts";
import { escapeScript, readOnlyScript } from "./sandbox_script.ts";
import { echoScript, noNetworkScript, policyRefusals, policyScript } from "./socket_script.ts";

const MAX_OPEN = 20;

let program: ComponentProgram;
let folder: string;
beforeAll(async () => {
  program = await commandProgram();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wasirun-commands-"));
  return () => rmSync(folder, { recursive: true });
});

/** Platforms, and where files are. */
const PLATFORMS: readonly (readonly [name: string, platform: Platform, source: () => Mount["source"]])[] = [
  ["memory", platformOfRuntime, () => memoryDirectory()],
  ["the runtime's platform", platformOfRuntime, () => folder],
  ["the posix platform", posix(), () => folder],
];

describe.each(PLATFORMS)("a component with files on %s", (_name, platform, newSource) => {
  const scripts: Readonly<Record<string, () => Script>> = {
    "does all that files can": filesScript,
    "opens no more than it may, and as much again": () => limitScript(MAX_OPEN, false),
    "keeps no more lists of directories than it may": () => listsScript(MAX_OPEN),
    "leaves its directory by no path": escapeScript,
    "changes nothing through a read-only preopen": readOnlyScript,
    "has no network": noNetworkScript,
  };

  describe.each(Object.keys(scripts))("%s", (name) => {
    const host = (): Parameters<typeof runScript>[1] => {
      const source = newSource();
      const preopens = { "/": { source }, "/ro": { source, readOnly: true } };
      return { program, platform, options: { preopens, maxOpenFiles: MAX_OPEN } };
    };

    test.runIf(canSuspend())("by run", async () => {
      expect(await runScript(scripts[name]!(), host())).toBe(0);
    });

    test("by runSync", () => {
      expect(runScriptSync(scripts[name]!(), host())).toBe(0);
    });
  });
});

/** Ways to have sockets: a network in memory and the runtime's need the event loop. */
const NETWORKS: readonly (readonly [name: string, platform: Platform, run: typeof runScript])[] = [
  ["the posix platform, whose waits block", posix(), runScriptBlocking],
  ...canSuspend() ? [["the posix platform", posix(), runScript] as const] : [],
  ...canSuspend() ? [["the runtime's platform", platformOfRuntime, runScript] as const] : [],
];

describe.each(NETWORKS)("a component with a network on %s", (_name, platform, runOn) => {
  let server: net.Server;
  let port: number;
  beforeAll(async () => {
    server = net.createServer((socket) => socket.on("error", () => {}).resume());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as net.AddressInfo).port;
  });
  afterAll(() => void server.close());

  test("talks to itself", async () => {
    const options = { net: { allow: ["127.0.0.1"] } };
    expect(await runOn(echoScript(), { program, platform, options })).toBe(0);
  });

  test("is refused what the rules do not allow, and its host hears of it", async () => {
    const refusals: Refusal[] = [];
    const allow = [`connect:127.0.0.1:${port}`, "connect:192.0.2.9:80"];
    const options = { net: { allow, onRefused: (refusal: Refusal) => void refusals.push(refusal) } };
    expect(await runOn(policyScript(port), { program, platform, options })).toBe(0);
    expect(refusals.map(({ action, target }) => `${action} ${target}`)).toEqual(policyRefusals(port));
  });

  test("opens no more sockets and files than it may", async () => {
    const options = { preopens: { "/": folder }, maxOpenFiles: MAX_OPEN, net: { allow: true } } as const;
    expect(await runOn(limitScript(MAX_OPEN, true), { program, platform, options })).toBe(0);
  });
});

test.runIf(canSuspend())("a component with a network in memory talks to itself", async () => {
  const options = { net: { allow: true, network: virtualNetwork() } } as const;
  expect(await runScript(echoScript(), { program, platform: platformOfRuntime, options })).toBe(0);
});

test("a component that makes handles without end traps before the host runs out of memory", async () => {
  const guest = await CommandGuest.start(program, { options: {}, mode: "block" });
  await expect(guest.perform("hoard-pollables")).rejects.toThrow("too many handles");
});
