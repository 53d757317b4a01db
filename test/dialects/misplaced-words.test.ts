import { describe, expect, it } from "vitest";
import { classOf, lintText } from "../lint/lint-of.ts";
import { problemsOf } from "./plan-of.ts";

type DropIn = "vault" | "openbao" | "aws" | "gcp" | "azure";

const vault = (more: string) => ({ roleName: "r", objects: `- { objectName: a, secretPath: b${more} }\n#\n` });

/** Parameters of each drop-in dialect, with more fields of their one object. */
const parametersOf: Readonly<Record<DropIn, (more: string) => Readonly<Record<string, string>>>> = {
  vault,
  openbao: vault,
  aws: (more) => ({ region: "eu-west-1", objects: `- { objectName: a, objectType: ssmparameter${more} }\n#\n` }),
  gcp: (more) => ({ secrets: `- { resourceName: projects/p/secrets/s/versions/1, path: a${more} }\n#\n` }),
  azure: (more) => ({
    keyvaultName: "shop",
    tenantID: "t",
    objects: `array:\n  - "{ objectName: a, objectType: secret${more} }"\n#\n`,
  }),
};

/** The fix that lint gives for one more parameter of a drop-in dialect. */
async function ofParameter(provider: DropIn, name: string): Promise<string | undefined> {
  const parameters = parametersOf[provider]("");
  const { findings } = await lintText(classOf(provider, { ...parameters, [name]: "x" }));
  return findings.find(({ subject }) => subject === name)?.fix;
}

/** The fix that lint gives for one more field of an object. */
async function ofField(provider: DropIn, name: string): Promise<string | undefined> {
  const { findings } = await lintText(classOf(provider, parametersOf[provider](`, ${name}: x`)));
  return findings.find(({ subject }) => subject?.endsWith(`[0].${name}`))?.fix;
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
    ["gcp", "region", "it is a parameter of provider aws: remove it, or correct the provider"],
    ["gcp", "roleName", "it is a parameter of provider vault or openbao: remove it, or correct the provider"],
    ["gcp", "keyvaultName", "it is a parameter of provider azure: remove it, or correct the provider"],
    [
      "gcp",
      "objects",
      "it is a parameter of provider vault, openbao, aws or azure: remove it, or correct the provider",
    ],
    ["azure", "vaultAddress", "it is a parameter of provider vault or openbao: remove it, or correct the provider"],
    ["azure", "auth", "it is a parameter of provider gcp: remove it, or correct the provider"],
    ["azure", "secrets", "it is a parameter of provider latchkey or gcp: remove it, or correct the provider"],
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
    [
      "gcp",
      "objectName",
      "it is a field of objects of provider vault, openbao, aws or azure: remove it, or correct the provider",
    ],
    ["gcp", "objectAlias", "it is a field of objects of provider aws or azure: remove it, or correct the provider"],
    [
      "azure",
      "secretPath",
      "it is a field of objects of provider vault or openbao: remove it, or correct the provider",
    ],
    ["azure", "jmesPath", "it is a field of objects of provider aws: remove it, or correct the provider"],
    ["azure", "resourceName", "it is a field of secrets of provider gcp: remove it, or correct the provider"],
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
    ["gcp", "resourceName", "write it in an entry of secrets"],
    ["gcp", "extractJSONKey", "write it in an entry of secrets"],
    ["azure", "objectName", "write it in an entry of objects"],
    ["azure", "objectEncoding", "write it in an entry of objects"],
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
    ["gcp", "auth", "write it beside secrets, as a parameter"],
    ["azure", "keyvaultName", "write it beside objects, as a parameter"],
    ["azure", "tenantId", "write it beside objects, as a parameter"],
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
    expect(await ofParameter("gcp", "secrest")).toBe('did you mean "secrets"?');
    expect(await ofParameter("azure", "keyvaultNmae")).toBe('did you mean "keyvaultName"?');
    expect(await ofField("gcp", "extractJsonKeys")).toBe('did you mean "extractJSONKey"?');
  });

  it("takes a word that differs in its case alone for the dialect's own, even if another dialect reads it", async () => {
    expect(await ofField("azure", "objectalias")).toBe('did you mean "objectAlias"?');
    expect(await ofField("azure", "objectname")).toBe('did you mean "objectName"?');
    expect(await ofField("vault", "objectname")).toBe('did you mean "objectName"?');
    expect(await ofField("openbao", "FilePermission")).toBe('did you mean "filePermission"?');
    expect(await ofParameter("vault", "Objects")).toBe('did you mean "objects"?');
  });

  it("tells secretObjects of every dialect where it belongs", async () => {
    for (const provider of ["vault", "openbao", "aws", "gcp", "azure"] as const) {
      expect(await ofParameter(provider, "secretObjects")).toBe("write it in spec, beside parameters");
    }
  });
});
