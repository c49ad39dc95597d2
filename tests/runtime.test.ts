import process from "node:process";
import { describe, expect, test } from "vitest";

const hosts = globalThis as { Deno?: { version: { deno: string } }; Bun?: { version: string } };

function runtime(): string {
  if (hosts.Deno !== undefined) return "deno";
  return hosts.Bun === undefined ? "node" : "bun";
}

describe("the test run", () => {
  test("is on the runtime that it was started for", () => {
    expect(runtime()).toBe(process.env["WASIRUN_TEST_RUNTIME"] ?? "node");
  });

  test("has the versions that this runtime has, and no other's", () => {
    expect(process.versions["deno"] !== undefined).toBe(runtime() === "deno");
    expect(process.versions["bun"] !== undefined).toBe(runtime() === "bun");
    if (runtime() === "node") expect(Number.parseInt(process.versions.node)).toBeGreaterThanOrEqual(26);
    if (runtime() === "deno") expect(hosts.Deno?.version.deno).toBe(process.versions["deno"]);
    if (runtime() === "bun") expect(hosts.Bun?.version).toBe(process.versions["bun"]);
  });
});
