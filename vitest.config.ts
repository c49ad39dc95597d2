import process from "node:process";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["**/node_modules/**", "npm/**", ".build/**"],
    environment: "node",
    globals: false,
    // Bun's child processes lack the `channel` that vitest 5.1 unrefs.
    pool: process.versions["bun"] === undefined ? "forks" : "threads",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    teardownTimeout: 10_000,
    allowOnly: false,
    passWithNoTests: false,
  },
});

export default config;
