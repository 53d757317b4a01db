import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/servers/setup.ts"],
    setupFiles: ["test/runner-options.ts", "test/no-leaks.ts"],
    reporters: ["default", "./test/closing-line.ts"],
    allowOnly: false,
    passWithNoTests: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    // One process runs many files: what a file imports is read once. Nothing in src is shared between files by a module.
    isolate: false,
    // One more than there are cores of the smallest machine: many tests wait for a server or a clock.
    maxWorkers: 3,
  },
});
