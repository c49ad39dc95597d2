/**
 * The network of the posix platform as tests have it.
 *
 * @module
 */

import process from "node:process";
import type { PlatformNetwork } from "../../src/core/network.ts";
import type { SocketDriver } from "../../src/core/socket/driver.ts";
import type { Host } from "../../src/platform/posix/host.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { posixNetwork } from "../../src/platform/posix/network.ts";
import { posixWaiter } from "../../src/platform/posix/waiter.ts";
import { posixHost } from "../races/posix_host.ts";
import { directories, inetOfThisMachine, type SocketBackend } from "../system/socket_systems.ts";

let host: Host | undefined;

/** The system's calls, opened once. */
export function ownHost(): Host {
  return host ??= posixHost();
}

/** The runtime's own resolver. */
async function runtimeLookup(): Promise<SocketDriver["lookup"]> {
  if (process.versions["deno"] === undefined) {
    return (await import("../../src/platform/_node_lookup.ts")).nodeLookup(undefined);
  }
  const { systemLookup } = await import("../../src/platform/_deno_lookup.ts");
  return systemLookup(() =>
    process.getBuiltinModule("node:dns") as unknown as ReturnType<Parameters<typeof systemLookup>[0]>
  );
}

/** A network of its own. */
export async function ownNetwork(suspends: boolean): Promise<PlatformNetwork> {
  return posixNetwork(ownHost(), suspends, suspends ? await runtimeLookup() : undefined);
}

/** Systems over the posix platform. */
export async function posixSocketBackend(suspends: boolean): Promise<SocketBackend> {
  const network = await ownNetwork(suspends);
  return {
    ...await directories(),
    platform: {
      ...posix(),
      waiter: (suspends) => posixWaiter(ownHost(), suspends),
      network: () => network,
    },
    network,
    inet: inetOfThisMachine(),
    hasUnixDatagrams: true,
    hasReset: true,
    tellsRefusedDatagrams: true,
    hasStreamOptions: true,
    hasLingerTime: true,
    actsAtOnce: true,
    blocks: !suspends,
    isVirtual: false,
  };
}
