import { describe, expect, it } from "vitest";
import { Redacted } from "../../src/redacted.ts";
import { renderFiles } from "../../src/render/render.ts";
import { RenderWork } from "../../src/render/render-work.ts";
import type { Secret } from "../../src/stores/store.ts";
import { planOf } from "../dialects/plan-of.ts";

const key = new Redacted<Uint8Array>(Buffer.alloc(32));
const value = new Redacted<Uint8Array>(Buffer.from('{"a":{"b":"1"},"tls.crt":"2"}'));

/** Renders a plan as if the store gave this for each of its secrets; the files may have `mostBytes` in all. */
async function rendered(plan: ReturnType<typeof planOf>, secret: Secret, mostBytes: number) {
  const made = await plan;
  const secrets = new Map(made.secrets.map(({ id }) => [id, { ...secret }]));
  const keys = { current: () => key, load: async () => undefined };
  return await renderFiles(made, secrets, { keys, work: new RenderWork(mostBytes) });
}

async function said(plan: ReturnType<typeof planOf>): Promise<readonly string[]> {
  const { files, failures } = await rendered(plan, { value, version: "1" }, 1_000);
  return [
    ...files.map(({ contents }) => Buffer.from(contents).toString()),
    ...failures.map((error) => error.describe()),
  ];
}

const stores = "s: { kind: aws-secrets-manager, region: eu-west-1 }";
const native = (selection: string) =>
  planOf("latchkey", { stores, secrets: `- { store: s, name: n, files: [{ path: f, key: ${selection} }] }` });
const expanded = () => planOf("latchkey", { stores, secrets: "- { store: s, name: n, expand: {} }" });
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
      "native, of another case",
      () => native("A"),
      `LK0035 secrets[0].files[0]: key "A" does not exist in the secret. Fix: did you mean the key "a"? Otherwise add the key to the secret`,
    ],
    [
      "vault, nearly",
      () => vault("tls-crt"),
      `LK0035 object "f": key "tls-crt" does not exist in the secret. Fix: did you mean the key "tls.crt"? Otherwise add the key to the secret`,
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
    const why = "all JMESPaths together take more than 100000 steps";
    expect(whole).toBe('{"a":{"b":"1"},"tls.crt":"2"}');
    expect(failures).toEqual([
      expect.stringContaining(why),
      expect.stringContaining(`"a.b" cannot be evaluated: ${why}`),
    ]);
  });
});

describe("a volume of one large secret", () => {
  const large = (text: string) => new Redacted<Uint8Array>(Buffer.from(JSON.stringify({ v: text })));
  const render = async (entry: (at: number) => string, value: Redacted<Uint8Array>, mostBytes: number) => {
    const objects = Array.from({ length: 500 }, (_, at) => entry(at)).join("\n");
    return await rendered(planOf("vault", { roleName: "r", objects }), { value }, mostBytes);
  };

  it("has no more bytes in all its files than a volume may", async () => {
    const many = render((at) => `- { objectName: f${at}, secretPath: p, secretKey: v }`, large("x".repeat(90)), 1_000);
    await expect(many).rejects.toMatchObject({
      id: "LK0005",
      message: "with f10 (90 bytes) the files of this volume have more than 1000 bytes",
    });
  });

  it("is not gone through for each of its files without an end", async () => {
    const entry = (at: number) => `- { objectName: f${at}, secretPath: p, secretKey: v, encoding: hex }`;
    const { files, failures } = await render(entry, large("no hex".repeat(100_000)), 1_000_000);
    expect(files).toEqual([]);
    expect([failures.at(0)?.id, failures.at(-1)?.id]).toEqual(["LK0040", "LK0043"]);
    expect(failures.at(-1)?.message).toBe("the files of this volume take more than 33554432 bytes to read");
  });

  it("is parsed once for the files of all its keys", async () => {
    const secret = new Redacted<Uint8Array>(Buffer.from(JSON.stringify({ v: "1", rest: "x".repeat(1_000_000) })));
    const { files, failures } = await render(
      (at) => `- { objectName: f${at}, secretPath: p, secretKey: v }`,
      secret,
      9_999,
    );
    expect([files.length, failures]).toEqual([500, []]);
  });
});

describe("a key with a line break", () => {
  it("makes no file, and an error of one line", async () => {
    const value = new Redacted<Uint8Array>(Buffer.from('{"a\\n":"1","b":"2"}'));
    const { failures } = await rendered(expanded(), { value }, 10_000_000);
    expect(failures.map((failure) => failure.describe())).toEqual([
      'LK0003 secrets[0].expand, key "a\\n": "a\\n": the path holds a line break or another control character. Fix: give a relative path of plain names, such as db/password, that no other file of this volume has',
    ]);
  });
});

describe("a secret with very many keys", () => {
  it("becomes as many files", { timeout: 120_000 }, async () => {
    const object = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`k${at}`, ""]));
    const value = new Redacted<Uint8Array>(Buffer.from(JSON.stringify(object)));
    const { files, failures } = await rendered(expanded(), { value }, 10_000_000);
    expect([files.length, failures]).toEqual([20_000, []]);
  });
});

describe("an expansion", () => {
  it("of more keys than any volume has files is refused, and one of many is made", async () => {
    const stored = (count: number) => ({
      value: new Redacted<Uint8Array>(
        Buffer.from(JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, "v"])))),
      ),
      version: "1",
    });
    expect((await rendered(expanded(), stored(1_000), 1_000_000)).files).toHaveLength(1_000);
    const { files, failures } = await rendered(expanded(), stored(20_001), 10_000_000);
    expect(files).toEqual([]);
    expect(failures.map((error) => error.describe())).toEqual([
      expect.stringContaining("LK0005 secrets[0].expand: it makes 20001 files, more than 20000"),
    ]);
  });
});
