/**
 * What systems under test are made over: memory, and the platform of the runtime that the tests run on.
 *
 * @module
 */

import { mkdtempSync, realpathSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { System } from "../../src/preview1/system.ts";
import type { Listings } from "../../src/core/fs/listings.ts";
import { Mount } from "../../src/core/fs/mounted_directory.ts";
import type { Platform, PlatformDirectory, PlatformStdio, WaitMode } from "../../src/contract/platform.ts";
import { GuestWaiter } from "../../src/core/io/wait.ts";
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
  /** Remove all that was made. */
  dispose(): Promise<void>;
}

/** A system that can be closed. */
export type ClosableSystem = System;

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
  const platform = detectPlatform()();
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
  /** How it waits. Default: `"block"`. */
  readonly mode?: WaitMode;
  /** Keeps the listings of all mounts. Default: one for each. */
  readonly listings?: Listings;
  /** True if standard streams are NONBLOCK. Default: false. */
  readonly nonBlockingStdio?: boolean;
  /** Puts other streams in the place of the standard ones. */
  readonly stdio?: (stdio: PlatformStdio) => PlatformStdio;
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
  const mode = options.mode ?? "block";
  const mounts = options.mounts ?? { "/": { root: backend.emptyRoot() } };
  const made = new System({
    platform: backend.platform,
    waiter: new GuestWaiter(backend.platform, mode),
    args: ["guest.wasm", "one"],
    environ: ["NAME=value"],
    mounts: Object.entries(mounts).map(([path, { root, readOnly }]) =>
      new Mount(path, root, { readOnly: readOnly ?? false, listings: options.listings })
    ),
    stdio: options.stdio?.({ stdin, stdout, stderr }) ?? { stdin, stdout, stderr },
    nonBlockingStdio: options.nonBlockingStdio ?? false,
    maxOpenFiles: options.maxOpenFiles ?? 64,
  });
  return { system: made, stdin, stdout, stderr };
}
