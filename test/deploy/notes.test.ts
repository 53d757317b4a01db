import { describe, expect, it } from "vitest";
import { helm, notesOf } from "../servers/helm.ts";

// Helm is made on first use.
await helm(["version"]);

const audiences = (notes: string) => [...notes.matchAll(/- audience: (\S+)/g)].map(([, audience]) => audience);

describe("the notes of the chart", () => {
  it.each([
    [["vault"], ["vault"]],
    [["openbao"], ["openbao"]],
    [["aws"], ["sts.amazonaws.com", "pods.eks.amazonaws.com"]],
    [
      ["vault", "openbao", "aws"],
      ["vault", "openbao", "sts.amazonaws.com", "pods.eks.amazonaws.com"],
    ],
    [["latchkey"], ["vault", "sts.amazonaws.com"]],
    [
      ["latchkey", "aws", "vault"],
      ["vault", "sts.amazonaws.com", "pods.eks.amazonaws.com"],
    ],
  ])("show the audiences that %j needs, each once", async (providers, expected) => {
    expect(audiences(await notesOf({ providers }))).toEqual(expected);
  });

  it("say nothing of audiences where Latchkey asks for tokens itself", async () => {
    const notes = await notesOf({ tokenRequests: true });
    expect(audiences(notes)).toEqual([]);
    expect(notes).toContain("asks the Kubernetes API for the tokens");
  });

  it("tell how each key is made that the pods wait for, and of none that they do not", async () => {
    const secrets = async (values: object) =>
      [...(await notesOf({ ...values })).matchAll(/create secret generic (\S+)/g)].map(([, name]) => name);
    expect(await secrets({})).toEqual(["latchkey-version-key"]);
    expect(await secrets({ versionKey: { generate: true } })).toEqual([]);
    expect(await secrets({ versionKey: { ephemeral: true }, cache: { persistent: true } })).toEqual([
      "latchkey-cache-key",
    ]);
    const audit = { mode: "required", keySecretName: "latchkey-audit-key" };
    expect(await secrets({ audit })).toEqual(["latchkey-version-key", "latchkey-audit-key"]);
    expect(await secrets({ audit: { ...audit, mode: "off" } })).toEqual(["latchkey-version-key"]);
  });
});
