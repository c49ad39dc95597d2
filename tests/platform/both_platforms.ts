/**
 * The two platforms of a runtime.
 *
 * @module
 */

import type { Platform } from "../../src/contract/platform.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { posix } from "../../src/platform/posix/mod.ts";

const runtime = (await detectPlatform())();

/** The platform of the runtime's own calls and the posix platform, by names for tests. */
export const BOTH_PLATFORMS: readonly (readonly [name: string, platform: () => Platform])[] = [
  ["the runtime's platform", () => runtime],
  ["the posix platform", posix],
];
