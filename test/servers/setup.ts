import { ensureVenv } from "./venv.ts";

/** Runs once before all tests: the real servers' programs are there, or the run ends with a line that says what to do. */
export default async function setup(): Promise<void> {
  await ensureVenv();
}
