/** A system that is traced answers as one that is not. */

import { describe, expect, test } from "vitest";
import { traced } from "../../src/decorators/trace.ts";
import { type Decorator, memoryBackend, runtimeBackend } from "../system/backends.ts";
import { socketSuite } from "../system/socket_suite.ts";
import { runtimeNetworkBackend, virtualBackend } from "../system/socket_systems.ts";
import { systemSuite } from "../system/suite.ts";

/** A name, what was given, and what came of it. */
const LINE = /^[a-z_]+\(\P{Cc}*\)(?: => \P{Cc}+)?$/u;
const MAX_LENGTH = 2000;

let lines = 0;
const odd: string[] = [];

const decorate: Decorator = (system) =>
  traced(system, (line) => {
    lines++;
    if (!LINE.test(line) || line.length > MAX_LENGTH || /undefined|NaN|object/.test(line)) odd.push(line);
  });

systemSuite("memory, traced", () => ({ ...memoryBackend(), decorate }));
systemSuite("the runtime's own files, traced", async () => ({ ...await runtimeBackend(), decorate }));
socketSuite("the virtual network, traced", { ...await virtualBackend(), decorate });
socketSuite("the runtime's own network, traced", { ...await runtimeNetworkBackend(), decorate });

describe("the lines of all these calls", () => {
  test("are well formed", () => {
    expect(odd).toEqual([]);
    expect(lines).toBeGreaterThan(5000);
  });
});
