/** What Linux tells in /proc of the descriptors of this process. */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const FD = "/proc/self/fd";

/** True where there is such a /proc. */
export const hasProc: boolean = (() => {
  try {
    return readdirSync(FD).length > 0;
  } catch {
    return false;
  }
})();

/** Open descriptors by what they lead to, but for the one that lists them. */
export function openDescriptors(): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync(FD)) {
    try {
      found.set(Number(name), readlinkSync(`${FD}/${name}`));
    } catch {
      // The one of the listing.
    }
  }
  return found;
}

/** Flags of open(2) of the descriptor that leads to a path. @throws {Error} If there is none. */
export function openFlagsOf(path: string): number {
  const fd = [...openDescriptors()].find(([, target]) => target === path)?.[0];
  if (fd === undefined) throw new Error(`${path} is not open`);
  return Number.parseInt(/^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1] ?? "", 8);
}

/** Calls of this thread that wrote, so far: write(2), pwritev(2) and their like. */
export function writesOfThread(): number {
  return Number(/^syscw: (\d+)/m.exec(readFileSync("/proc/thread-self/io", "utf8"))?.[1]);
}

/** Calls of this thread that read, so far; this one counts always the same. */
export function readsOfThread(): number {
  return Number(/^syscr: (\d+)/m.exec(readFileSync("/proc/thread-self/io", "utf8"))?.[1]);
}
