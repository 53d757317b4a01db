import { describe, expect, it } from "vitest";
import { classOf, lintText, sentences } from "./lint-of.ts";

const parameters = { region: "eu-west-1", objects: "- { objectName: a, objectType: secretsmanager }\n" };
const good = classOf("aws", parameters);
const head = "apiVersion: secrets-store.csi.x-k8s.io/v1";
const kind = "kind: SecretProviderClass";

/** Returns what lint says of a text, after the number of classes in it. */
async function said(text: string) {
  const { findings, classes } = await lintText(text);
  return [
    classes,
    ...findings.map(({ line, column, id, message, fix }) => `${line}:${column} ${id} ${message}: ${fix}`),
  ];
}

const kindFix = "write kind: SecretProviderClass";
const versionFix = "write apiVersion: secrets-store.csi.x-k8s.io/v1";

describe("what looks like a SecretProviderClass", () => {
  it.each([
    ["kind: SecretProviderclass", '2:7 bad-class kind "SecretProviderclass" is not SecretProviderClass'],
    ["kind: secretproviderclass", '2:7 bad-class kind "secretproviderclass" is not SecretProviderClass'],
    ["kind: SecretProviderClasses", '2:7 bad-class kind "SecretProviderClasses" is not SecretProviderClass'],
    ["kind: SecretsProviderClass", '2:7 bad-class kind "SecretsProviderClass" is not SecretProviderClass'],
    ["kind: SecretProvider", '2:7 bad-class kind "SecretProvider" is not SecretProviderClass'],
    ["kind: Secret", '2:7 bad-class kind "Secret" is not SecretProviderClass'],
    ["#", "1:1 bad-class kind is missing"],
  ])("is judged with the right group and `%s`", async (line, expected) => {
    expect(await said(good.replace(kind, line))).toEqual([1, `${expected}: ${kindFix}`]);
  });

  it.each([
    ["apiVersion: v1", 'apiVersion "v1" is not that of a SecretProviderClass'],
    ["apiVersion: apps/v1", 'apiVersion "apps/v1" is not that of a SecretProviderClass'],
    [
      "apiVersion: secrets-store.csi.k8s.io/v1",
      'apiVersion "secrets-store.csi.k8s.io/v1" is not that of a SecretProviderClass',
    ],
    [
      "apiVersion: secrets-store.csi.x-k8s.io",
      'apiVersion "secrets-store.csi.x-k8s.io" is not that of a SecretProviderClass',
    ],
    [
      "apiVersion: secrets-store.csi.x-k8s.io/v1alpha1",
      `apiVersion "secrets-store.csi.x-k8s.io/v1alpha1" is not served by today's driver`,
    ],
    ["apiVersion: 1", "apiVersion is a number to Kubernetes, not text"],
  ])("is judged with the right kind and `%s`", async (line, message) => {
    expect(await said(good.replace(head, line))).toEqual([
      1,
      `1:13 bad-class ${message}: ${message.includes("number") ? "put it in quotes" : versionFix}`,
    ]);
  });

  it("is judged where both are wrong, and where only its spec tells", async () => {
    expect(await said(good.replace(head, "apiVersion: v1").replace(kind, "kind: SecretProviderClas"))).toEqual([
      1,
      `1:13 bad-class apiVersion "v1" is not that of a SecretProviderClass: ${versionFix}`,
      `2:7 bad-class kind "SecretProviderClas" is not SecretProviderClass: ${kindFix}`,
    ]);
    expect(await said(good.replace(head, "apiVersion: example.com/v1").replace(kind, "kind: Vault"))).toEqual([
      1,
      `1:13 bad-class apiVersion "example.com/v1" is not that of a SecretProviderClass: ${versionFix}`,
      `2:7 bad-class kind "Vault" is not SecretProviderClass: ${kindFix}`,
    ]);
  });

  it("has what is wrong inside of it told as well", async () => {
    const text = good.replace(kind, "kind: SecretProviderclass").replace("secretsmanager", "ssm");
    expect((await said(text)).slice(2)).toEqual([expect.stringContaining("LK0003")]);
  });

  it.each([
    [
      "the driver's status of pods",
      "apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClassPodStatus\nmetadata: { name: a }\n",
    ],
    [
      "a claim with a provider",
      "apiVersion: example.com/v1\nkind: Database\nspec: { provider: aws, parameters: { region: eu-west-1, size: small } }\n",
    ],
    [
      "a store of another operator",
      "apiVersion: external-secrets.io/v1\nkind: SecretStore\nspec: { provider: { vault: { server: x } } }\n",
    ],
    ["a kind of another group", "apiVersion: example.com/v1\nkind: SecretProvider\nspec: { provider: vault }\n"],
    [
      "a storage class",
      "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nprovisioner: x\nparameters: { objects: a }\n",
    ],
  ])("is not %s", async (_, text) => {
    expect(await said(text)).toEqual([0]);
  });
});

describe("a name that YAML 1.1 does not take for text", () => {
  it.each([
    [
      "metadata: { name: n }",
      "3:19 bad-class metadata.name is the boolean false to Kubernetes, not text: put it in quotes",
    ],
    [
      "metadata: { name: Yes }",
      "3:19 bad-class metadata.name is the boolean true to Kubernetes, not text: put it in quotes",
    ],
    ["metadata: { name: 0x10 }", "3:19 bad-class metadata.name is a number to Kubernetes, not text: put it in quotes"],
    ["metadata: { name: 1e3 }", "3:19 bad-class metadata.name is a number to Kubernetes, not text: put it in quotes"],
    ["metadata: { name: [a] }", "3:19 bad-class metadata.name is a list to Kubernetes, not text: put it in quotes"],
    [
      "metadata: { name: web, namespace: no }",
      "3:35 bad-class metadata.namespace is the boolean false to Kubernetes, not text: put it in quotes",
    ],
    [
      "metadata: { name: web, namespace: 7 }",
      "3:35 bad-class metadata.namespace is a number to Kubernetes, not text: put it in quotes",
    ],
  ])("%s is told", async (line, expected) => {
    expect(await said(good.replace("metadata: { name: web, namespace: shop }", line))).toEqual([1, expected]);
  });

  it.each([["'n'"], ["!!str n"], ["2020-01-01"], ['"on"']])("%s is a name", async (name) => {
    expect(await said(good.replace("name: web", `name: ${name}`))).toEqual([1]);
  });

  it("is told of a provider", async () => {
    expect((await said(good.replace("provider: aws", "provider: on")))[1]).toBe(
      "5:13 bad-class spec.provider is the boolean true to Kubernetes, not text: put it in quotes",
    );
  });
});

describe("a word of a SecretProviderClass that Kubernetes drops", () => {
  const extra = (line: string) => `${good}${line}\n`;

  it.each([
    ["  paramters: { a: b }", 'spec.paramters: field "paramters" is not read: did you mean "parameters"?'],
    ["  secretobjects: []", 'spec.secretobjects: field "secretobjects" is not read: did you mean "secretObjects"?'],
    ["  objects: []", 'spec.objects: field "objects" is not read: write it in spec.parameters'],
    ["  region: eu-west-1", 'spec.region: field "region" is not read: write it in spec.parameters'],
    ["  labels: {}", 'spec.labels: field "labels" is not read: remove it'],
    ["secretObjects: []", 'secretObjects: field "secretObjects" is not read: write it in spec'],
    ["parameters: { a: b }", 'parameters: field "parameters" is not read: write it in spec'],
    ["provider: aws", 'provider: field "provider" is not read: write it in spec'],
  ])("is a warning: %s", async (line, expected) => {
    const { findings } = await lintText(extra(line));
    expect(sentences(findings)).toEqual([`warning unknown-word ${expected}`]);
  });
});
