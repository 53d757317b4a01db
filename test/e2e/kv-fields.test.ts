import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { enableKv, letEverybodyRead, putKv1, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

let bao: OpenBao;
let node: TestNode;

/** A secret whose own keys have the names that KV version 2 gives to its answer. */
const fields = { data: { x: "1" }, metadata: { y: "2" }, password: "p" };

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  bao = await startOpenBao();
  await letEverybodyRead(bao, issuer.publicKeyPem(), ["*"]);
  await enableKv(bao, "one", 1);
  await putKv1(bao, "db", fields, "one");
  await putKv2(bao, "db", fields);
  node = await startNode({ issuer, flags: { allowAddress: "127.0.0.1" } });
});

afterAll(async () => {
  await node?.stop();
  await bao?.stop();
});

const places = [
  ["KV version 1", "one/db"],
  ["KV version 2", "secret/data/db"],
] as const;

describe.each(places)("a secret of %s with keys called data and metadata", (version, name) => {
  it("has all of its keys in the native dialect", async () => {
    const parameters = {
      stores: `v: { kind: vault, address: "${bao.address}", role: all }`,
      secrets: `
- store: v
  name: ${name}
  as: db
  files:
    - { path: whole }
    - { path: password, key: password }
    - { path: x, key: data.x }
    - { path: y, jmesPath: metadata.y }
  expand: { path: all/ }
`,
      templates: '- { path: made, content: "{{ db.password }} {{ db.data.x }} {{ db.metadata.y }}" }',
    };
    const { target } = await node.publish({ provider: "latchkey", audiences: ["vault"], parameters, volume: name });
    const read = (path: string) => readFile(join(target, path), "utf8");
    const paths = ["whole", "password", "x", "y", "made", "all/data", "all/metadata", "all/password"];
    expect(await Promise.all(paths.map(read))).toEqual([
      '{"data":{"x":"1"},"metadata":{"y":"2"},"password":"p"}',
      ...["p", "1", "2", "p 1 2", '{"x":"1"}', '{"y":"2"}', "p"],
    ]);
  });

  it("has them in the vault dialect with output: data, and secretKey looks where today's provider looks", async () => {
    const objects = (key: string) =>
      [`- { objectName: whole, secretPath: ${name}, output: data }`, `- ${key}`].join("\n");
    const parameters = (key: string) => ({ vaultAddress: bao.address, roleName: "all", objects: objects(key) });
    const [there, elsewhere] = version === "KV version 1" ? ["x", "password"] : ["password", "x"];
    const entry = (key: string) => `{ objectName: key, secretPath: ${name}, secretKey: ${key} }`;
    const volume = { provider: "vault", audiences: ["vault"], volume: `vault-${name}` };
    const { target } = await node.publish({ ...volume, parameters: parameters(entry(there)) });
    const read = (path: string) => readFile(join(target, path), "utf8");
    expect(await read("whole")).toBe('{"data":{"x":"1"},"metadata":{"y":"2"},"password":"p"}');
    expect(await read("key")).toBe(there === "x" ? "1" : "p");
    const error = await node.publishError({ ...volume, volume: "other", parameters: parameters(entry(elsewhere)) });
    expect(error.message).toMatch(/LK0035/);
  });
});
