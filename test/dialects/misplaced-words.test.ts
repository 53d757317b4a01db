import { describe, expect, it } from "vitest";
import { classOf, lintText } from "../lint/lint-of.ts";
import { problemsOf } from "./plan-of.ts";

const objects = "- { objectName: a, secretPath: b }\n#\n";
const awsObjects = "- { objectName: a, objectType: ssmparameter }\n#\n";

/** The fix that lint gives for one more parameter of a drop-in dialect. */
async function ofParameter(provider: "vault" | "openbao" | "aws", name: string): Promise<string | undefined> {
  const parameters = provider === "aws" ? { region: "eu-west-1", objects: awsObjects } : { roleName: "r", objects };
  const { findings } = await lintText(classOf(provider, { ...parameters, [name]: "x" }));
  return findings.find(({ subject }) => subject === name)?.fix;
}

/** The fix that lint gives for one more field of an object. */
async function ofField(provider: "vault" | "openbao" | "aws", name: string): Promise<string | undefined> {
  const list = (provider === "aws" ? awsObjects : objects).replace(" }", `, ${name}: x }`);
  const parameters = provider === "aws" ? { region: "eu-west-1", objects: list } : { roleName: "r", objects: list };
  const { findings } = await lintText(classOf(provider, parameters));
  return findings.find(({ subject }) => subject === `objects[0].${name}`)?.fix;
}

describe("a word of another dialect", () => {
  it.each([
    ["vault", "openbaoAddress", 'it is a parameter of provider openbao: write "vaultAddress"'],
    ["vault", "baoNamespace", 'it is a parameter of provider openbao: write "vaultNamespace"'],
    ["vault", "baoRoleName", 'it is a parameter of provider openbao: write "roleName"'],
    ["vault", "vaultRoleName", 'it is a parameter of provider openbao: write "roleName"'],
    ["vault", "region", "it is a parameter of provider aws: remove it, or correct the provider"],
    ["vault", "stores", "it is a parameter of provider latchkey: remove it, or correct the provider"],
    ["vault", "keyvaultName", "it is a parameter of provider azure: remove it, or correct the provider"],
    ["openbao", "usePodIdentity", "it is a parameter of provider aws or azure: remove it, or correct the provider"],
    ["aws", "roleName", "it is a parameter of provider vault or openbao: remove it, or correct the provider"],
    ["aws", "vaultAddress", "it is a parameter of provider vault or openbao: remove it, or correct the provider"],
    ["aws", "secrets", "it is a parameter of provider latchkey or gcp: remove it, or correct the provider"],
    ["aws", "tenantId", "it is a parameter of provider azure: remove it, or correct the provider"],
  ] as const)("is told of provider %s: %s", async (provider, name, expected) => {
    expect(await ofParameter(provider, name)).toBe(expected);
  });

  it.each([
    ["vault", "objectType", "it is a field of objects of provider aws or azure: remove it, or correct the provider"],
    ["vault", "objectAlias", "it is a field of objects of provider aws or azure: remove it, or correct the provider"],
    ["openbao", "jmesPath", "it is a field of objects of provider aws: remove it, or correct the provider"],
    ["aws", "secretPath", "it is a field of objects of provider vault or openbao: remove it, or correct the provider"],
    ["aws", "objectEncoding", "it is a field of objects of provider azure: remove it, or correct the provider"],
    ["vault", "resourceName", "it is a field of secrets of provider gcp: remove it, or correct the provider"],
  ] as const)("is told in an object of provider %s: %s", async (provider, name, expected) => {
    expect(await ofField(provider, name)).toBe(expected);
  });

  it.each([
    [
      "objects",
      "it is a parameter of provider vault, openbao, aws or azure: correct the provider, or have `latchkey convert` write the native form",
    ],
    [
      "vaultAddress",
      "it is a parameter of provider vault or openbao: correct the provider, or have `latchkey convert` write the native form",
    ],
    [
      "keyvaultName",
      "it is a parameter of provider azure: correct the provider, or have `latchkey convert` write the native form",
    ],
  ])("is told of the native dialect: %s", async (name, expected) => {
    const problems = await problemsOf("latchkey", { secrets: "[]", [name]: "x" });
    expect(problems).toEqual([`LK0003 ${name}: unknown parameter "${name}". Fix: ${expected}`]);
  });
});

describe("a word at the wrong level", () => {
  it.each([
    ["vault", "secretPath", "write it in an entry of objects"],
    ["vault", "objectName", "write it in an entry of objects"],
    ["openbao", "secretKey", "write it in an entry of objects"],
    ["aws", "objectAlias", "write it in an entry of objects"],
    ["aws", "objectname", "write it in an entry of objects"],
    ["aws", "stringify", "write it in jmesPath, in an entry of objects"],
  ] as const)("is told in parameters of %s: %s", async (provider, name, expected) => {
    expect(await ofParameter(provider, name)).toBe(expected);
  });

  it.each([
    ["vault", "roleName", "write it beside objects, as a parameter"],
    ["vault", "vaultAddress", "write it beside objects, as a parameter"],
    ["openbao", "audience", "write it beside objects, as a parameter"],
    ["aws", "region", "write it beside objects, as a parameter"],
    ["aws", "failoverRegion", "write it beside objects, as a parameter"],
    ["aws", "path", "write it in jmesPath, in an entry of objects"],
  ] as const)("is told in an object of %s: %s", async (provider, name, expected) => {
    expect(await ofField(provider, name)).toBe(expected);
  });

  const native = (parameters: Readonly<Record<string, string>>) =>
    problemsOf("latchkey", {
      stores: 'v: { kind: vault, address: "https://v", role: r }',
      secrets: "- { store: v, name: a, as: db, files: [{ path: f }] }",
      ...parameters,
    });

  it.each([
    [
      { secrets: "- { store: v, name: a, files: [{ path: f }], key: b }" },
      "key",
      "write it in an entry of files or in expand",
    ],
    [
      { secrets: "- { store: v, name: a, files: [{ path: f }], mode: '0440' }" },
      "mode",
      "write it in an entry of files, in expand or in an entry of templates",
    ],
    [{ secrets: "- { store: v, name: a, files: [{ path: f }], role: r }" }, "role", "write it in an entry of stores"],
    [
      { secrets: "- { store: v, name: a, files: [{ path: f, store: v }] }" },
      "store",
      "write it in an entry of secrets",
    ],
    [
      { secrets: "- { store: v, name: a, files: [{ path: f, optional: true }] }" },
      "optional",
      "write it in an entry of secrets",
    ],
    [{ secrets: "- { store: v, name: a, files: [{ path: f, include: a }] }" }, "include", "write it in expand"],
    [
      { stores: "v: { kind: vault, address: https://v, role: r, files: [] }" },
      "files",
      "write it in an entry of secrets",
    ],
    [{ stores: "v: { kind: vault, address: https://v, role: r, as: a }" }, "as", "write it in an entry of secrets"],
    [{ templates: "- { path: t, content: x, store: v }" }, "store", "write it in an entry of secrets"],
    [{ templates: "- { path: t, content: x, decode: hex }" }, "decode", "write it in an entry of files or in expand"],
    [
      { kubernetesSecrets: "- { name: s, data: { a: { file: f } }, file: f }" },
      "file",
      "write it in data, in an entry of kubernetesSecrets",
    ],
    [
      { secrets: "- { store: v, as: a, find: { prefix: a/data/ , include: x }, expand: {} }" },
      "include",
      "write it in expand",
    ],
  ])("is told of the native dialect: %j", async (parameters, word, expected) => {
    const problems = await native(parameters);
    expect(problems.filter((problem) => problem.includes(`"${word}"`)).join()).toMatch(new RegExp(`Fix: ${expected}$`));
  });

  it.each([
    ["files", "write it in an entry of secrets"],
    ["role", "write it in an entry of stores"],
    ["content", "write it in an entry of templates"],
    ["secretObjects", "write it in spec, beside parameters"],
  ])("is told of a parameter of the native dialect: %s", async (name, expected) => {
    expect(await native({ [name]: "x" })).toEqual([`LK0003 ${name}: unknown parameter "${name}". Fix: ${expected}`]);
  });

  it("keeps the nearest word where nothing else has the word", async () => {
    expect(await native({ secret: "x" })).toEqual([
      'LK0003 secret: unknown parameter "secret". Fix: did you mean "secrets"?',
    ]);
    expect(await ofParameter("vault", "vaultAdress")).toBe('did you mean "vaultAddress"?');
    expect(await ofParameter("aws", "colour")).toBe("remove it");
  });

  it("tells secretObjects of every dialect where it belongs", async () => {
    for (const provider of ["vault", "openbao", "aws"] as const) {
      expect(await ofParameter(provider, "secretObjects")).toBe("write it in spec, beside parameters");
    }
  });
});
