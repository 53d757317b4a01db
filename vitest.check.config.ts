import { defineConfig } from "vitest/config";

// `npm run check`: what needs no server.
export default defineConfig({
  test: {
    // It reads every source; a busy machine takes long for that.
    testTimeout: 60_000,
    include: ["test/architecture.test.ts"],
    allowOnly: false,
  },
});
