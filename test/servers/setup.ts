import { ensureBundle } from "../bundle.ts";
import { ensureVenv } from "./venv.ts";

/**
 * Runs once before all tests: Latchkey is built, and the real servers' programs are there, or the run ends with a line
 * that says what to do.
 */
export default async function setup(): Promise<void> {
  try {
    await Promise.all([ensureBundle(), ensureVenv()]);
  } catch (error) {
    throw oneLine(error);
  }
}

/** Without frames, which would bury what the line says. */
function oneLine(thrown: unknown): unknown {
  if (thrown instanceof Error) thrown.stack = `${thrown.name}: ${thrown.message}`;
  return thrown;
}
