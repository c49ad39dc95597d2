/** What a process has: descriptors, mappings and memory. */

import fs from "node:fs";
import { openDescriptors } from "./descriptor_files.ts";

/** What a process has. */
export interface Holdings {
  readonly descriptors: readonly string[];
  readonly mappings: number;
  readonly megabytes: number;
}

/** What a process has before and after many runs. */
export interface LeakReport {
  readonly before: Holdings;
  readonly after: Holdings;
  /** Runs by the way in which they ended. */
  readonly runs: Readonly<Record<string, number>>;
  readonly seconds: number;
}

async function collect(): Promise<void> {
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } };
  for (let i = 0; i < 5; i++) {
    if (Bun === undefined) gc!();
    else Bun.gc(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What this process has once all garbage is collected. */
export async function holdings(): Promise<Holdings> {
  await collect();
  return {
    descriptors: [...openDescriptors()].map(([fd, target]) => `${fd}: ${target}`).sort(),
    mappings: fs.readFileSync("/proc/self/maps", "utf8").trimEnd().split("\n").length,
    megabytes: Number(/^VmRSS:\s*(\d+)/m.exec(fs.readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024,
  };
}
