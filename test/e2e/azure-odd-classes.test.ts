import { afterAll, beforeAll, expect, it } from "vitest";
import { azureTenant, type FakeAzure, startAzure } from "../servers/azure.ts";
import { startNode, type TestNode } from "./node.ts";

const clientID = "aaaaaaaa-0000-0000-0000-000000000001";
const audiences = ["api://AzureADTokenExchange"];
const kid = "https://shop.vault.azure.net/keys/k/1";

let azure: FakeAzure;
let node: TestNode;

beforeAll(async () => {
  azure = await startAzure();
  azure.login.federate(clientID, "system:serviceaccount:shop:payments");
  const vault = azure.vault("shop");
  vault.allow(clientID);
  vault.setSecret("db", "CANARY-value");
  vault.setSecret("untold", "CANARY", { kid });
  vault.setSecret("other-type", "CANARY", { kid, contentType: "text/html" });
  vault.setSecret("no-base64", "CANARY*", { kid, contentType: "application/x-pkcs12" });
  vault.setSecret("no-pkcs12", "Q0FOQVJZ", { kid, contentType: "application/x-pkcs12" });
  vault.setSecret("null", null);
  vault.setSecret("number", 7);
  vault.setKey("no-kty", { n: "AA", e: "AQAB" });
  vault.setKey("no-crv", { kty: "EC", x: "AA", y: "AA" });
  vault.setKey("no-n", { kty: "RSA", e: "AQAB" });
  vault.setKey("oct", { kty: "oct" });
  vault.setKey("coins", { kty: "EC", crv: "P-256K", x: "AA", y: "AA" });
  vault.setCertificate("null", null);
  vault.setCertificate("text", "CANARY*");
  const { loginUrl, vaultUrl } = azure.host;
  node = await startNode({
    flags: { providers: "azure", refresh: "0s", azureLoginUrl: loginUrl, azureVaultUrl: vaultUrl },
  });
});

afterAll(async () => {
  await node?.stop();
  await azure?.stop();
});

/** `objects` with one entry of these lines. */
function one(...lines: readonly string[]): string {
  return `array:\n  - |\n${lines.map((line) => `    ${line}\n`).join("")}`;
}

const secret = (...lines: readonly string[]) => one("objectName: db", "objectType: secret", ...lines);
const named = (objectName: string, objectType = "secret") =>
  one(`objectName: ${objectName}`, `objectType: ${objectType}`);

/** Answers of the vault that end today's provider, and others that no vault should give. */
const answers = [
  ...["untold", "other-type", "no-base64", "no-pkcs12", "null", "number", "nowhere"].map((name) => named(name)),
  ...["no-kty", "no-crv", "no-n", "oct", "coins", "nowhere"].map((name) => named(name, "key")),
  ...["null", "text", "nowhere"].map((name) => named(name, "cert")),
  secret("objectEncoding: hex"),
  secret("objectEncoding: base64"),
  secret("objectVersion: unknown"),
  secret("objectVersionHistory: 2", "objectVersion: unknown"),
];

const texts = [
  "",
  " ",
  "~",
  "null",
  "{}",
  "a",
  "5",
  "[]",
  "- a",
  "array:",
  "array: ~",
  "array: {}",
  "Array: []",
  "array: [",
  "{",
  "\tarray: []",
];

const entries = [
  ...["12", "true", '""', "{}", "[]", "[a]", "'- a'", '"\\u0000"', "'{'", "'a: b: c'", "'<<: 5'", "'*a'", "!!set {a}"],
].map((entry) => `array:\n  - ${entry}\n`);

const objects: readonly string[] = [
  ...[
    "a/b",
    "a_b",
    "../a",
    "..",
    "a?b",
    "a#b",
    "%2e%2e",
    "a b",
    "é",
    "a.b",
    "a".repeat(128),
    "[a]",
    "{}",
    "!!int x",
  ].map((name) => named(name)),
  ...["Secret", "certificate", "", "SECRET", "__proto__", "constructor"].map((type) => named("db", type)),
  ...["latest", "a/b", "..", "a".repeat(65), "?api-version=1", "[1]"].map((version) =>
    secret(`objectVersion: ${version}`),
  ),
  ...['"3"', "true", "2147483648", "1e99", "x", "[]"].map((history) => secret(`objectVersionHistory: ${history}`)),
  ...["der", "pem pfx", "__proto__"].map((format) => secret(`objectFormat: ${format}`)),
  ...["base32", "utf8", "toString"].map((encoding) => secret(`objectEncoding: ${encoding}`)),
  ...["0o644", "999", "rw", "-1", "0x1ff", "77777"].map((permission) => secret(`filePermission: ${permission}`)),
  ...["/etc/passwd", "../a", "a/../b", "a..b", "./a", "a//b", "a/", '"a\\nb"', "..data", "a".repeat(5_000)].map(
    (alias) => secret(`objectAlias: ${alias}`),
  ),
  ...["key", "cert"].map((type) => one("objectName: a", `objectType: ${type}`, "objectFormat: pfx")),
  ...["key", "cert"].map((type) => one("objectName: a", `objectType: ${type}`, "objectEncoding: hex")),
  secret("objectName: twice"),
];

const more: readonly Readonly<Record<string, string>>[] = [
  ...[
    "",
    "ab",
    "a".repeat(25),
    "shop.evil",
    "shop:443",
    "a@evil",
    "shop/x",
    "https://shop.vault.azure.net",
    "shop\n",
    "shöp",
  ].map((keyvaultName) => ({ keyvaultName })),
  ...["", "a/b", "a?b", "a b", "../common", "%2e", "t\u0000"].map((tenantID) => ({ tenantID })),
  ...["a b", "a/b", "\n"].map((id) => ({ clientID: `c${id}` })),
  ...["AzurePublic", "__proto__", "public"].map((cloudName) => ({ cloudName })),
  ...["/etc/passwd", "/dev/zero"].map((cloudEnvFileName) => ({ cloudName: "AzureStackCloud", cloudEnvFileName })),
  { cloudName: "AzureStackCloud" },
  ...["tru", "yes", "2", "TRue"].map((useVMManagedIdentity) => ({ useVMManagedIdentity })),
  { useVMManagedIdentity: "true" },
  { useVMManagedIdentity: "true", useAzureTokenProxy: "true" },
  { useAzureTokenProxy: "true" },
  { useAzureTokenProxy: "true", clientID: "" },
  { usePodIdentity: "true" },
  { clientID: "" },
];

const odd: readonly Readonly<Record<string, string>>[] = [
  ...[...texts, ...entries, ...objects, ...answers].map((each) => ({ objects: each })),
  ...more,
];

it(`tells what is wrong with each of ${odd.length} odd classes and answers, asks nobody else, and lives on`, async () => {
  const usual = { keyvaultName: "shop", tenantID: azureTenant, clientID, objects: secret() };
  const seen: unknown[] = [];
  for (const [index, parameters] of odd.entries()) {
    const { code, message } = await node.publishError({
      ...{ provider: "azure", parameters: { ...usual, ...parameters }, audiences, volume: `odd-${index}` },
    });
    const told = /LK00(?!01)\d\d/.test(message) && /Fix: /.test(message);
    seen.push([JSON.stringify(parameters).slice(0, 120), code, told, /CANARY/.test(message)]);
  }
  const code = expect.stringMatching(
    /^(?:INVALID_ARGUMENT|NOT_FOUND|FAILED_PRECONDITION|PERMISSION_DENIED|UNAUTHENTICATED|INTERNAL)$/,
  );
  expect(seen).toEqual(odd.map((parameters) => [JSON.stringify(parameters).slice(0, 120), code, true, false]));
  const paths = azure.server.requests.map(({ path }) => path);
  expect(paths.filter((path) => !/^\/(?:login|vaults\/shop)\//.test(path))).toEqual([]);
  const { podStatus } = await node.publish({ provider: "azure", parameters: usual, audiences, volume: "good" });
  expect(podStatus.status.objects.map(({ id }) => id)).toEqual(["secret/db"]);
});

/** Items of lists that end today's provider; `asked` is what is mounted. */
const lists: readonly (readonly [what: string, value: unknown])[] = [
  ["an item without an id", { value: [{ attributes: { enabled: true, created: 1 } }] }],
  ["an item of null", { value: [null] }],
  ["no list", { value: 7 }],
  ["a link to somebody else", { value: [], nextLink: "https://evil.test/secrets" }],
  ["a page of a proxy", "<html>CANARY</html>"],
  ["half a page", '{"value":[{"id":"https://shop.va'],
  ["nothing", ""],
];
it.each(lists)("tells of a list of versions that holds %s", async (_, body) => {
  azure.override(({ path }, part) =>
    part === "vault" && path.endsWith("/versions")
      ? { headers: { "content-type": "application/json" }, body: body as object }
      : undefined,
  );
  const { message } = await node.publishError({
    provider: "azure",
    parameters: { keyvaultName: "shop", tenantID: azureTenant, clientID, objects: secret("objectVersionHistory: 3") },
    audiences,
    volume: "list",
  });
  azure.override(undefined);
  expect(message).toMatch(/LK00(?:36|30) .*Fix: /s);
  expect(message).not.toMatch(/CANARY/);
});
