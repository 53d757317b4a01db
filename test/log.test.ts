import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const module = join(import.meta.dirname, "../src/log.ts");

/** Runs a program that logs to standard output, and returns the messages that it prints. */
function printed(program: string): readonly string[] {
  const script = `import { createLogger } from ${JSON.stringify(module)}; const log = createLogger("info"); ${program}`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line).msg);
}

describe("the log on standard output", () => {
  it.each([
    ["that ends by itself", ""],
    ["that exits at once", "process.exit(1);"],
    ["that throws", 'throw new Error("bug");'],
    ["that exits in a later turn", 'setTimeout(() => { log.info("c"); process.exit(0); }, 5);'],
  ])("loses no line of a program %s, and keeps their order", (_, end) => {
    const later = end.startsWith("setTimeout") ? ["c"] : [];
    expect(printed(`log.info("a"); log.warn("b"); ${end}`)).toEqual(["a", "b", ...later]);
  });

  it("listens for the end of the process only while lines wait, however many logs there are", () => {
    const program = `
      process.on("warning", ({ name }) => log.warn(name));
      const logs = Array.from({ length: 30 }, () => createLogger("info"));
      for (const [at, each] of logs.entries()) {
        each.info(String(at));
        await new Promise((resolve) => setImmediate(resolve));
      }
      log.info(\`\${process.listenerCount("exit")} listeners\`);`;
    const numbers = Array.from({ length: 30 }, (_, at) => String(at));
    expect(printed(program)).toEqual([...numbers, "0 listeners"]);
  });
});
