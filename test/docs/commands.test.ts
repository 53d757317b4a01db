import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthority } from "../servers/certificates.ts";
import { helm, testImage } from "../servers/helm.ts";
import { startOpenBao } from "../servers/openbao.ts";
import { ensureVenv } from "../servers/venv.ts";
import { fencedBlocks, kindOf, pages, yamlBlocks } from "./blocks.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

// Helm is made on first use.
await helm(["version"]);

const shells = (await Promise.all((await pages()).map(fencedBlocks)))
  .flat()
  .filter(({ language }) => language === "sh");

/** Every installation of the chart in a block of a page, without `helm install latchkey deploy/chart`. */
const installations = shells.flatMap(({ place, text }) =>
  [...text.replaceAll("\\\n", " ").matchAll(/^helm (?:install|upgrade) latchkey deploy\/chart (.*)$/gm)].map(
    ([, rest = ""]) => ({ place, args: [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b ?? "") }),
  ),
);

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-commands-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("commands of the documentation", () => {
  it.each(installations)("$place: the chart is installed with what it takes", async ({ args }) => {
    const values = (await yamlBlocks()).find(
      ({ place, text }) => /install\.md/.test(place) && kindOf(text) === "values",
    );
    const file = join(directory, "values.yaml");
    await writeFile(file, values?.text ?? "");
    const own = args.map((arg) =>
      arg === "values.yaml" ? file : arg.replace("registry.example.com/latchkey", testImage),
    );
    const chart = join(root, "deploy/chart");
    expect(await helm(["template", "latchkey", chart, "--kube-version", "1.37.0", ...own])).toContain(
      "kind: DaemonSet",
    );
  });

  it("are found", () => expect(installations.length).toBeGreaterThanOrEqual(4));

  it("set up a real OpenBao server as docs/install.md says, up to the cluster that it asks about tokens", async () => {
    const written = /sh <<'END'\n([\s\S]*?)^END$/m.exec(shells.map(({ text }) => text).join(""))?.[1] ?? "";
    // Outside of a pod there is no CA to find.
    const script = written.replace(
      / kubernetes_host=\S+/,
      `$& disable_local_ca_jwt=true kubernetes_ca_cert=@${directory}/ca.pem`,
    );
    await writeFile(join(directory, "ca.pem"), (await createAuthority()).caPem);
    expect(script).not.toBe(written);
    const [bao, { bao: program }] = await Promise.all([startOpenBao(), ensureVenv()]);
    try {
      await symlink(program, join(directory, "bao"));
      const env = { PATH: `${directory}:${process.env.PATH}`, BAO_ADDR: bao.address, BAO_TOKEN: bao.rootToken };
      await run("sh", ["-c", script], { env: { ...env, HOME: directory } });
      const role = await bao.request("GET", "auth/kubernetes/role/payment-service");
      expect(role).toMatchObject({
        data: {
          bound_service_account_names: ["payments"],
          bound_service_account_namespaces: ["shop"],
          audience: "openbao",
          token_policies: ["payments"],
        },
      });
      const secret = await bao.request("GET", "secret/data/production/db");
      expect(secret).toMatchObject({ data: { data: { username: "shop", password: "example-password" } } });
    } finally {
      await bao.stop();
    }
  });
});
