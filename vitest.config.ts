import process from "node:process";
import { defineConfig, type ViteUserConfig } from "vitest/config";
import { LongestFirst } from "./tests/tools/longest_first.ts";

// By itself vite takes the condition "node" on every runtime, and Deno would test the platform of Node.
const runtime = process.versions["deno"] !== undefined
  ? "deno"
  : process.versions["bun"] !== undefined
  ? "bun"
  : "node";

/**
 * Folders whose files share a worker: they test parts of the host without processes or a shared state of the runtime. To
 * start a worker and load the source takes a third of the time of such a file. On Bun, workers are threads, which start
 * sooner, and no file shares one.
 */
const SHARED = ["component", "core", "preview1", "tools", "trace", "unit", "wasi"]
  .map((folder) => `tests/${folder}/**/*.test.ts`);

/** Files of these folders that take so long that they have a worker of their own. */
const APART = ["tests/unit/go_signals.test.ts"];

const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: [runtime, "import", "module", "default"] } },
  test: {
    projects: [
      { extends: true, test: { name: "isolated", include: ["tests/**/*.test.ts"], exclude: SHARED, isolate: true } },
      { extends: true, test: { name: "isolated, of shared folders", include: APART, isolate: true } },
      { extends: true, test: { name: "shared", include: SHARED, exclude: APART, isolate: runtime === "bun" } },
    ],
    sequence: { sequencer: LongestFirst },
    environment: "node",
    globals: false,
    globalSetup: ["tests/tools/bundled_command.ts"],
    // Bun's child processes lack the `channel` that vitest 5.1 unrefs.
    pool: runtime === "bun" ? "threads" : "forks",
    maxWorkers: 2,
    // The first test that needs a guest compiles it; Zig compiles its C library with the first of C.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    teardownTimeout: 10_000,
    allowOnly: false,
    passWithNoTests: false,
  },
});

export default config;
