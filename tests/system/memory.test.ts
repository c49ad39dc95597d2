import { describe, expect, test } from "vitest";
import { memoryPlatform } from "../../src/platform/memory/mod.ts";
import { makeSystem, memoryBackend } from "./backends.ts";
import { Caller, parseDirents, ROOT } from "./caller.ts";
import { systemSuite } from "./suite.ts";

systemSuite("memory", memoryBackend);

describe("a directory of 100,000 entries in memory", () => {
  const COUNT = 100_000;

  test("is listed whole through a small buffer, while its names go", () => {
    const files = Object.fromEntries(Array.from({ length: COUNT }, (_, i) => [`file${i}`, ""]));
    const platform = memoryPlatform({ files });
    const { system } = makeSystem({ ...memoryBackend(), platform }, {
      mounts: { "/": { root: platform.openRoot(".") } },
    });
    const call = new Caller(system);
    const seen = new Set<string>();
    let cookie = 0n;
    for (;;) {
      const entries = parseDirents(call.readdirBytes(ROOT, cookie, 4096) as Uint8Array);
      if (entries.length === 0) break;
      for (const { name } of entries) {
        if (seen.has(name)) throw new Error(`"${name}" is listed twice`);
        seen.add(name);
        if (name.endsWith("7")) call.unlink(name);
      }
      cookie = entries.at(-1)!.next;
    }
    expect(seen.size).toBe(COUNT + 2);
    expect(call.list(ROOT, 65536)).toHaveLength(COUNT - COUNT / 10 + 2);
    system.close();
  });
});
