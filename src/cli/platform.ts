/** Which platform a guest runs on. */

import type { Platform } from "../core/platform.ts";
import { canSuspend } from "../runtime/jspi.ts";
import type { CommandHost } from "./host.ts";
import type { PlatformName } from "./platform_name.ts";

/** A platform that was chosen. */
export interface Choice {
  /** The platform. */
  readonly platform: Platform;
  /** True if guests are suspended while they wait, false if the thread blocks. */
  readonly suspends: boolean;
}

/**
 * Choose the platform, and how guests wait on it. The thread may block where nothing needs the event loop: that spares
 * every call that may wait a stack of its own.
 *
 * @param name What was asked for.
 * @param host The process.
 * @param needsEventLoop True if the guest can't do without the event loop.
 * @throws {Error} If the posix platform was asked for and can't be had.
 */
export async function choosePlatform(name: PlatformName, host: CommandHost, needsEventLoop: boolean): Promise<Choice> {
  const posix = name === "runtime" ? undefined : await posixPlatform(name, host);
  if (posix === undefined) return { platform: host.platform, suspends: canSuspend() };
  return { platform: posix, suspends: needsEventLoop };
}

async function posixPlatform(name: PlatformName, host: CommandHost): Promise<Platform | undefined> {
  if (name === "auto" && !host.mayCallForeign()) return undefined;
  const { posix } = await import("../platform/posix/mod.ts");
  try {
    return posix();
  } catch (error) {
    if (name === "posix") throw error;
    return undefined;
  }
}
