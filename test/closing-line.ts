import type { Reporter, TestModule } from "vitest/node";

/** Ends the run with `N passed, N failed` on a line of its own, and fails it where a test was skipped or none was run. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const count = (state: string) => states.filter((found) => found === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const [passed, failed, skipped] = [
      count("passed"),
      count("failed") + broken,
      states.length - count("passed") - count("failed"),
    ];
    if (skipped > 0) process.stderr.write(`${skipped} tests were skipped: every test must run\n`);
    if (skipped > 0 || passed === 0) process.exitCode = 1;
    process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
  }
}
