/**
 * The platform of a browser: no files, no network, the clocks and random numbers of the web, and the console as output.
 * It uses web APIs only, so that it also serves in workers.
 *
 * @module
 */

import type { Platform, Waiter } from "../../contract/platform.ts";
import { genericWaiter } from "../../core/io/waiter.ts";
import { ConsoleOutput } from "./console_output.ts";
import { memoryPlatform } from "../memory/mod.ts";

/** Blocks the thread where the browser lets it: in workers of a page that is isolated from other origins. */
function blockingWaiter(): Waiter {
  const waiter = genericWaiter("block");
  return {
    wait(pollables, interests, timeoutNs) {
      try {
        return waiter.wait(pollables, interests, timeoutNs);
      } catch (cause) {
        throw new Error(
          "Cannot wait: this browser does not let its main thread block; use run in a browser that has JavaScript " +
            "Promise Integration, or a worker",
          { cause },
        );
      }
    },
  };
}

/**
 * The platform of a browser. A guest finds what is mounted for it, such as a `memoryDirectory`. Its outputs are lines on
 * the console if they are `"inherit"`; its standard input is empty.
 *
 * @returns A new one.
 *
 * @example Make one
 * ```ts
 * import { browserPlatform } from "wasirun/browser";
 *
 * browserPlatform().clock.monotonic();
 * ```
 */
export function browserPlatform(): Platform {
  const { clock, random, stdin } = memoryPlatform({ clock: "real", random: "crypto" });
  return {
    name: "browser",
    clock,
    random,
    stdio: () => ({ stdin, stdout: new ConsoleOutput("log"), stderr: new ConsoleOutput("error") }),
    openRoot(path) {
      throw new TypeError(`Cannot mount ${path}: a browser has no directories; mount a memoryDirectory`);
    },
    readFile(path) {
      throw new TypeError(`a browser has no files; pass a URL, such as new URL("${path}", document.baseURI)`);
    },
    waiter: (mode) => mode === "suspend" ? genericWaiter(mode) : blockingWaiter(),
  };
}
