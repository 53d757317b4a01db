import { describe, expect, it } from "vitest";
import { renderFiles } from "../../src/mount/render.ts";
import { Redacted } from "../../src/redacted.ts";
import { planOf } from "../dialects/plan-of.ts";

const key = new Redacted<Uint8Array>(Buffer.alloc(32));
const value = new Redacted<Uint8Array>(Buffer.from('{"a":{"b":"1"},"tls.crt":"2"}'));

async function said(plan: ReturnType<typeof planOf>): Promise<readonly string[]> {
  const made = await plan;
  const secrets = new Map(made.secrets.map(({ id }) => [id, { value, version: "1" }]));
  const keys = { current: () => key, load: async () => undefined };
  const { files, failures } = renderFiles(made, secrets, keys);
  return [
    ...files.map(({ contents }) => Buffer.from(contents).toString()),
    ...failures.map((error) => error.describe()),
  ];
}

const native = (selection: string) =>
  planOf("latchkey", {
    stores: "s: { kind: aws-secrets-manager, region: eu-west-1 }",
    secrets: `- { store: s, name: n, files: [{ path: f, key: ${selection} }] }`,
  });
const vault = (selection: string) =>
  planOf("vault", { roleName: "r", objects: `- { objectName: f, secretPath: p, secretKey: ${selection} }` });

describe("a key that the secret does not have", () => {
  const plain = "Fix: correct the key, or add it to the secret";
  const rows: readonly [string, () => ReturnType<typeof planOf>, string][] = [
    ["native", () => native("c"), `LK0035 secrets[0].files[0]: key "c" does not exist in the secret. ${plain}`],
    ["vault", () => vault("c"), `LK0035 object "f": key "c" does not exist in the secret. ${plain}`],
    [
      "vault, with a dot",
      () => vault("tls.key"),
      `LK0035 object "f": key "tls.key" does not exist in the secret. ${plain}`,
    ],
    [
      "native, with a dot",
      () => native("tls.crt"),
      `LK0035 secrets[0].files[0]: key "tls.crt" does not exist in the secret. ${plain}; where a dot is part of a name, quote the name: '"tls.crt"'`,
    ],
    [
      "native, quoted already",
      () => native(`'"tls.key"'`),
      `LK0035 secrets[0].files[0]: key "\\"tls.key\\"" does not exist in the secret. ${plain}`,
    ],
  ];
  it.each(rows)("is told with advice for its dialect: %s", async (_, plan, message) => {
    expect(await said(plan())).toEqual([message]);
  });

  it("is there when the advice was taken", async () => {
    expect(await said(native(`'"tls.crt"'`))).toEqual(["2"]);
  });
});

describe("the JMESPaths of a volume", () => {
  it("share one bound on their work, so that many cost no more than one", async () => {
    const costly = `${"[@, @][] | ".repeat(60)}@`;
    const entries = [costly, "a.b"].map((path, at) => `{path: "${path}", objectAlias: f${at}}`).join(", ");
    const objects = `- {objectName: s, objectType: secretsmanager, jmesPath: [${entries}]}`;
    const [whole, ...failures] = await said(planOf("aws", { region: "eu-west-1", objects }));
    const why = "all JMESPaths together take more than 2000000 steps";
    expect(whole).toBe('{"a":{"b":"1"},"tls.crt":"2"}');
    expect(failures).toEqual([
      expect.stringContaining(why),
      expect.stringContaining(`"a.b" cannot be evaluated: ${why}`),
    ]);
  });
});
