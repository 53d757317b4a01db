import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeGoJson } from "../../src/formats/go-json.ts";
import { parseJson } from "../../src/formats/json.ts";
import { createKmsKey } from "../servers/kms-key.ts";
import { type Moto, startMoto } from "../servers/moto.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { enableTransit, writePolicy } from "../servers/openbao-engines.ts";
import { enableJwtAuth, writeJwtRole } from "../servers/openbao-setup.ts";
import { type AgePair, makeAgePair } from "../stores/sops/age.ts";
import { diceOf, formats, plainDocument } from "../stores/sops/documents.ts";
import { openSopsTool, type SopsTool } from "../stores/sops/tool.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const region = "eu-west-1";
const roleArn = "arn:aws:iam::123456789012:role/payments";

let server: OpenBao;
let moto: Moto;
let node: TestNode;
let tool: SopsTool;
let pair: AgePair;
let keyArn: string;

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  [server, moto, pair] = await Promise.all([startOpenBao(), startMoto(), makeAgePair()]);
  tool = await openSopsTool(pair.file);
  await enableTransit(server);
  await enableJwtAuth(server, { publicKeyPem: issuer.publicKeyPem() });
  await writePolicy(server, "unwrap", { "transit/decrypt/shop": ["update"] });
  await writeJwtRole(server, { role: "shop", audience: "vault", policies: ["unwrap"] });
  await writeJwtRole(server, { role: "other", audience: "vault", policies: ["default"] });
  keyArn = await createKmsKey(moto.url, region);
  tool.env({ VAULT_ADDR: server.address, VAULT_TOKEN: server.rootToken });
  tool.env({
    AWS_ENDPOINT_URL: moto.url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: region,
  });
  node = await startNode({
    issuer,
    flags: async (directory) => {
      const own = join(directory, "sops");
      await mkdir(join(own, "shop/features"), { recursive: true });
      await writeFile(join(own, "shop.txt"), pair.file);
      return { allowAddress: "127.0.0.1", awsEndpointUrl: moto.url, sopsAgeKeyFile: join(own, "{namespace}.txt") };
    },
    config: (directory) => `profiles: { git: { kind: sops, directory: "${join(directory, "sops")}/{namespace}" } }`,
  });
});

afterAll(async () => {
  await node?.stop();
  await Promise.all([server?.stop(), moto?.stop(), tool?.stop()]);
});

const audiences = ["vault", "sts.amazonaws.com"];
const plain = "db:\n    password: CANARY-db\n    port: 5432\n# CANARY-note\nfeature: true\n";

async function byAge(text = plain, type = "yaml") {
  return await tool.encrypt(text, type, ["--age", pair.recipient, "--filename-override", `x.${type}`]);
}

async function byTransit(text = plain) {
  const key = `${server.address}/v1/transit/keys/shop`;
  return await tool.encrypt(text, "yaml", ["--hc-vault-transit", key, "--filename-override", "x.yaml"]);
}

async function byKms(text = plain, more: readonly string[] = []) {
  return await tool.encrypt(text, "yaml", ["--kms", keyArn, "--filename-override", "x.yaml", ...more]);
}

function secretsOf(ciphertext: string, files = "[{ path: password, key: db.password }, { path: all }]"): string {
  const indented = ciphertext.replace(/^/gm, "    ");
  return `- store: git\n  ciphertext: |\n${indented}\n  files: ${files}\n`;
}

interface Mounted {
  readonly volume: string;
  readonly stores?: string;
  readonly secrets: string;
  readonly pod?: { readonly uid: string; readonly name: string };
}

const request = ({ volume, stores = "git: { kind: sops }", secrets, pod }: Mounted) => ({
  ...{ provider: "latchkey", audiences, volume, parameters: { stores, secrets } },
  ...(pod === undefined ? {} : { pod }),
});

async function mount(mounted: Mounted) {
  const { target } = await node.publish(request(mounted));
  return async (path: string) => await readFile(join(target, path), "utf8");
}

const calls = () => node.mounts().at(-1)?.storeCalls;
const vaultStore = (role: string) => `git: { kind: sops, vault: { address: "${server.address}", role: ${role} } }`;
const awsStore = `git: { kind: sops, aws: { roleArn: "${roleArn}" } }`;

describe("a document in the SecretProviderClass", () => {
  it("is opened by an age key of the node, and becomes files", async () => {
    const read = await mount({ volume: "age", secrets: secretsOf(await byAge()) });
    expect(await read("password")).toBe("CANARY-db");
    expect(await read("all")).toBe('{"db":{"password":"CANARY-db","port":5432},"feature":true}');
  });

  it("takes a key that was replaced at once", async () => {
    const secrets = secretsOf(await byAge());
    const file = join(node.directory, "sops/shop.txt");
    await writeFile(file, (await makeAgePair()).file);
    const error = await node.publishError(request({ volume: "replaced", secrets }));
    expect(error.message).toContain("LK0033");
    expect(error.message).toContain(pair.recipient);
    await writeFile(file, pair.file);
    expect(await (await mount({ volume: "replaced", secrets }))("password")).toBe("CANARY-db");
  });

  it("is refused where it is plain, loudly and without a value", async () => {
    const error = await node.publishError(request({ volume: "plain", secrets: secretsOf(plain) }));
    expect(error.message).toContain("is not encrypted by SOPS");
    expect(error.message).not.toContain("CANARY");
  });

  it("is opened by the transit engine as the pod, whose data key the next pod has from the cache", async () => {
    const mounted = { stores: vaultStore("shop"), secrets: secretsOf(await byTransit()) };
    expect(await (await mount({ ...mounted, volume: "t1" }))("password")).toBe("CANARY-db");
    expect(calls()).toMatchObject({ login: 1 });
    const pod = { uid: "0000-0002", name: "web-1" };
    expect(await (await mount({ ...mounted, volume: "t2", pod }))("password")).toBe("CANARY-db");
    const asked = (await server.audited()).filter(({ path }) => path === "transit/decrypt/shop");
    expect(asked).toHaveLength(1);
  });

  it("is denied to whom the key's policy denies it", async () => {
    const mounted = { volume: "denied", stores: vaultStore("other"), secrets: secretsOf(await byTransit()) };
    const error = await node.publishError(request(mounted));
    expect(error.message).toContain("LK0033");
    expect(error.message).toContain("transit/decrypt/shop");
  });

  it("is opened by AWS KMS as the pod's role, with its encryption context", async () => {
    const context = ["--encryption-context", "app:shop,stage:prod"];
    const mounted = { stores: awsStore, secrets: secretsOf(await byKms(plain, context)) };
    expect(await (await mount({ ...mounted, volume: "kms" }))("password")).toBe("CANARY-db");
    const log = () => moto.output().match(/"POST \/ HTTP/g)?.length ?? 0;
    const before = log();
    expect(await (await mount({ ...mounted, volume: "kms2", pod: { uid: "0000-0009", name: "w" } }))("all")).toContain(
      "5432",
    );
    expect(log()).toBe(before);
  });

  it("is opened by the role that the document names, which the pod's own role assumes", async () => {
    const args = ["--kms", `${keyArn}+arn:aws:iam::123456789012:role/documents`, "--filename-override", "x.yaml"];
    const text = await tool.encrypt(plain, "yaml", args);
    expect(text).toContain("role: arn:aws:iam::123456789012:role/documents");
    const calls = () => moto.output().match(/"POST \/ HTTP/g)?.length ?? 0;
    const before = calls();
    const mounted = { volume: "role", stores: awsStore, secrets: secretsOf(text) };
    expect(await (await mount(mounted))("password")).toBe("CANARY-db");
    // The pod's token for its role, that role for the document's, and the key.
    expect(calls() - before).toBe(3);
  });

  it("is refused where the key service unwraps another key than the document's", async () => {
    const [one, other] = [await byKms(), await byKms("db: { password: CANARY-x }\n")];
    const wrapped = /enc: (AQ\S+|\S+)/.exec(other)?.[1] ?? "";
    const mixed = one.replace(/enc: \S+/, `enc: ${wrapped}`);
    const error = await node.publishError(request({ volume: "mixed", stores: awsStore, secrets: secretsOf(mixed) }));
    expect(error.message).toContain("LK0047");
    expect(error.message).not.toContain("CANARY");
  });

  it("falls back to another store where its key service is away", async () => {
    const away = `vault: { address: "http://127.0.0.1:9", role: shop }`;
    const stores = `git: { kind: sops, ${away} }\nlocal: { kind: sops }`;
    const second = (await byAge()).replace(/^/gm, "      ");
    const secrets = `${secretsOf(await byTransit())}  fallback:\n  - store: local\n    ciphertext: |\n${second}\n`;
    expect(await (await mount({ volume: "fallback", stores, secrets }))("password")).toBe("CANARY-db");
  });

  it("names PGP where that is all it has", async () => {
    const text = (await byAge()).replace(
      /age:\n[\s\S]*?(?= {4}lastmodified)/,
      'pgp:\n        - fp: ABCDEF0123456789\n          enc: x\n          created_at: "2024-01-01T00:00:00Z"\n',
    );
    const error = await node.publishError(request({ volume: "pgp", secrets: secretsOf(text) }));
    expect(error.message).toMatch(/LK0004.*PGP key ABCDEF0123456789.*--add-age/);
  });
});

describe("documents of each format, by each kind of key service", () => {
  const kinds = ["transit", "kms"] as const;
  const cases = formats.flatMap((format) => kinds.map((kind) => [format, kind] as const));
  it.each(cases)("are what the tool itself opens: %s by %s", async (format, kind) => {
    const dice = diceOf(formats.indexOf(format) + 7 * kinds.indexOf(kind) + 1);
    const key = kind === "kms" ? ["--kms", keyArn] : ["--hc-vault-transit", `${server.address}/v1/transit/keys/shop`];
    const args = [...key, "--filename-override", `x.${format}`];
    const text = await tool.encrypt(plainDocument(format, dice), format, args);
    const stores = kind === "kms" ? awsStore : vaultStore("shop");
    const secrets = JSON.stringify([{ store: "git", ciphertext: text, format, files: [{ path: "all" }] }]);
    const { target } = await node.publish(request({ volume: `${format}-${kind}`, stores, secrets }));
    const own = await readFile(join(target, "all"));
    const theirs = await tool.decrypt(text, format);
    if (format === "binary") expect(own.equals(theirs)).toBe(true);
    else expect(own.toString()).toBe(writeGoJson(parseJson(theirs)));
  });
});

describe("a directory of documents", () => {
  it("is read by name and found by prefix, and may lack what is optional", async () => {
    const directory = join(node.directory, "sops/shop");
    await writeFile(join(directory, "db.yaml"), await byAge());
    await writeFile(join(directory, "features/a.env"), await byAge("FLAG=CANARY-flag\n", "dotenv"));
    await writeFile(join(directory, "features/b.json"), await byAge('{"flag":"CANARY-b"}', "json"));
    const secrets = `
- { store: git, name: db.yaml, files: [{ path: password, key: db.password }] }
- { store: git, find: { prefix: features/ }, expand: { path: f/ } }
- { store: git, name: nowhere.yaml, optional: true, files: [{ path: no, key: a }] }
`;
    const read = await mount({ volume: "directory", stores: "git: { profile: git }", secrets });
    expect(await read("password")).toBe("CANARY-db");
    expect(await read("f/a.env")).toBe('{"FLAG":"CANARY-flag"}');
    expect(await read("f/b.json")).toBe('{"flag":"CANARY-b"}');
  });

  it("refuses a document that is not encrypted", async () => {
    await writeFile(join(node.directory, "sops/shop/plain.yaml"), plain);
    const secrets = "- { store: git, name: plain.yaml, files: [{ path: a }] }";
    const error = await node.publishError(request({ volume: "plain-file", stores: "git: { profile: git }", secrets }));
    expect(error.message).toContain("LK0047");
    expect(error.message).not.toContain("CANARY");
  });

  it("is nobody's but the operator's to name", async () => {
    const stores = `git: { kind: sops, directory: /etc }`;
    const error = await node.publishError(request({ volume: "own", stores, secrets: secretsOf(await byAge()) }));
    expect(error.message).toContain("LK0020");
  });
});
