/**
 * What systems under test are made over: memory, and the platform of the runtime that the tests run on.
 *
 * @module
 */

import { mkdtempSync, realpathSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HostSystem, type HostSystemOptions } from "../../src/core/host_system.ts";
import { Mount } from "../../src/core/place.ts";
import type { Platform, PlatformDirectory, Waiter } from "../../src/core/platform.ts";
import type { System } from "../../src/core/system.ts";
import { genericWaiter } from "../../src/core/waiter.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { MemoryInput, MemoryOutput, memoryPlatform } from "../../src/platform/memory/mod.ts";

/** Where a system under test keeps its files. */
export interface Backend {
  /** For the names of tests. */
  readonly name: string;
  /** The host. */
  readonly platform: Platform;
  /** An empty directory of its own, open. */
  emptyRoot(): PlatformDirectory;
  /** Stands between systems and who calls them. */
  readonly decorate?: Decorator;
  /** Remove all that was made. */
  dispose(): Promise<void>;
}

/** System in, System out. */
export type Decorator = (system: System) => System;

/** A system that can be closed. */
export type ClosableSystem = System & Pick<HostSystem, "close">;

/** A system behind a decorator, if there is one. */
export function decorated(system: HostSystem, decorate: Decorator | undefined): ClosableSystem {
  return decorate === undefined ? system : Object.assign(decorate(system), { close: () => system.close() });
}

/** Files in memory. */
export function memoryBackend(): Backend {
  const platform = memoryPlatform();
  let made = 0;
  return {
    name: "memory",
    platform,
    emptyRoot() {
      const name = `root${made++}`;
      platform.root.mkdirat(name);
      return platform.openRoot(name);
    },
    dispose: () => Promise.resolve(),
  };
}

/** Files below a temporary directory, by the platform of the runtime. */
export async function runtimeBackend(): Promise<Backend> {
  const platform = (await detectPlatform())();
  const base = realpathSync(await mkdtemp(join(tmpdir(), "wasirun-system-")));
  return {
    name: platform.name,
    platform,
    emptyRoot: () => platform.openRoot(mkdtempSync(join(base, "root-"))),
    dispose: () => rm(base, { recursive: true, force: true }),
  };
}

/** What a system under test is made with. */
export interface SystemOptions {
  /** Mounts by path. Default: one empty, writable root at `/`. */
  readonly mounts?: Readonly<Record<string, MountedDirectory>>;
  /** Descriptors that may be open at once. Default: 64. */
  readonly maxOpenFiles?: number;
  /** True to suspend. Default: false. */
  readonly suspends?: boolean;
  /** True if standard streams are NONBLOCK. Default: false. */
  readonly nonBlockingStdio?: boolean;
}

/** A directory and how it is mounted. */
export interface MountedDirectory {
  readonly root: PlatformDirectory;
  readonly readOnly?: boolean;
}

/** A system under test, and its standard streams. */
export interface MadeSystem {
  readonly system: ClosableSystem;
  readonly stdin: MemoryInput;
  readonly stdout: MemoryOutput;
  readonly stderr: MemoryOutput;
}

/** Make a system over a backend; its standard streams are in memory. */
export function makeSystem(backend: Backend, options: SystemOptions = {}): MadeSystem {
  const stdin = new MemoryInput();
  const stdout = new MemoryOutput();
  const stderr = new MemoryOutput();
  const suspends = options.suspends ?? false;
  const mounts = options.mounts ?? { "/": { root: backend.emptyRoot() } };
  const made: HostSystemOptions = {
    platform: backend.platform,
    waiter: waiterOf(backend, suspends),
    blockingWaiter: waiterOf(backend, false),
    args: ["guest.wasm", "one"],
    environ: ["NAME=value"],
    mounts: Object.entries(mounts).map(([path, { root, readOnly }]) => new Mount(path, root, readOnly ?? false)),
    stdio: { stdin, stdout, stderr },
    nonBlockingStdio: options.nonBlockingStdio ?? false,
    maxOpenFiles: options.maxOpenFiles ?? 64,
    interrupt: undefined,
  };
  return { system: decorated(new HostSystem(made), backend.decorate), stdin, stdout, stderr };
}

function waiterOf({ platform }: Backend, suspends: boolean): Waiter {
  return platform.waiter?.(suspends) ?? genericWaiter(suspends);
}
