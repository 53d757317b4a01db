import { describe, expect, it } from "vitest";
import type { OperatorAzure } from "../../../src/dialects/azure/operator.ts";
import type { Output } from "../../../src/plan/plan.ts";
import { type Parameters, planOf, problemsOf } from "../plan-of.ts";

const usual = { keyvaultName: "shop", tenantID: "tenant", clientID: "client" };

/** `objects` with one entry of these lines. */
function one(...lines: readonly string[]): string {
  return `array:\n  - |\n${lines.map((line) => `    ${line}\n`).join("")}`;
}

const secret = (...lines: readonly string[]) => one("objectName: db", "objectType: secret", ...lines);

async function planned(parameters: Parameters, azure: OperatorAzure = {}) {
  return await planOf("azure", { ...usual, ...parameters }, { azure });
}

async function outputsOf(objects: string, azure: OperatorAzure = {}): Promise<readonly Output[]> {
  return (await planned({ objects }, azure)).outputs;
}

async function settingsOf(parameters: Parameters, azure: OperatorAzure = {}) {
  const plan = await planOf(
    "azure",
    { objects: secret(), keyvaultName: "shop", tenantID: "tenant", ...parameters },
    { azure },
  );
  return plan.secrets[0]?.source.settings;
}

describe("parameters of provider azure", () => {
  it("become settings of the vault, spaces around them taken off", async () => {
    expect(await settingsOf({ keyvaultName: " Shop-1 ", tenantID: " t ", clientID: " c " })).toEqual({
      vault: "Shop-1",
      cloud: "AzurePublicCloud",
      tenant: "t",
      identity: { by: "workloadIdentity", clientId: "c" },
    });
  });

  it.each([
    [{ tenantID: "", tenantId: "older" }, { tenant: "older" }],
    [{ tenantID: "one", tenantId: "other" }, { tenant: "one" }],
    [{ tenantID: "adfs" }, { tenant: "adfs" }],
    [{ cloudName: "azureusgovernmentcloud" }, { cloud: "AzureUSGovernmentCloud" }],
    [{ cloudName: "AzureUSGovernment" }, { cloud: "AzureUSGovernmentCloud" }],
    [{ cloudName: "AZURECLOUD" }, { cloud: "AzurePublicCloud" }],
    [{ cloudName: "AzureChinaCloud" }, { cloud: "AzureChinaCloud" }],
    [{ cloudName: "AzureGermanCloud" }, { cloud: "AzureGermanCloud" }],
    [{ cloudName: "AzureStackCloud", cloudEnvFileName: "/etc/azure.json" }, { cloud: "AzureStackCloud" }],
    // Of another cloud the file is not read, as today.
    [{ cloudEnvFileName: "/etc/passwd" }, { cloud: "AzurePublicCloud" }],
    [{}, { identity: { by: "servicePrincipal" } }],
    [{ useVMManagedIdentity: "true" }, { identity: { by: "managedIdentity" } }],
    [
      { useVMManagedIdentity: " T ", userAssignedIdentityID: "u", clientID: "c" },
      { identity: { by: "managedIdentity", clientId: "u" } },
    ],
    [{ useVMManagedIdentity: "0", clientID: "c" }, { identity: { by: "workloadIdentity", clientId: "c" } }],
    [{ useAzureTokenProxy: "1", clientID: "c" }, { identity: { by: "identityBinding", clientId: "c" } }],
    [{ usePodIdentity: "False", resourceGroup: "x", subscriptionId: "y" }, { identity: { by: "servicePrincipal" } }],
  ] as readonly (readonly [Record<string, string>, object])[])("%j", async (parameters, expected) => {
    expect(await settingsOf(parameters, { environmentFile: "/etc/azure.json" })).toMatchObject(expected);
  });

  it("fall back to the operator's cloud", async () => {
    expect(await settingsOf({}, { cloud: "AzureChinaCloud" })).toMatchObject({ cloud: "AzureChinaCloud" });
  });
});

describe("objects of provider azure", () => {
  it("become files with the vault's versions under the ids that the Azure provider reports", async () => {
    const objects = `array:
  - |
    objectName: db
    objectType: secret
    objectAlias: db/password
    objectVersion: 0123456789abcdef0123456789abcdef
    filePermission: 0400
  - "objectName: signing\\nobjectType: key"
  - '{ objectName: tls, objectType: cert, filePermission: "0640" }'
`;
    const plan = await planned({ objects });
    expect(plan.outputs.map(({ path, mode, version }) => [path, mode, version])).toEqual([
      ["db/password", 0o400, { by: "store", id: "secret/db" }],
      ["signing", 0o644, { by: "store", id: "key/signing" }],
      ["tls", 0o640, { by: "store", id: "cert/tls" }],
    ]);
    expect(plan.secrets.map(({ source }) => source.ref)).toEqual([
      { type: "secret", name: "db", version: "0123456789abcdef0123456789abcdef" },
      { type: "key", name: "signing" },
      { type: "certificate", name: "tls" },
    ]);
  });

  it("take octal permissions of any length, and keep the digits that YAML would make a number of", async () => {
    for (const [text, mode] of [
      ["0755", 0o755],
      ["644", 0o644],
      ['"0440"', 0o440],
      ["+0600", 0o600],
      ["00000644", 0o644],
      ["04755", 0o755],
    ] as const) {
      expect((await outputsOf(secret(`filePermission: ${text}`)))[0]?.mode, text).toBe(mode);
    }
  });

  it.each([
    [
      "420",
      'filePermission "420" lets users write or execute who cannot read, or gives others more than the owner; if you mean 420 as a decimal number, write "0644"',
    ],
    [
      '"0256"',
      'filePermission "0256" lets users write or execute who cannot read, or gives others more than the owner; if you mean 256 as a decimal number, write "0400"',
    ],
    ["0204", 'filePermission "0204" lets users write or execute who cannot read, or gives others more than the owner'],
    ["+1", 'filePermission "+1" lets users write or execute who cannot read, or gives others more than the owner'],
    ['"4755"', 'only the last three digits of filePermission "4755" are used, 0755'],
    ['"02640"', 'only the last three digits of filePermission "02640" are used, 0640'],
    ["0644", undefined],
    ["440", undefined],
    ["00000400", undefined],
    ["0", undefined],
  ])("warn of a filePermission that nobody can mean: %s", async (text, warning) => {
    const { warnings } = await planned({ objects: secret(`filePermission: ${text}`) });
    const at = { parameter: "objects", line: 5, column: 21 };
    const expected = warning === undefined ? [] : [{ text: `object "db": ${warning}`, about: "other", at }];
    expect(warnings).toEqual(expected);
  });

  it("warn of the first ten such objects, and once of an object with several files", async () => {
    const entry = (name: string) => `  - "{ objectName: ${name}, objectType: secret, filePermission: 420 }"\n`;
    const objects = `array:\n${Array.from({ length: 30 }, (_, n) => entry(`o${n}`)).join("")}`;
    const { warnings } = await planned({ objects }, { separateFiles: true });
    expect([warnings.length, warnings.at(-1)?.text]).toEqual([11, "20 more objects have such a filePermission"]);
  });

  it("pass over unknown fields, null items and empty texts of fields, and read names in their exact case", async () => {
    const objects = `array:\n  -\n  - ~\n  - |\n    objectName: db\n    objectType: secret\n    objectalias: no\n    other: 1\n    objectVersion: ""\n    objectFormat: ~\n`;
    expect((await outputsOf(objects)).map(({ path }) => path)).toEqual(["db"]);
  });

  it("have steps by format and encoding", async () => {
    const steps = async (...lines: readonly string[]) => (await outputsOf(secret(...lines)))[0]?.select.steps;
    const pem = { kind: "certificate", form: "pem", ordered: true };
    expect(await steps()).toEqual([pem]);
    expect(await steps("objectFormat: PEM", "objectEncoding: UTF-8")).toEqual([pem]);
    expect(await steps("objectFormat: PFX", "objectEncoding: Base64")).toEqual([
      { ...pem, form: "stored" },
      { kind: "decode", encoding: "base64" },
    ]);
    expect(await steps("objectEncoding: hex")).toEqual([pem, { kind: "decode", encoding: "hex" }]);
    const key = await outputsOf(one("objectName: k", "objectType: key", "objectFormat: PFX"));
    expect(key[0]?.select.steps).toEqual([]);
    const unordered = await outputsOf(secret(), { constructPemChain: false });
    expect(unordered[0]?.select.steps).toEqual([{ ...pem, ordered: false }]);
  });

  it("of a history N are N files and one more, the newest there, the others where there are so many", async () => {
    const plan = await planned({ objects: secret("objectVersionHistory: 2", "objectAlias: ./a//b/") });
    expect(plan.outputs.map(({ path, version }) => [path, version])).toEqual([
      ["a/b/0", { by: "store", id: "secret/db/0" }],
      ["a/b/1", { by: "store", id: "secret/db/1" }],
      ["a/b/2", { by: "store", id: "secret/db/2" }],
    ]);
    expect(plan.secrets.map(({ source, optional }) => [source.ref, optional])).toEqual([
      [{ type: "secret", name: "db", back: 0 }, undefined],
      [{ type: "secret", name: "db", back: 1 }, true],
      [{ type: "secret", name: "db", back: 2 }, true],
    ]);
    expect(plan.warnings.map(({ text }) => text)).toEqual([
      'object "db": objectVersionHistory 2 makes files of 3 versions, as the Azure provider does',
    ]);
  });

  it.each([
    ["objectVersionHistory: 0", 1],
    ["objectVersionHistory: 1", 1],
    ["objectVersionHistory: -3", 1],
    ["objectVersionHistory: ~", 1],
    ["objectVersionHistory: 5.0", 6],
    ["objectVersionHistory: 2.9", 3],
    ["objectVersionHistory: 2147483647", 1000],
  ])("%s makes %i files", async (line, files) => {
    expect((await outputsOf(secret(line))).length).toBe(files);
  });

  it("start a history at a version, or at the newest by latest", async () => {
    const refOf = async (version: string) => {
      const plan = await planned({ objects: secret("objectVersionHistory: 2", `objectVersion: ${version}`) });
      return plan.secrets[0]?.source.ref;
    };
    expect(await refOf("abc")).toEqual({ type: "secret", name: "db", back: 0, since: "abc" });
    expect(await refOf("latest")).toEqual({ type: "secret", name: "db", back: 0 });
  });

  it("of one path are one, the last, with a warning", async () => {
    const plan = await planned({
      objects: `${secret()}  - |\n    objectName: other\n    objectType: key\n    objectAlias: db\n`,
    });
    expect([plan.outputs.length, plan.outputs[0]?.version]).toEqual([1, { by: "store", id: "key/other" }]);
    expect(plan.warnings.map(({ about }) => about)).toEqual(["collision"]);
  });

  it("make files of chain and key of their own where the operator wants them, under one id", async () => {
    const outputs = await outputsOf(secret("objectFormat: pfx"), { separateFiles: true });
    expect(outputs.map(({ path, onlyIfPresent, version }) => [path, onlyIfPresent, version])).toEqual([
      ["db.crt", true, { by: "store", id: "secret/db" }],
      ["db.key", true, { by: "store", id: "secret/db" }],
      ["db", undefined, { by: "store", id: "secret/db" }],
    ]);
    expect((await outputsOf(one("objectName: k", "objectType: key"), { separateFiles: true })).length).toBe(1);
  });

  it("may be none, if the list says so", async () => {
    expect(await planned({ objects: "array: []" })).toEqual({ secrets: [], outputs: [], warnings: [] });
  });
});

describe("problems of provider azure", () => {
  const rows: readonly (readonly [what: string, parameters: Record<string, string>, problem: string])[] = [
    ["no vault", { keyvaultName: " " }, "keyvaultName: keyvaultName is not provided"],
    ["a vault's address", { keyvaultName: "https://shop.vault.azure.net" }, "keyvaultName: Invalid vault name"],
    ["a short name", { keyvaultName: "ab" }, "keyvaultName: Invalid vault name"],
    ["a long name", { keyvaultName: "a".repeat(25) }, "keyvaultName: Invalid vault name"],
    ["a name with a dot", { keyvaultName: "shop.evil" }, "keyvaultName: Invalid vault name"],
    ["a name with a port", { keyvaultName: "shop:443" }, "keyvaultName: Invalid vault name"],
    ["a name with user info", { keyvaultName: "a@evil" }, "keyvaultName: Invalid vault name"],
    ["a name of several lines", { keyvaultName: "shop\nother" }, "keyvaultName: it holds a line break"],
    ["no tenant", { tenantID: "" }, "tenantID: tenantId is not provided"],
    ["a tenant with a slash", { tenantID: "a/b" }, "tenantID: "],
    ["a tenant with a question mark", { tenantID: "a?b" }, "tenantID: "],
    ["a tenant with a space", { tenantID: "a b" }, "tenantID: "],
    ["a client with a space", { clientID: "a b" }, "clientID: "],
    [
      "an unknown cloud",
      { cloudName: "AzurePublicClod" },
      'cloudName: cloudName "AzurePublicClod" is not valid. Fix: did you mean AzurePublicCloud?',
    ],
    [
      "a file of nobody's",
      { cloudName: "AzureStackCloud", cloudEnvFileName: "/etc/shadow" },
      "cloudEnvFileName: the file",
    ],
    ["a flag that is none", { useVMManagedIdentity: "tru" }, 'useVMManagedIdentity: "tru" is not a boolean'],
    ["a flag of YAML", { useAzureTokenProxy: "yes" }, 'useAzureTokenProxy: "yes" is not a boolean'],
    [
      "two modes",
      { useVMManagedIdentity: "true", useAzureTokenProxy: "true" },
      "useAzureTokenProxy: only one identity mode can be enabled at a time",
    ],
    [
      "a binding without a client",
      { useAzureTokenProxy: "true", clientID: "" },
      "clientID: clientID is required for identity binding",
    ],
    ["pod identity", { usePodIdentity: "true" }, "LK0004 usePodIdentity: pod-managed identity (NMI) is not supported"],
    ["no objects", { objects: "" }, "objects: objects is not set"],
    ["objects by another name", { objects: "", object: "x" }, 'rename the parameter "object" to objects'],
    ["objects that are a list", { objects: "- objectName: db" }, "objects: a map is needed, not a list"],
    ["objects that are text", { objects: "db" }, "objects: a map is needed, not text"],
    ["broken YAML", { objects: "array: [" }, "objects: "],
    ["no array", { objects: "list: []" }, "objects: array is missing or empty"],
    ["Array", { objects: "Array: []" }, 'objects: array is missing; "Array" is not read'],
    [
      "a misspelt array",
      { objects: "aray: []" },
      'objects: array is missing; "aray" is not read at line 1, column 1. Fix: rename aray to array',
    ],
    ["objects of another dialect", { objects: "- { objectName: db }" }, "Fix: write a map with a list of texts: "],
    [
      "a text entry with a key too deep",
      { objects: "array:\n  - |\n    objectName: s\n      objectType: secret\n" },
      "objects.array[0]: `objectType` is 2 columns further right than `objectName` above it at line 4, column 7. Fix: indent both alike",
    ],
    [
      "a text entry with a tab",
      { objects: "array:\n  - |\n    objectName: s\n    \tobjectType: secret\n" },
      "objects.array[0]: a tab indents this line at line 4, column 5. Fix: use spaces",
    ],
    [
      "a text entry with an open quote",
      { objects: 'array:\n  - |\n    objectName: "s\n    objectType: secret\n' },
      "objects.array[0]: the quote that opens here is not closed at line 3, column 17",
    ],
    ["an empty array", { objects: "array:" }, "objects: array is missing or empty"],
    ["an array that is a map", { objects: "array: { a: b }" }, "objects: a list is needed"],
    [
      "an entry that is a map",
      { objects: "array:\n  - objectName: db" },
      "objects.array[0]: text is needed, not a map",
    ],
    ["an entry that is a number", { objects: "array:\n  - 12" }, "objects.array[0]: a map is needed, not text"],
    ["an entry that is a list", { objects: "array:\n  - |\n    - a" }, "objects.array[0]: a map is needed, not a list"],
    ["an empty entry", { objects: 'array:\n  - ""' }, "parameter name cannot be empty"],
    ["a field twice", { objects: secret("objectName: b") }, "appears twice"],
    ["a field that is a list", { objects: secret("objectAlias: [a]") }, "objects.array[0].objectAlias: text is needed"],
    ["no name", { objects: one("objectType: secret", "objectAlias: a") }, "parameter name cannot be empty"],
    ["a name with a slash", { objects: one("objectName: a/b", "objectType: secret") }, "is not a name of Key Vault"],
    [
      "a name with an underscore",
      { objects: one("objectName: a_b", "objectType: secret") },
      "is not a name of Key Vault",
    ],
    ["a name with a query", { objects: one("objectName: a?b", "objectType: secret") }, "is not a name of Key Vault"],
    ["a name with dots", { objects: one("objectName: ..", "objectType: secret") }, "is not a name of Key Vault"],
    [
      "a name that is too long",
      { objects: one(`objectName: ${"a".repeat(128)}`, "objectType: secret") },
      "is not a name of Key Vault",
    ],
    ["no type", { objects: one("objectName: a") }, "Invalid vaultObjectTypes. Should be secret, key, or cert"],
    ["a type in another case", { objects: one("objectName: a", "objectType: Secret") }, "Invalid vaultObjectTypes"],
    ["certificate", { objects: one("objectName: a", "objectType: certificate") }, "Invalid vaultObjectTypes"],
    ["latest", { objects: secret("objectVersion: latest") }, "latest is not a version of Key Vault"],
    ["a version with a slash", { objects: secret("objectVersion: a/b") }, "is not a version of Key Vault"],
    [
      "a version that is too long",
      { objects: secret(`objectVersion: ${"a".repeat(65)}`) },
      "is not a version of Key Vault",
    ],
    [
      "a history in quotes",
      { objects: secret('objectVersionHistory: "3"') },
      "a whole number without quotes is needed",
    ],
    [
      "a history that is too long",
      { objects: secret("objectVersionHistory: 2147483648") },
      "a whole number without quotes is needed",
    ],
    [
      "a history that is true",
      { objects: secret("objectVersionHistory: true") },
      "a whole number without quotes is needed",
    ],
    [
      "an unknown format",
      { objects: secret("objectFormat: der") },
      'invalid objectFormat: "der", should be PEM or PFX',
    ],
    [
      "pfx of a key",
      { objects: one("objectName: a", "objectType: key", "objectFormat: pfx") },
      "PFX format only supported for objectType: secret",
    ],
    [
      "an encoding of a key",
      { objects: one("objectName: a", "objectType: key", "objectEncoding: utf-8") },
      "objectEncoding only supported for objectType: secret",
    ],
    [
      "an unknown encoding",
      { objects: secret("objectEncoding: base32") },
      'invalid objectEncoding: "base32", should be hex, base64 or utf-8',
    ],
    [
      "a permission of Python",
      { objects: secret("filePermission: 0o644") },
      "is not an octal number, which today's provider takes for 0000",
    ],
    ["a permission with a nine", { objects: secret("filePermission: 999") }, "is not an octal number"],
    ["a permission in letters", { objects: secret("filePermission: rw") }, "is not an octal number"],
    ["a negative permission", { objects: secret("filePermission: -1") }, "is not an octal number"],
    ["an absolute path", { objects: secret("objectAlias: /etc/a") }, "file name must be a relative path"],
    ["a path with ..", { objects: secret("objectAlias: a/../b") }, "file name must not contain '..'"],
    ["a path with two dots in a word", { objects: secret("objectAlias: a..b") }, "file name must not contain '..'"],
    ["a path that is not clean", { objects: secret("objectAlias: ./a") }, "the path is not clean"],
    ["a path with two slashes", { objects: secret("objectAlias: a//b") }, "the path is not clean"],
    ["a path of several lines", { objects: secret('objectAlias: "a\\nb"') }, "it holds a line break"],
    [
      "a file in a file",
      { objects: `${secret("objectAlias: a")}  - |\n    objectName: b\n    objectType: key\n    objectAlias: a/b\n` },
      "it needs a directory where",
    ],
    ["a prototype", { objects: secret("__proto__: a", "constructor: b") }, ""],
  ];

  it.each(rows)("%s", async (_, parameters, problem) => {
    const problems = await problemsOf("azure", { ...usual, objects: secret(), ...parameters });
    if (problem === "") return expect(problems).toEqual([]);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join("\n")).toContain(problem);
  });

  it("are told in the order in which the Azure provider looks for them", async () => {
    const objects = `array:\n  - |\n    objectName: a_b\n    objectType: x\n    objectFormat: y\n    objectEncoding: z\n    objectAlias: ..\n  - |\n    a: [\n`;
    const parameters = {
      ...{ objects, keyvaultName: "", tenantID: "", cloudName: "x", useAzureTokenProxy: "1" },
      ...{ usePodIdentity: "a", useVMManagedIdentity: "b" },
    };
    const told = await problemsOf("azure", parameters);
    expect(told.map((problem) => problem.replace(/^LK\d+ /, "").replace(/\. Fix: .*$/s, ""))).toEqual([
      'usePodIdentity: "a" is not a boolean',
      'useVMManagedIdentity: "b" is not a boolean',
      "keyvaultName: keyvaultName is not provided",
      "tenantID: tenantId is not provided",
      'cloudName: cloudName "x" is not valid',
      "clientID: clientID is required for identity binding",
      expect.stringContaining("objects.array[1]: "),
      ...[
        "Invalid vaultObjectTypes. Should be secret, key, or cert",
        '"a_b" is not a name of Key Vault',
        'invalid objectFormat: "y", should be PEM or PFX',
        "objectEncoding only supported for objectType: secret",
        "file name must not contain '..': \"..\"",
      ].map((problem) => `object "a_b" as "..": ${problem}`),
    ]);
    const both = { useVMManagedIdentity: "1", useAzureTokenProxy: "1", keyvaultName: "" };
    expect((await problemsOf("azure", { objects: secret(), ...both })).map((problem) => problem.split(":")[0])).toEqual(
      ["LK0003 useAzureTokenProxy", "LK0003 keyvaultName", "LK0003 tenantID"],
    );
  });

  it("are all told at once", async () => {
    const objects = `array:\n  - |\n    objectName: a_b\n    objectType: x\n    objectFormat: y\n  - |\n    objectAlias: ..\n`;
    expect((await problemsOf("azure", { objects })).length).toBe(8);
  });

  it("say where in the whole parameter something is", async () => {
    const objects =
      "array:\n  - |\n    objectName: db\n    objectType: secret\n\n    filePermission: rw\n  - |\n    a: [\n";
    const error = await planned({ objects }).catch((thrown) => thrown);
    const places = error.problems.map(({ details }: { details: { at: object } }) => details.at);
    expect(places).toEqual([
      { parameter: "objects", line: 8, column: 8 },
      { parameter: "objects", line: 6, column: 21 },
    ]);
  });
});
