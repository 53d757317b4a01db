import { describe, expect, it } from "vitest";
import { dialectDefinitions } from "../../src/dialects/index.ts";
import { nativeName } from "../../src/dialects/native/name.ts";
import { helm, notesOf, type Values } from "../servers/helm.ts";
import { valueSets } from "./value-sets.ts";

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
    [["gcp"], ["PROJECT.svc.id.goog"]],
    [["azure"], ["api://AzureADTokenExchange", "api://AKSIdentityBinding"]],
    [["latchkey"], ["vault", "sts.amazonaws.com", "PROJECT.svc.id.goog", "api://AzureADTokenExchange"]],
    [
      ["latchkey", "aws", "vault"],
      ["vault", "sts.amazonaws.com", "pods.eks.amazonaws.com", "PROJECT.svc.id.goog", "api://AzureADTokenExchange"],
    ],
  ])("show the audiences that %j needs, each once", async (providers, expected) => {
    expect(audiences(await notesOf({ providers }))).toEqual(expected);
  });

  it.each(dialectDefinitions.filter(({ name }) => name !== nativeName))(
    "show those of $name that the program names",
    async ({ name, audiences: named }) => {
      const needed = [...named.matchAll(/"([^"]+)"/g)].map(([, audience]) => audience);
      expect(audiences(await notesOf({ providers: [name] })).sort()).toEqual(needed.sort());
    },
  );

  it("show the audience that a setting names instead", async () => {
    const notes = async (values: Values) => audiences(await notesOf(values));
    expect(await notes({ providers: ["azure"], config: { azureTokenAudience: "api://own" } })).toContain("api://own");
    expect(await notes({ providers: ["gcp"], config: { gcpIdentityPool: "own.svc.id.goog" } })).toEqual([
      "own.svc.id.goog",
    ]);
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
    const cache = { keySecretName: "latchkey-cache-key" };
    expect(await secrets({ versionKey: { ephemeral: true }, cache })).toEqual(["latchkey-cache-key"]);
    const audit = { mode: "required", keySecretName: "latchkey-audit-key" };
    expect(await secrets({ audit })).toEqual(["latchkey-version-key", "latchkey-audit-key"]);
    expect(await secrets({ audit: { ...audit, mode: "off" } })).toEqual(["latchkey-version-key"]);
  });

  it.each(valueSets)("count their steps from 1, with %s", async (_, values) => {
    const steps = [...(await notesOf(values)).matchAll(/^(\d+)\. /gm)].map(([, step]) => Number(step));
    expect(steps.length).toBeGreaterThanOrEqual(2);
    expect(steps).toEqual(steps.map((_, index) => index + 1));
  });

  const needs = async (values: Values) =>
    [...(await notesOf(values)).matchAll(/^ {3}- (\w+): (?:an? )?(\w+)/gm)].map(
      ([, dialect, what]) => `${dialect} ${what}`,
    );
  const files = { files: { kind: "file", directory: "/secrets" } };

  it.each<readonly [Values, readonly string[]]>([
    [{ providers: ["vault"] }, ["vault address"]],
    [{ providers: ["vault"], config: { vaultAddr: "https://vault:8200" } }, []],
    [{ providers: ["vault"], config: { vaultAgentAddr: "https://vault:8200" } }, []],
    [{ providers: ["vault"], env: [{ name: "VAULT_ADDR", value: "https://vault:8200" }] }, []],
    [{ providers: ["vault"], env: [{ name: "BAO_ADDR", value: "https://bao:8200" }] }, ["vault address"]],
    [{ providers: ["openbao"], env: [{ name: "BAO_ADDR", value: "https://bao:8200" }] }, []],
    [{ providers: ["openbao"], config: { vaultAddr: "https://vault:8200" } }, ["openbao address"]],
    [{ providers: ["aws"] }, ["aws role", "aws region"]],
    [{ providers: ["aws"], aws: { region: "eu-west-1" } }, ["aws role"]],
    [{ providers: ["gcp"] }, ["gcp identity"]],
    [{ providers: ["azure"] }, ["azure identity"]],
    [{}, ["latchkey stores"]],
    [{ config: { inlineStores: false } }, ["latchkey profiles"]],
    [{ profiles: files }, []],
    [
      { providers: ["aws", "openbao", "vault", "latchkey"] },
      ["vault address", "openbao address", "aws role", "aws region", "latchkey stores"],
    ],
  ])("ask for what the dialects need: %j", async (values, expected) => {
    expect(await needs(values)).toEqual(expected);
  });
});
