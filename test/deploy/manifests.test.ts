import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { readDocument } from "../docs/documents.ts";
import { helm } from "../servers/helm.ts";
import { judgeManifests } from "../servers/kubernetes-validate.ts";
import { ensureVenv } from "../servers/venv.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

// Helm is made on first use.
await helm(["version"]);

describe("deploy/*.yaml", () => {
  it("are the chart with its defaults, and the names in its schema the program's", async () => {
    await expect(run("node", ["scripts/generate-deploy.ts", "--check"], { cwd: root })).resolves.toBeDefined();
  });

  it.each(["deploy/latchkey.yaml", "deploy/latchkey-provider-delivery.yaml"])("%s is valid", async (path) => {
    expect(await judgeManifests(await readDocument(path))).toEqual([
      "ok serviceaccount/latchkey",
      "ok configmap/latchkey",
      "ok daemonset/latchkey",
    ]);
  });

  it("judges: a manifest that is wrong is found", async () => {
    const text = (await readDocument("deploy/latchkey.yaml")).replace("maxUnavailable: 1", "maxUnavailabel: 1");
    expect((await judgeManifests(text)).filter((line) => !line.startsWith("ok "))).toEqual([
      expect.stringContaining("maxUnavailabel"),
    ]);
  });
});

describe("the Dockerfile", () => {
  it("has nothing that hadolint finds", async () => {
    const { hadolint } = await ensureVenv();
    const { stdout } = await run(hadolint, ["--no-color", "Dockerfile"], { cwd: root });
    expect(stdout).toBe("");
  });
});
