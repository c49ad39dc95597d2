/** What the command line grants a guest, as options. */

import { isWithin, normalPath } from "../core/fs/guest_path.ts";
import type { Platform, PlatformDirectory } from "../contract/platform.ts";
import { mountFailure } from "../runtime/environment/mounts.ts";
import type { Mount, RunOptions } from "../runtime/options/options.ts";
import type { Invocation } from "./flags.ts";
import { mountAdvice } from "./hints/hints.ts";
import type { CommandHost } from "./host/host.ts";
import { UsageError } from "./usage_error.ts";
import { versionLine } from "./version.ts";

/** Limits of the command line as options. */
export function limitsOf({ maxOpenFiles, maxMemoryBytes, maxTableElements }: Invocation): RunOptions {
  return {
    maxOpenFiles,
    ...(maxMemoryBytes === undefined ? {} : { maxMemoryBytes }),
    ...(maxTableElements === undefined ? {} : { maxTableElements }),
  };
}

/** Begin a trace on standard error. @returns What writes its lines. */
export function startTrace(host: CommandHost, platform: Platform): (line: string) => void {
  host.warn(versionLine(host, platform));
  return (line) => host.warn(`${line}\n`);
}

/** True if one of the mounts holds a path. */
export function isHeld(path: string, mounts: readonly string[]): boolean {
  return mounts.some((mount) => isWithin(path, mount));
}

/** @throws {UsageError} If no mount holds the working directory. */
export function checkCwd(cwd: string, mounts: readonly string[], host: CommandHost): void {
  if (!cwd.startsWith("/")) {
    throw new UsageError(`Cannot use --cwd ${cwd}: a path in the guest is absolute; write /${cwd}`);
  }
  if (isHeld(cwd, mounts)) return;
  const advice = mountAdvice(normalPath(cwd), host, host.whereOptionsGo);
  throw new UsageError(`Cannot use --cwd ${cwd}: no preopen holds it; ${advice}`);
}

/** Opens the host directories, so that an error names the option that it belongs to. */
export function openMounts(mounts: Readonly<Record<string, Mount>>, platform: Platform): Record<string, Mount> {
  const opened: Record<string, Mount> = {};
  for (const [path, mount] of Object.entries(mounts)) {
    opened[path] = { ...mount, source: openRoot(String(mount.source), platform) };
  }
  return opened;
}

function openRoot(source: string, platform: Platform): PlatformDirectory {
  try {
    return platform.openRoot(source);
  } catch (error) {
    if (error instanceof Error && error.name === "NotCapable") throw error;
    throw new Error(`Cannot mount --dir ${source}: ${reason(error, source)}`, { cause: error });
  }
}

function reason(error: unknown, source: string): string {
  const isMisread = (error as { readonly code?: unknown }).code === "ENOENT" && source.includes(":");
  if (!isMisread) return mountFailure(error);
  return "there is no such directory; the path in the guest follows two colons, as in HOST::GUEST";
}
