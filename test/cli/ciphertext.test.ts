import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { classOf } from "../lint/lint-of.ts";
import { run } from "./run.ts";

const example = join(import.meta.dirname, "../../deploy/examples/native-sops.yaml");

const indented = (text: string, by: number) => text.replace(/^/gm, " ".repeat(by));

/** The document of the example, for a key of each of these services instead of its own. */
async function documentFor(...keys: readonly string[]): Promise<string> {
  const [, text = ""] = /ciphertext: \|\n([\s\S]*?) {8}files:/.exec(await readFile(example, "utf8")) ?? [];
  const own = text.replace(/^ {10}/gm, "").trimEnd();
  return own.replace(/ {4}age:\n[\s\S]*?(?=^ {4}lastmodified)/m, `${keys.join("\n")}\n`);
}

const awsKey = `    kms:
        - arn: arn:aws:kms:eu-west-1:123456789012:key/a
          created_at: "2024-01-01T00:00:00Z"
          enc: QUJDRA==
          aws_profile: ""`;
const transitKey = `    hc_vault:
        - vault_address: http://vault.example:8200
          engine_path: transit
          key_name: shop
          created_at: "2024-01-01T00:00:00Z"
          enc: vault:v1:abcd`;

const classWith = (stores: string, ciphertext: string) =>
  classOf("latchkey", {
    stores: `${stores}\n#\n`,
    secrets: `- store: git\n  ciphertext: |\n${indented(ciphertext, 4)}\n  files: [{ path: a }]\n`,
  });

describe("a class with a document of SOPS", () => {
  it("is refused by lint where the document is plain, at its line, without a value", async () => {
    const input = classWith("git: { kind: sops }", "password: CANARY-plain");
    const { code, stdout } = await run(["lint", "-"], { input });
    expect([code, stdout]).toEqual([1, expect.stringContaining("is not encrypted by SOPS: it is plain text")]);
    expect(stdout).toContain("change every secret in it");
    expect(stdout).not.toContain("CANARY");
  });

  it("is refused by lint where the login at a key service is wrong", async () => {
    const input = classWith("git: { kind: sops, aws: { roleArn: nonsense } }", await documentFor(awsKey));
    const { code, stdout } = await run(["lint", "-"], { input });
    expect([code, stdout]).toEqual([1, expect.stringMatching(/LK0020.*aws.roleArn: must be the ARN of an IAM role/)]);
  });

  it("has lint warn of a key service without TLS", async () => {
    const input = classWith("git: { kind: sops, vault: { role: shop } }", await documentFor(transitKey));
    const { stdout } = await run(["lint", "-"], { input });
    expect(stdout).toContain('tokens and secrets travel unencrypted to "http://vault.example:8200"');
  });

  it("has its key services in the plan, with the token that the login there takes", async () => {
    const stores = "git: { kind: sops, aws: {}, vault: { role: shop } }";
    const input = classWith(stores, await documentFor(awsKey, transitKey));
    const who = ["--namespace", "shop", "--service-account", "web", "--format", "json"];
    const { code, stdout, stderr } = await run(["plan", "-", ...who], { input });
    expect([code, stderr]).toEqual([0, ""]);
    const { sessions, tokenRequests } = JSON.parse(stdout);
    expect(sessions).toEqual([
      expect.objectContaining({ stores: ["sops"], login: "none, it is on the node" }),
      expect.objectContaining({
        stores: ["aws-kms"],
        login: "service account token",
        audience: "sts.amazonaws.com",
        annotations: ["eks.amazonaws.com/role-arn"],
      }),
      expect.objectContaining({ stores: ["vault-transit"], login: "service account token", audience: "vault" }),
    ]);
    expect(tokenRequests).toEqual([{ audience: "sts.amazonaws.com" }, { audience: "vault" }]);
  });
});
