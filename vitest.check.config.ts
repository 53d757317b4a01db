import { defineConfig } from "vitest/config";

// `npm run check`: what needs no server.
export default defineConfig({ test: { include: ["test/architecture.test.ts"], allowOnly: false } });
