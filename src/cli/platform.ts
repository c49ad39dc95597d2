/** Which platform a guest runs on. */

import type { Platform, WaitMode } from "../contract/platform.ts";
import { canSuspend } from "../runtime/jspi.ts";
import type { CommandHost } from "./host/host.ts";
import type { PlatformName } from "./platform_name.ts";

/** A platform that was chosen. */
export interface Choice {
  /** The platform. */
  readonly platform: Platform;
  /** True for the posix platform, false for that of the runtime. */
  readonly isPosix: boolean;
  /** How guests wait on it. */
  readonly mode: WaitMode;
}

/**
 * Chooses the platform, and how guests wait on it. On the posix platform the thread may block where nothing needs the
 * event loop, so that calls that wait need no stack of their own.
 *
 * @param name The platform that the user named, or `"auto"`.
 * @param host The process.
 * @param posixMode How guests wait on the posix platform; on others they suspend where the engine supports it.
 * @throws {Error} If the posix platform was named and is not available.
 */
export async function choosePlatform(name: PlatformName, host: CommandHost, posixMode: WaitMode): Promise<Choice> {
  const posix = name === "runtime" ? undefined : await posixPlatform(name, host);
  if (posix === undefined) {
    return { platform: await host.runtimePlatform(), isPosix: false, mode: canSuspend() ? "suspend" : "block" };
  }
  return { platform: posix, isPosix: true, mode: posixMode };
}

async function posixPlatform(name: PlatformName, host: CommandHost): Promise<Platform | undefined> {
  if (name === "auto" && !host.mayCallForeign()) return undefined;
  try {
    return await host.posixPlatform();
  } catch (error) {
    if (name === "posix") throw error;
    return undefined;
  }
}
