/** The platform of the runtime that runs the tests. */

import type { Platform } from "../../src/contract/platform.ts";
import { detectPlatform } from "../../src/platform/detect.ts";

export const platformOfRuntime: Platform = (await detectPlatform())();
