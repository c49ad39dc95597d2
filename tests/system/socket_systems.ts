/**
 * Systems with a network: the virtual one, or that of the operating system.
 *
 * @module
 */

import { mkdtempSync, realpathSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { HostSystem } from "../../src/core/host_system.ts";
import { Family, type PlatformNetwork, SocketType } from "../../src/core/network.ts";
import { Mount } from "../../src/core/place.ts";
import type { Platform } from "../../src/core/platform.ts";
import { GuestWakeSource } from "../../src/core/socket/wake_source.ts";
import { genericWaiter } from "../../src/core/waiter.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { MemoryInput, MemoryOutput, virtualNetwork } from "../../src/platform/memory/mod.ts";
import { openNetwork } from "../../src/runtime/network.ts";
import type { NetOptions, Refusal } from "../../src/runtime/options.ts";
import { type ClosableSystem, decorated, type Decorator, type MountedDirectory } from "./backends.ts";
import { Caller } from "./caller.ts";
import { SocketCaller } from "./socket_caller.ts";

/** A network, and what it can and can't. */
export interface SocketBackend {
  readonly platform: Platform;
  readonly network: PlatformNetwork;
  /** Families of its sockets. */
  readonly inet: readonly Family[];
  readonly hasUnixDatagrams: boolean;
  /** True if a peer learns that a connection was reset. */
  readonly hasReset: boolean;
  /** True if a datagram socket learns that nobody listens at its peer. */
  readonly tellsRefusedDatagrams: boolean;
  /** True if streams have the options V6ONLY and KEEPIDLE. */
  readonly hasStreamOptions: boolean;
  /** True if an option LINGER may have seconds. */
  readonly hasLingerTime: boolean;
  /** True if what a socket does to another one of this machine is done when its call returns. */
  readonly actsAtOnce: boolean;
  /** True if waiting blocks the thread: nothing else happens meanwhile. */
  readonly blocks: boolean;
  /** True for a network in memory: its unix sockets are no files, and it reaches no other. */
  readonly isVirtual: boolean;
  /** An empty directory of its own, by its path. */
  emptyDirectory(): string;
  /** Stands between systems and who calls them. */
  readonly decorate?: Decorator;
  /** Remove all that was made. */
  dispose(): Promise<void>;
}

/** What a system is made with. */
export interface SocketSystemOptions {
  /** The network; undefined for none. Default: everything is allowed. */
  readonly net?: NetOptions | undefined;
  /** Mounts by path. Default: none. */
  readonly mounts?: Readonly<Record<string, MountedDirectory>>;
  readonly maxOpenFiles?: number;
  readonly cwd?: string;
}

/** A system under test. */
export interface SocketSubject {
  readonly system: ClosableSystem;
  readonly sockets: SocketCaller;
  readonly call: Caller;
  /** What was told of refusals. */
  readonly refusals: Refusal[];
  /** What the environment says of preopened sockets. */
  readonly env: Readonly<Record<string, string>>;
}

const isDeno = process.versions["deno"] !== undefined;

/** The network in memory. */
export async function virtualBackend(): Promise<SocketBackend> {
  const hosts = { "one.test": "10.0.0.1", "two.test": ["10.0.0.2", "fd00::2"] };
  return {
    ...await directories(),
    network: virtualNetwork({ hosts }).network,
    inet: [Family.INET, Family.INET6],
    hasUnixDatagrams: true,
    hasReset: true,
    tellsRefusedDatagrams: true,
    hasStreamOptions: true,
    hasLingerTime: false,
    actsAtOnce: false,
    blocks: false,
    isVirtual: true,
  };
}

/** The network of the operating system, as the runtime has it. */
export async function runtimeNetworkBackend(): Promise<SocketBackend> {
  const shared = await directories();
  const network = await shared.platform.network?.(true);
  if (network === undefined) throw new Error(`The platform "${shared.platform.name}" has no network`);
  const unixDatagram = network.socket(Family.UNIX, SocketType.DGRAM, new GuestWakeSource());
  if (typeof unixDatagram !== "number") unixDatagram.close();
  return {
    ...shared,
    network,
    inet: inetOfThisMachine(),
    hasUnixDatagrams: typeof unixDatagram !== "number",
    hasReset: !isDeno,
    tellsRefusedDatagrams: !isDeno,
    hasStreamOptions: !isDeno,
    hasLingerTime: false,
    actsAtOnce: false,
    blocks: false,
    isVirtual: false,
  };
}

/** Families of IP that this machine has. */
export function inetOfThisMachine(): readonly Family[] {
  const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
  return hasIpv6 ? [Family.INET, Family.INET6] : [Family.INET];
}

/** Where systems under test keep their files: the platform of the runtime, and temporary directories. */
export async function directories(): Promise<Pick<SocketBackend, "platform" | "emptyDirectory" | "dispose">> {
  const base = realpathSync(await mkdtemp(join(tmpdir(), "wasirun-sock-")));
  return {
    platform: (await detectPlatform())(),
    emptyDirectory: () => mkdtempSync(join(base, "d-")),
    dispose: () => rm(base, { recursive: true, force: true }),
  };
}

/** What {@linkcode makeSocketSystem} needs of a backend. */
type MadeOver = Pick<SocketBackend, "platform" | "network" | "decorate"> & Partial<Pick<SocketBackend, "blocks">>;

/** A network that is the caller's is refused where the thread is blocked. */
function networkOptions(network: PlatformNetwork, blocks: boolean): Pick<NetOptions, "network"> {
  return blocks ? {} : { network };
}

/** Make a system over a network. */
export async function makeSocketSystem(
  { platform, network, decorate, blocks = false }: MadeOver,
  options: SocketSystemOptions = {},
): Promise<SocketSubject> {
  const refusals: Refusal[] = [];
  const onRefused = (refusal: Refusal): void => void refusals.push(refusal);
  const net = "net" in options ? options.net : { allow: true as const };
  const opened = net === undefined
    ? undefined
    : await openNetwork({ ...networkOptions(network, blocks), onRefused, ...net }, platform, !blocks);
  const mounts = Object.entries(options.mounts ?? {}).map(([path, { root, readOnly }]) =>
    new Mount(path, root, readOnly ?? false)
  );
  const host = new HostSystem({
    platform,
    waiter: platform.waiter?.(!blocks) ?? genericWaiter(!blocks),
    blockingWaiter: platform.waiter?.(false) ?? genericWaiter(false),
    args: ["guest"],
    environ: [],
    mounts,
    stdio: { stdin: new MemoryInput(), stdout: new MemoryOutput(), stderr: new MemoryOutput() },
    nonBlockingStdio: false,
    maxOpenFiles: options.maxOpenFiles ?? 64,
    interrupt: undefined,
    cwd: options.cwd ?? "/",
    network: opened?.guest,
    onRefused: opened?.onRefused ??
      ((action, target) => void refusals.push({ action, target: String(target), rule: "*" })),
  });
  const system = decorated(host, decorate);
  return { system, sockets: new SocketCaller(system), call: new Caller(system), refusals, env: opened?.env ?? {} };
}
