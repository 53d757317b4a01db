import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateSecretCommand } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesBelow } from "../driver/atomic-writer.ts";
import { type Moto, startMoto } from "../servers/moto.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { enableKv, letEverybodyRead, putKv2, writeJwtRole } from "../servers/openbao-setup.ts";
import { startProxy } from "../servers/proxy.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const region = "eu-west-1";
const audiences = ["vault", "sts.amazonaws.com"];

let bao: OpenBao;
let moto: Moto;
let node: TestNode;
let stores: string;

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  [bao, moto] = await Promise.all([startOpenBao(), startMoto()]);
  await Promise.all([fillVault(), fillAws()]);
  await letEverybodyRead(bao, issuer.publicKeyPem());
  const policy = 'path "+/*" { capabilities = ["read", "list"] }';
  await bao.request("PUT", "sys/policies/acl/all", { policy });
  node = await startNode({
    issuer,
    flags: { allowAddress: "127.0.0.1", refresh: "0s", maxStale: "0s", awsEndpointUrl: moto.url },
    config: (directory) => `
profiles:
  files: { kind: file, directory: "${directory}/secrets" }
  fenced: { kind: file, directory: "${directory}/secrets", prefixes: ["{namespace}/"] }
`,
  });
  await fillFiles(join(node.directory, "secrets"));
  const aws = `region: ${region}, roleArn: "arn:aws:iam::123456789012:role/shop"`;
  stores = `
vault: { kind: vault, address: "${bao.address}", role: all }
aws: { kind: aws-secrets-manager, ${aws} }
ssm: { kind: aws-parameter-store, ${aws} }
files: { profile: files }
fenced: { profile: fenced }
`;
});

afterAll(async () => {
  await node?.stop();
  await Promise.all([bao?.stop(), moto?.stop()]);
});

async function fillVault(): Promise<void> {
  await putKv2(bao, "shop/db", { user: "svc", port: 5432 });
  await putKv2(bao, "shop/eu/api", { key: "k1" });
  await putKv2(bao, `shop/eu/${encodeURIComponent("odd ?#%é")}`, { key: "k2" });
  await putKv2(bao, "shop/gone", { key: "k3" });
  await bao.request("DELETE", "secret/data/shop/gone");
  await putKv2(bao, "shopper", { key: "k4" });
  await enableKv(bao, "team/data", 2);
  await putKv2(bao, "a/b", { x: "1" }, "team/data");
  await enableKv(bao, "old", 1);
  await bao.request("POST", "old/data/a", { x: "2" });
}

async function fillAws(): Promise<void> {
  const client = moto.client(region);
  const tagged = async (name: string, value: string | Uint8Array, tags: Readonly<Record<string, string>> = {}) => {
    const content = typeof value === "string" ? { SecretString: value } : { SecretBinary: value };
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await client.send(new CreateSecretCommand({ Name: name, Tags, ...content }));
  };
  await tagged("prod/features/dark", "on", { team: "shop", tier: "1" });
  await tagged("prod/features/light", Buffer.from([0, 255]), { team: "shopping" });
  await tagged("prod/other", "x", { team: "shop" });
  for (const name of ["alike/a", "alikea"]) await tagged(name, "x");
  // More than a page.
  for (let at = 0; at < 105; at++) await tagged(`many/${String(at).padStart(3, "0")}`, `v${at}`);
  client.destroy();
  const ssm = new SSMClient({
    ...{ endpoint: moto.url, region },
    credentials: { accessKeyId: "test-access-key", secretAccessKey: "test-secret-key" },
  });
  const parameter = (Name: string, Value: string, Tags: { Key: string; Value: string }[] = []) =>
    ssm.send(new PutParameterCommand({ Name, Value, Type: "SecureString", Tags }));
  for (let at = 0; at < 25; at++) await parameter(`/shop/p${at}`, `p${at}`);
  await parameter("/shop/deep/er", "d", [{ Key: "team", Value: "shop" }]);
  await parameter("/shopper/x", "no", [{ Key: "team", Value: "shop" }]);
  await parameter("flat.a", "f");
  ssm.destroy();
}

async function fillFiles(root: string): Promise<void> {
  await mkdir(join(root, "shop/..2026_1/eu"), { recursive: true });
  await mkdir(join(root, "bank"));
  await writeFile(join(root, "shop/..2026_1/eu/a"), "A");
  await writeFile(join(root, "shop/..2026_1/b.yaml"), "x: 1.50\n");
  await symlink("..2026_1", join(root, "shop/..data"));
  await symlink("..data/eu", join(root, "shop/eu"));
  await symlink("..data/b.yaml", join(root, "shop/b.yaml"));
  await symlink("/etc", join(root, "shop/out"));
  await symlink("..", join(root, "shop/loop"));
  await writeFile(join(root, "bank/gold"), "G");
}

let volumes = 0;

async function mount(secrets: string, templates?: string) {
  volumes += 1;
  const parameters = { stores, secrets, ...(templates === undefined ? {} : { templates }) };
  const published = await node.publish({ provider: "latchkey", parameters, audiences, volume: `v${volumes}` });
  const isEmpty = (await readdir(published.target)).length === 0;
  const paths = isEmpty ? [] : await filesBelow(join(published.target, "..data"));
  const texts = paths.map(async (path) => [path, await readFile(join(published.target, path), "latin1")] as const);
  return Object.fromEntries(await Promise.all(texts));
}

async function problem(secrets: string, templates?: string) {
  volumes += 1;
  const parameters = { stores, secrets, ...(templates === undefined ? {} : { templates }) };
  const { message } = await node.publishError({ provider: "latchkey", parameters, audiences, volume: `v${volumes}` });
  return message;
}

describe("find in Vault", () => {
  it("makes a file of each secret below a prefix, by the names behind it, and passes over deleted ones", async () => {
    const files = await mount("- { store: vault, find: { prefix: secret/data/shop/ }, expand: { path: s/ } }");
    expect(files).toEqual({ "s/db": '{"port":5432,"user":"svc"}', "s/eu/api": '{"key":"k1"}', [odd]: '{"key":"k2"}' });
  });

  const odd = "s/eu/odd ?#%é";

  it("takes part of a name for a prefix, and makes a file of each key with a separator", async () => {
    const found = "find: { prefix: secret/data/shop, pattern: 'db$|shopper' }";
    const files = await mount(`- { store: vault, ${found}, expand: { separator: ".", rename: { /db.user: user } } }`);
    expect(files).toEqual({ "db.port": "5432", "db.user": "svc", "per.key": "k4" });
  });

  it("lists where the engine's version and mount say so", async () => {
    expect(
      await mount(`
- { store: vault, find: { prefix: team/data/data/, mount: team/data }, expand: { path: two/, key: x } }
- { store: vault, find: { prefix: old/data/, kv: 1 }, expand: { path: one/, key: x } }
- { store: vault, find: { prefix: secret/data, pattern: shopper }, expand: { path: all/, key: key } }
`),
    ).toEqual({ "two/a/b": "1", "one/a": "2", "all/shopper": "k4" });
  });

  it("gives all of them to templates and to files of the whole", async () => {
    const files = await mount(
      `
- store: vault
  find: { prefix: secret/data/shop/ }
  as: shop
  files: [{ path: port, key: db.port }, { path: all.yaml, format: yaml }]
`,
      `
- path: env
  content: |
    {% for each in shop %}{{ each[0] }};{% endfor %}{{ shop.db.user }}
`,
    );
    expect(files.port).toBe("5432");
    expect(files.env).toBe("db;eu/api;eu/odd ?#%Ã©;svc\n");
    expect(files["all.yaml"]).toContain('"eu/api":\n  "key": "k1"');
  });
});

describe("find through the cache", () => {
  const secrets = "- { store: vault, find: { prefix: secret/data/kept/ }, expand: {} }";

  it("costs a storm one list and one read a secret, outlives the store, and forgets what is denied", async () => {
    const issuer = await createTokenIssuer();
    const proxy = await startProxy(bao.address);
    const kept = await startNode({ issuer, flags: { allowAddress: "127.0.0.1", refresh: "1s" } });
    try {
      await bao.request("POST", "sys/auth/other", { type: "jwt" });
      await bao.request("POST", "auth/other/config", { jwt_validation_pubkeys: [issuer.publicKeyPem()] });
      await writeJwtRole(bao, { mount: "other", role: "kept", audience: "vault", policies: ["kept"] });
      const policy = 'path "secret/+/kept/*" { capabilities = ["read", "list"] }';
      await bao.request("PUT", "sys/policies/acl/kept", { policy });
      for (const name of ["a", "b"]) await putKv2(bao, `kept/${name}`, { v: name });
      const parameters = {
        stores: `vault: { kind: vault, address: "${proxy.url}", role: kept, mount: other }`,
        secrets,
      };
      const pod = (at: number) => ({ name: `pod-${at}`, uid: `uid-${at}` });
      const publish = (at: number) =>
        kept.publish({ provider: "latchkey", parameters, audiences, pod: pod(at), volume: `p${at}` });
      await Promise.all(Array.from({ length: 20 }, (_, at) => publish(at)));
      expect(proxy.count({ path: /metadata\/kept/ })).toBe(1);
      expect(proxy.count({ path: /data\/kept\// })).toBe(2);
      await proxy.refuse();
      await sleep(1_300);
      const { target } = await publish(20);
      expect(await readFile(join(target, "a"), "utf8")).toBe('{"v":"a"}');
      await proxy.accept();
      await bao.request("PUT", "sys/policies/acl/kept", {
        policy: 'path "secret/data/kept/*" { capabilities = ["read"] }',
      });
      // Until the breaker has found the store healed, what is stale is served.
      let denied: unknown;
      for (let at = 21; typeof denied !== "string"; at++) {
        await sleep(200);
        denied = await publish(at).catch(String);
      }
      expect(denied).toContain("LK0033");
      await proxy.refuse();
      expect(await publish(900).catch(String)).toContain("LK00");
    } finally {
      await kept.stop();
      await proxy.stop();
    }
  });
});

describe("find in AWS", () => {
  it("makes a file of each secret by prefix, by tags, and by both, over several pages", async () => {
    const tags = "tags: { team: shop }";
    expect(
      await mount(`
- { store: aws, find: { prefix: prod/features/ }, expand: { path: a/ } }
- { store: aws, find: { ${tags} }, expand: { path: b/ } }
- { store: aws, find: { prefix: prod/features/, tags: { team: shop, tier: "1" } }, expand: { path: c/ } }
`),
    ).toEqual({
      ...{ "a/dark": "on", "a/light": "\u0000ÿ" },
      ...{ "b/prod/features/dark": "on", "b/prod/other": "x", "c/dark": "on" },
    });
    const many = await mount("- { store: aws, find: { prefix: many/, limit: 105 }, expand: {} }");
    expect([Object.keys(many).length, many["104"]]).toEqual([105, "v104"]);
  });

  it("makes a file of each parameter by path, by name and by tag", async () => {
    const files = await mount(`
- { store: ssm, find: { prefix: /shop/ }, expand: { path: path/ } }
- { store: ssm, find: { prefix: flat }, expand: { path: name/ } }
- { store: ssm, find: { prefix: /shop/, tags: { team: shop } }, expand: { path: tag/ } }
`);
    expect(Object.keys(files).length).toBe(28);
    expect(files).toMatchObject({ "path/p24": "p24", "path/deep/er": "d", "name/.a": "f", "tag/deep/er": "d" });
  });
});

describe("find in files", () => {
  it("walks through the directory, as Kubernetes lays it out, and not out of it", async () => {
    const files = await mount("- { store: files, find: { prefix: shop/ }, expand: {} }");
    expect(files).toEqual({ "b.yaml": '{"x":1.50}', "eu/a": "A" });
  });

  it("is fenced by a profile's prefixes", async () => {
    expect(await mount("- { store: fenced, find: { prefix: shop/eu/ }, expand: {} }")).toEqual({ a: "A" });
    for (const find of ["{}", "{ prefix: bank/ }", "{ prefix: sho }"]) {
      expect(await problem(`- { store: fenced, find: ${find}, expand: {} }`)).toContain("LK0021");
    }
  });
});

describe("a search", () => {
  it("that finds nothing fails, or mounts nothing where it is optional", async () => {
    const nothing = "find: { prefix: shop/nowhere/ }, expand: {}";
    expect(await problem(`- { store: files, ${nothing} }`)).toContain(
      "LK0034 secrets[0], file files below shop/nowhere/: the search finds nothing",
    );
    expect(await problem("- { store: vault, find: { prefix: secret/data/nowhere/ }, expand: {} }")).toContain(
      'LK0034 secrets[0], vault secrets below secret/data/nowhere/: the search finds nothing. Fix: check the prefix: "secret/metadata/nowhere" was listed; write kv: 1 if the engine is KV version 1, or mount: if its mount is not "secret"; if finding nothing is fine, write optional: true',
    );
    expect(await problem("- { store: vault, find: { prefix: secret/data/shop/, pattern: zzz }, expand: {} }")).toMatch(
      /Fix: check the pattern: it matches none of the [0-9]+ names below the prefix; if/,
    );
    const files = await mount(`- { store: files, ${nothing}, optional: true }`);
    expect(Object.keys(files)).toEqual([".latchkey-empty"]);
    const template = "- { path: t, content: '{% for each in all %}x{% endfor %}.' }";
    const named = "find: { prefix: shop/nowhere/ }, as: all, optional: true";
    expect(await mount(`- { store: files, ${named} }`, template)).toEqual({ t: "." });
  });

  it("that finds nothing leaves each file its own default", async () => {
    const files = "files: [{ path: a, default: none }, { path: b, key: x.y, default: '' }]";
    expect(await mount(`- { store: files, find: { prefix: shop/nowhere/ }, ${files} }`)).toEqual({ a: "none", b: "" });
    expect(await mount("- { store: files, find: { prefix: shop/eu/ }, files: [{ path: a, default: none }] }")).toEqual({
      a: '{"a":"A"}',
    });
  });

  it("that finds more than its limit fails, and names neither the secrets nor their values", async () => {
    const message = await problem("- { store: aws, find: { prefix: many/ }, expand: {} }");
    expect(message).toContain("LK0044");
    expect(message).toContain("105 names match, but the limit is 100");
  });

  it("that makes two files of one path, or a path that is none, says which", async () => {
    const twice = await problem(`
- { store: files, find: { prefix: shop/eu/ }, expand: {} }
- { store: files, find: { prefix: shop/eu/ }, expand: {} }
`);
    expect(twice).toContain('secrets[1].expand, secret "a": "a": the path is already taken');
    const up = await problem("- { store: files, find: { prefix: shop/eu/ }, expand: { path: ../ } }");
    expect(up).toContain("LK0003");
  });

  it("that finds two names which are one without the prefix says so", async () => {
    const message = await problem("- { store: aws, find: { prefix: alike }, expand: {} }");
    expect(message).toContain(
      'LK0040 secrets[0], aws-secrets-manager secrets below alike: two names are "a" without the prefix',
    );
  });

  it("whose secrets lack a key says which, or leaves them out where it is optional", async () => {
    const found = "store: vault, find: { prefix: secret/data/shop/ }, expand: { key: user }";
    expect(await problem(`- { ${found} }`)).toContain(
      'LK0035 secrets[0].expand, vault secrets below secret/data/shop/, secret "eu/api"',
    );
    expect(await mount(`- { ${found}, optional: true }`)).toEqual({ db: "svc" });
  });

  it("gives what is not text to files only", async () => {
    const binary = "- { store: aws, find: { prefix: prod/features/ }, files: [{ path: all }] }";
    expect(await problem(binary)).toContain(
      'LK0040 secrets[0].files[0], aws-secrets-manager secrets below prod/features/: the secret "light" is not text',
    );
  });
});
