/**
 * The network of the posix platform as tests have it.
 *
 * @module
 */

import type { WaitMode } from "../../src/contract/waiter.ts";
import process from "node:process";
import type { PlatformNetwork } from "../../src/contract/network.ts";
import type { SocketDriver } from "../../src/core/net/events/driver.ts";
import type { Syscalls } from "../../src/platform/posix/syscalls.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { posixNetwork } from "../../src/platform/posix/net/network.ts";
import { posixWaiter } from "../../src/platform/posix/poll/waiter.ts";
import { posixHost } from "../races/posix_host.ts";
import { directories, inetOfThisMachine, type SocketBackend } from "../system/socket_systems.ts";

let host: Syscalls | undefined;

/** The system's calls, opened once. */
export function ownHost(): Syscalls {
  return host ??= posixHost();
}

/** The runtime's own resolver. */
async function runtimeLookup(): Promise<SocketDriver["lookup"]> {
  if (process.versions["deno"] === undefined) {
    return (await import("../../src/platform/node/lookup.ts")).nodeLookup(undefined);
  }
  const { systemLookup } = await import("../../src/platform/deno/lookup.ts");
  return systemLookup(() =>
    process.getBuiltinModule("node:dns") as unknown as ReturnType<Parameters<typeof systemLookup>[0]>
  );
}

/** A network of its own. */
async function ownNetwork(mode: WaitMode): Promise<PlatformNetwork> {
  return posixNetwork(ownHost(), mode, mode === "suspend" ? await runtimeLookup() : undefined);
}

/** Systems over the posix platform. */
export async function posixSocketBackend(mode: WaitMode): Promise<SocketBackend> {
  const network = await ownNetwork(mode);
  return {
    ...await directories(),
    platform: {
      ...posix(),
      waiter: (mode) => posixWaiter(ownHost(), mode),
      network: () => network,
    },
    network,
    inet: inetOfThisMachine(),
    hasUnixDatagrams: true,
    hasReset: true,
    tellsRefusedDatagrams: true,
    hasStreamOptions: true,
    hasKeepAliveProbes: true,
    keepsChosenPort: true,
    hasScopes: true,
    hasLingerTime: true,
    actsAtOnce: true,
    mode,
    isVirtual: false,
  };
}
