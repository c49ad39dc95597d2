/** What the command does on the platform of the runtime, which is not the default where there is an FFI. */

import "../stdio/command.test.ts";
import "./ending.test.ts";
import "./network.test.ts";
import { useRuntimePlatform } from "../tools/wasirun.ts";

useRuntimePlatform();
