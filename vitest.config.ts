import process from "node:process";
import { defineConfig, type ViteUserConfig } from "vitest/config";

// By itself vite takes the condition "node" on every runtime, and Deno would test the platform of Node.
const runtime = process.versions["deno"] !== undefined
  ? "deno"
  : process.versions["bun"] !== undefined
  ? "bun"
  : "node";

const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: [runtime, "import", "module", "default"] } },
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["**/node_modules/**", "npm/**", ".build/**"],
    environment: "node",
    globals: false,
    // Bun's child processes lack the `channel` that vitest 5.1 unrefs.
    pool: runtime === "bun" ? "threads" : "forks",
    maxWorkers: 2,
    // The first test that needs a guest compiles it; Zig compiles its C library with the first of C.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 10_000,
    allowOnly: false,
    passWithNoTests: false,
  },
});

export default config;
