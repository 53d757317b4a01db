import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classOf } from "../lint/lint-of.ts";
import { run } from "./run.ts";

const objects = "- { objectName: a, secretPath: b }\n";
const vaultAddress = "https://vault:8200";
const clean = classOf("vault", { roleName: "r", vaultAddress, objects });
const wrong = classOf("vault", { vaultAddress, objects });
const risky = classOf("vault", { roleName: "r", vaultAddress, vaultSkipTLSVerify: '"true"', objects });
const profiled = classOf("latchkey", {
  stores: "s: { profile: team }\n#\n",
  secrets: "- { store: s, name: a, files: [{ path: a }] }\n",
});

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "latchkey-lint-"));
  const files = {
    "clean.yaml": clean,
    "wrong.yaml": wrong,
    "risky.yaml": risky,
    "profiled.yaml": profiled,
    "config.yaml": "profiles: { team: { kind: file, directory: /srv } }\n",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  await writeFile(join(cwd, "bytes.yaml"), Buffer.from([0xff, 0xfe, 0x00]));
});

afterAll(() => rm(cwd, { recursive: true, force: true }));

describe("latchkey lint", () => {
  it.each([
    ["a clean file", ["clean.yaml"], 0],
    ["a problem", ["clean.yaml", "wrong.yaml"], 1],
    ["a warning", ["risky.yaml"], 0],
    ["a warning that counts as an error", ["risky.yaml", "--warnings-as-errors"], 1],
    ["a file that is not there", ["clean.yaml", "none.yaml"], 2],
    ["a file that is not text", ["bytes.yaml"], 2],
    ["no file", [], 2],
    ["a format that there is not", ["clean.yaml", "--format", "xml"], 2],
    ["a profile that is not known", ["profiled.yaml"], 0],
    ["a profile of the operator", ["profiled.yaml", "--config", "config.yaml", "--warnings-as-errors"], 0],
  ])("answers %s with its exit code", async (_, args, code) => {
    expect(await run(["lint", ...args], { cwd })).toMatchObject({ code });
  });

  it("reads standard input, prints without colours into a pipe, and names a file that cannot be read after the report", async () => {
    const { code, stdout, stderr } = await run(["lint", "-", "none.yaml"], { cwd, input: wrong });
    expect(code).toBe(2);
    expect(stdout).toBe(
      [
        "-:6:3: error LK0003 SecretProviderClass shop/web, roleName: missing 'roleName' in SecretProviderClass definition",
        "  fix: set it to the role of Vault's Kubernetes or JWT auth method",
        "1 error in 1 SecretProviderClass of 1 file",
        "",
      ].join("\n"),
    );
    expect(stderr).toBe("latchkey: none.yaml: cannot be read (ENOENT); check the path and its permissions\n");
  });

  it("does not take a pipe that nothing comes through for a clean one", async () => {
    for (const input of ["", " \n"]) {
      const { code, stderr } = await run(["lint", "-"], { input });
      expect([code, stderr]).toEqual([
        2,
        "latchkey: -: standard input was empty, so nothing was checked; look at the command before the pipe\n",
      ]);
    }
  });

  it.each([
    ["comments", "# nothing to see\n---\n", 1],
    ["the values of a chart", "replicas: 1\nspec: { provider: vault }\n", 1],
    ["a list of no objects", "- a\n- b\n", 1],
    ["a Helm chart without one", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n", 0],
  ])("says that there was nothing to check in %s", async (_, input, code) => {
    const human = await run(["lint", "-"], { input });
    expect([human.code, human.stdout]).toEqual([
      code,
      expect.stringMatching(/no SecretProviderClass in 1 (?:file|object of 1 file)\n$/),
    ]);
    for (const format of ["json", "sarif", "github"]) {
      const machine = await run(["lint", "-", "--format", format], { input });
      expect([machine.code, machine.stderr]).toEqual([
        code,
        expect.stringContaining("latchkey: no SecretProviderClass in 1 "),
      ]);
    }
  });

  it("takes what the operator set from flags and environment", async () => {
    const aws = classOf("aws", { objects: "- objectName: arn:aws:secretsmanager:us-east-1:1:secret:a\n#\n" });
    const answers = [
      await run(["lint", "-", "--aws-region", "eu-west-1"], { input: aws }),
      await run(["lint", "-"], { input: aws, env: { AWS_REGION: "eu-west-1" } }),
      await run(["lint", "-"], { input: aws }),
    ];
    expect(answers.map(({ code }) => code)).toEqual([1, 1, 0]);
  });
});
