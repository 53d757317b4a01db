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
    maxWorkers: 2,
  },
});
