import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Moto, startMoto } from "../servers/moto.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const region = "eu-west-1";
const audiences = ["vault", "sts.amazonaws.com"];

let server: OpenBao;
let moto: Moto;
let node: TestNode;

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  [server, moto] = await Promise.all([startOpenBao(), startMoto()]);
  await letEverybodyRead(server, issuer.publicKeyPem());
  await putKv2(server, "db", { username: "svc", password: "hunter2", tls: { "tls.crt": "c" } });
  await moto.createSecret(region, "prod/db", JSON.stringify({ username: "svc", password: "hunter2" }));
  await moto.createSecret(region, "prod/text", "hunter2");
  const flags = { allowAddress: "127.0.0.1", refresh: "0s", maxStale: "0s", awsEndpointUrl: moto.url };
  node = await startNode({ issuer, flags });
});

afterAll(async () => {
  await node?.stop();
  await Promise.all([server?.stop(), moto?.stop()]);
});

let volumes = 0;

async function problem(provider: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  volumes += 1;
  const { message } = await node.publishError({ provider, parameters, audiences, volume: `v-${volumes}` });
  expect(message).not.toContain("hunter2");
  return message;
}

const inVault = (objects: string) => problem("vault", { vaultAddress: server.address, roleName: "all", objects });
const inAws = (objects: string) => problem("aws", { region, roleArn: "arn:aws:iam::123456789012:role/r", objects });
const inNative = (secrets: string, more: Readonly<Record<string, string>> = {}) =>
  problem("latchkey", {
    stores: `{ vault: { kind: vault, address: "${server.address}", role: all }, aws: { kind: aws-secrets-manager, region: ${region}, roleArn: "arn:aws:iam::123456789012:role/r" } }`,
    secrets,
    ...more,
  });

describe("an error that is found in a value names store, path and what was looked for, and the nearest key", () => {
  it("of the vault dialect", async () => {
    expect(await inVault("- { objectName: pw, secretPath: secret/data/db, secretKey: pasword }")).toContain(
      'LK0035 object "pw", vault secret/data/db: key "pasword" does not exist in the secret. Fix: did you mean the key "password"? Otherwise add the key to the secret',
    );
    expect(await inVault("- { objectName: pw, secretPath: secret/data/db, secretKey: token }")).toContain(
      'LK0035 object "pw", vault secret/data/db: key "token" does not exist in the secret. Fix: correct the key, or add it to the secret',
    );
    expect(
      await inVault("- { objectName: pw, secretPath: secret/data/db, secretKey: username, encoding: base64 }"),
    ).toContain('LK0040 object "pw", vault secret/data/db: the value is not valid base64');
  });

  it("of the aws dialect", async () => {
    const entry = (name: string, path: string) =>
      `- { objectName: ${name}, objectType: secretsmanager, jmesPath: [{ path: '${path}', objectAlias: x }] }`;
    expect(await inAws(entry("prod/db", "usrname"))).toContain(
      'LK0035 object "prod/db", jmesPath "usrname", aws-secrets-manager prod/db: the JMESPath "usrname" does not point to a valid object. Fix: did you mean the key "username"? Otherwise add the value to the secret',
    );
    expect(await inAws(entry("prod/text", "user.name"))).toMatch(
      /LK0040 object "prod\/text", jmesPath "user\.name", aws-secrets-manager prod\/text: the secret is not JSON, so it has no value at the JMESPath "user\.name"/,
    );
  });

  it("of the native dialect, also where a fallback answered, and behind data/", async () => {
    expect(
      await inNative("- { store: vault, name: secret/data/db, files: [{ path: a, key: data.password }] }"),
    ).toContain(
      'LK0035 secrets[0].files[0], vault secret/data/db: key "data.password" does not exist in the secret. Fix: did you mean the key "password"?',
    );
    expect(
      await inNative("- { store: vault, name: secret/data/db, files: [{ path: a, key: 'tls.\"tls.crl\"' }] }"),
    ).toContain('did you mean the key "tls.crt"?');
    const first = `http://127.0.0.1:1`;
    const stores = `{ away: { kind: vault, address: "${first}", role: all }, aws: { kind: aws-secrets-manager, region: ${region}, roleArn: "arn:aws:iam::123456789012:role/r" } }`;
    const secrets =
      "- { store: away, name: secret/data/db, fallback: [{ store: aws, name: prod/db }], files: [{ path: a, key: pass }] }";
    expect(await inNative(secrets, { stores })).toContain(
      'LK0035 secrets[0].files[0], aws-secrets-manager prod/db: key "pass" does not exist in the secret',
    );
    expect(await inNative("- { store: aws, name: prod/text, expand: {} }")).toContain(
      "LK0040 secrets[0].expand, aws-secrets-manager prod/text: the secret is not JSON",
    );
  });

  it("of templates and searches", async () => {
    const secrets = "- { store: vault, name: secret/data/db, as: db }";
    expect(await inNative(secrets, { templates: "- { path: a, content: '{{ db.pasword }}' }" })).toMatch(
      /LK0040 templates\[0\]: the template cannot be rendered: undefined variable: db\.pasword.*\(db is vault secret\/data\/db\)\. Fix: did you mean db\.password\?/,
    );
    expect(await inNative("- { store: aws, find: { prefix: none/ }, expand: {} }")).toMatch(
      /LK0034 secrets\[0\], aws-secrets-manager secrets below none\/: the search finds nothing/,
    );
  });
});
