/**
 * Systems with a network: the virtual one, or that of the operating system.
 *
 * @module
 */

import { mkdtempSync, realpathSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Socket } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { System } from "../../src/preview1/system.ts";
import { Family, type PlatformNetwork, SocketType } from "../../src/contract/network.ts";
import { Mount } from "../../src/core/fs/mounted_directory.ts";
import type { Platform, WaitMode } from "../../src/contract/platform.ts";
import { GuestWakeSource } from "../../src/core/net/events/wake_source.ts";
import type { Interrupt } from "../../src/core/io/interrupt.ts";
import { GuestWaiter } from "../../src/core/io/wait.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { MemoryInput, MemoryOutput, virtualNetwork } from "../../src/platform/memory/mod.ts";
import { openNetwork } from "../../src/runtime/net/network.ts";
import type { NetOptions, Refusal } from "../../src/runtime/options/options.ts";
import type { ClosableSystem, MountedDirectory } from "./backends.ts";
import { Caller } from "./caller.ts";
import { SocketCaller } from "./socket_caller.ts";
import { readableBytesOf } from "../../src/preview1/descriptor.ts";

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
  /** True if streams have the options KEEPINTVL and KEEPCNT. */
  readonly hasKeepAliveProbes: boolean;
  /** True if a datagram socket keeps the port that the system chose for it when it is disconnected. */
  readonly keepsChosenPort: boolean;
  /** True if addresses may have the zone of an interface. */
  readonly hasScopes: boolean;
  /** True if an option LINGER may have seconds. */
  readonly hasLingerTime: boolean;
  /** True if what a socket does to another one of this machine is done when its call returns. */
  readonly actsAtOnce: boolean;
  /** How its guests wait. */
  readonly mode: WaitMode;
  /** True for a network in memory: its unix sockets are no files, and it reaches no other. */
  readonly isVirtual: boolean;
  /** An empty directory of its own, by its path. */
  emptyDirectory(): string;
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
  /** Ends its waits. */
  readonly interrupt?: Interrupt;
}

/** A system under test. */
export interface SocketSubject {
  readonly system: ClosableSystem;
  /** Bytes that a descriptor could read now, whatever its rights. */
  readonly readableBytes: (fd: number) => number | undefined;
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
    hasKeepAliveProbes: true,
    keepsChosenPort: true,
    hasScopes: false,
    hasLingerTime: false,
    actsAtOnce: false,
    mode: "suspend",
    isVirtual: true,
  };
}

/** The network of the operating system, as the runtime has it. */
export async function runtimeNetworkBackend(): Promise<SocketBackend> {
  const shared = await directories();
  const network = await shared.platform.network?.("suspend");
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
    hasKeepAliveProbes: Socket.prototype.setKeepAlive.length >= 4 && !isDeno && process.versions["bun"] === undefined,
    keepsChosenPort: isDeno,
    hasScopes: false,
    hasLingerTime: false,
    actsAtOnce: false,
    mode: "suspend",
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
    platform: detectPlatform()(),
    emptyDirectory: () => mkdtempSync(join(base, "d-")),
    dispose: () => rm(base, { recursive: true, force: true }),
  };
}

/** What {@linkcode makeSocketSystem} needs of a backend. */
type MadeOver = Pick<SocketBackend, "platform" | "network"> & Partial<Pick<SocketBackend, "mode">>;

/** A network that is the caller's is refused where the thread is blocked. */
function networkOptions(network: PlatformNetwork, mode: WaitMode): Pick<NetOptions, "network"> {
  return mode === "block" ? {} : { network };
}

/** Make a system over a network. */
export async function makeSocketSystem(
  { platform, network, mode = "suspend" }: MadeOver,
  options: SocketSystemOptions = {},
): Promise<SocketSubject> {
  const refusals: Refusal[] = [];
  const onRefused = (refusal: Refusal): void => void refusals.push(refusal);
  const net = "net" in options ? options.net : { allow: true as const };
  const opened = net === undefined
    ? undefined
    : await openNetwork({ ...networkOptions(network, mode), onRefused, ...net }, platform, mode);
  const mounts = Object.entries(options.mounts ?? {}).map(([path, { root, readOnly }]) =>
    new Mount(path, root, { readOnly: readOnly ?? false })
  );
  const system = new System({
    platform,
    waiter: new GuestWaiter(platform, mode, options.interrupt),
    args: ["guest"],
    environ: [],
    mounts,
    stdio: { stdin: new MemoryInput(), stdout: new MemoryOutput(), stderr: new MemoryOutput() },
    nonBlockingStdio: false,
    maxOpenFiles: options.maxOpenFiles ?? 64,
    network: opened?.guestNetwork(mounts, options.cwd ?? "/"),
    sockets: opened?.preopened,
    onRefused: (action, target) => void refusals.push({ action, target: String(target), rule: "*" }),
  });
  const readableBytes = (fd: number): number | undefined => {
    const object = system.table.get(fd)?.object;
    return object === undefined ? undefined : readableBytesOf(object);
  };
  const callers = { sockets: new SocketCaller(system), call: new Caller(system) };
  return { system, readableBytes, ...callers, refusals, env: opened?.env ?? {} };
}
