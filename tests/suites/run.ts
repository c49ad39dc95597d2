/**
 * Runs a suite that is not part of `npm test`: `node tests/suites/run.ts SUITE [RUNTIME]... [options]`.
 *
 * `npm run SUITE -- --help` lists the options.
 *
 * @module
 */

import { runSuite } from "./runner.ts";
import type { Suite } from "./suite.ts";

const SUITES: Readonly<Record<string, () => Promise<{ readonly suite: Suite }>>> = {
  conformance: () => import("../conformance/suite.ts"),
  "go-std": () => import("../go_std/suite.ts"),
  stealthrocket: () => import("../stealthrocket/suite.ts"),
  soak: () => import("../soak/suite.ts"),
  "component-tests": () => import("../component_model/suite.ts"),
  races: () => import("../races/suite.ts"),
  differential: () => import("../differential/suite.ts"),
  "wasmtime-tests": () => import("../wasmtime/suite.ts"),
};

async function main([name = "", ...args]: readonly string[]): Promise<boolean> {
  const load = Object.hasOwn(SUITES, name) ? SUITES[name] : undefined;
  if (load === undefined) {
    throw new TypeError(`Unknown suite "${name}": choose one of ${Object.keys(SUITES).join(", ")}`);
  }
  const { suite } = await load();
  return await runSuite(name, suite, args);
}

try {
  process.exitCode = await main(process.argv.slice(2)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
