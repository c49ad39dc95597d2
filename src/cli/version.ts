/** The version of the command. */

import type { Platform } from "../contract/platform.ts";
import type { CommandHost } from "./host/host.ts";

/** Version of the package; `build_npm.ts` fails if package.json has another. */
export const VERSION = "0.1.0";

/** What `--version` prints: the command, the runtime and the platform. */
export function versionLine({ runtime }: CommandHost, platform: Platform): string {
  return `wasirun ${VERSION} (${runtime}, platform ${platform.name})\n`;
}
