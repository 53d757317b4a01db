import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { allowReads, enableJwtAuth, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const objects = `
- { objectName: user, secretPath: secret/data/db, secretKey: username }
- { objectName: db.json, secretPath: /v1/secret/data/db, output: data }
`;

let server: OpenBao;
let node: TestNode;
let directory: string;
let caFile: string;
let caPem: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-bao-"));
  server = await startOpenBao({ tls: true });
  caFile = server.caFile ?? "";
  caPem = await readFile(caFile, "utf8");
  const issuer = await createTokenIssuer();
  await enableJwtAuth(server, { publicKeyPem: issuer.publicKeyPem() });
  await allowReads(server, "shop", ["secret/data/db"]);
  await server.request("POST", "auth/kubernetes/role/shop", {
    role_type: "jwt",
    user_claim: "sub",
    bound_audiences: ["vault", "openbao"],
    token_policies: ["shop"],
  });
  await putKv2(server, "db", { username: "svc", ratio: 2.5 });
  node = await startNode({
    issuer,
    flags: {
      providers: "vault,openbao",
      openbaoAddr: server.address,
      openbaoTlsCaCert: caFile,
      tlsDir: dirname(caFile),
      allowAddress: "127.0.0.1",
    },
  });
  await writeFile(join(directory, "ca.pem"), caPem);
});

afterAll(async () => {
  await node?.stop();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe("the openbao and vault dialects against a real OpenBao over TLS", () => {
  const pod = { uid: "tls" };

  it("make the same files and the same versions, each by its own socket, audience and names", async () => {
    const bao = await node.publish({
      provider: "openbao",
      parameters: { baoRoleName: "shop", objects },
      audiences: ["openbao"],
      volume: "bao",
    });
    const vault = await node.publish({
      provider: "vault",
      parameters: { roleName: "shop", vaultAddress: server.address, vaultCACertPath: caFile, objects },
      audiences: ["vault"],
      volume: "vault",
    });
    for (const { target } of [bao, vault]) {
      expect(await readFile(join(target, "user"), "utf8")).toBe("svc");
      expect(await readFile(join(target, "db.json"), "utf8")).toBe('{"ratio":2.5,"username":"svc"}');
    }
    // One key for both here.
    expect(vault.podStatus.status.objects).toEqual(bao.podStatus.status.objects);
  });

  const trusted: readonly (readonly [what: string, parameters: () => Readonly<Record<string, string>>])[] = [
    ["a CA as text", () => ({ vaultCACert: caPem })],
    ["a CA file below --tls-dir", () => ({ vaultCACertPath: caFile })],
    ["no verification", () => ({ vaultSkipTLSVerify: "true" })],
    [
      "the first of several addresses that answers",
      () => ({ vaultCACert: caPem, vaultAddress: `https://127.0.0.1:1,${server.address}` }),
    ],
  ];
  for (const [what, parameters] of trusted) {
    it(`are served with ${what}`, async () => {
      const { target } = await node.publish({
        provider: "vault",
        parameters: { roleName: "shop", vaultAddress: server.address, objects, ...parameters() },
        audiences: ["vault"],
        pod,
        volume: what.replace(/\W/g, "-"),
      });
      expect(await readFile(join(target, "user"), "utf8")).toBe("svc");
    });
  }

  const refused: readonly (readonly [
    what: string,
    parameters: () => Readonly<Record<string, string>>,
    message: RegExp,
  ])[] = [
    ["without a CA", () => ({}), /LK0039/],
    ["with `false` for no verification", () => ({ vaultSkipTLSVerify: "false" }), /LK0039/],
    ["with another name of the server", () => ({ vaultCACert: caPem, vaultTLSServerName: "other" }), /LK0039/],
    [
      "with a CA file elsewhere",
      () => ({ vaultCACertPath: join(directory, "ca.pem") }),
      /LK0003 vaultCACertPath: .*--tls-dir/,
    ],
  ];
  for (const [what, parameters, message] of refused) {
    it(`are refused ${what}`, async () => {
      const error = await node.publishError({
        provider: "vault",
        parameters: { roleName: "shop", vaultAddress: server.address, objects, ...parameters() },
        audiences: ["vault"],
        pod,
        volume: what.replace(/\W/g, "-"),
      });
      expect(error.message).toMatch(message);
    });
  }

  it("serve a role whose tokens are good for few requests, however many secrets are wanted", async () => {
    await server.request("POST", "auth/kubernetes/role/few", {
      role_type: "jwt",
      user_claim: "sub",
      bound_audiences: ["openbao"],
      token_policies: ["shop"],
      token_num_uses: 3,
    });
    const names = Array.from({ length: 7 }, (_, at) => `f${at}`);
    const many = names.map(
      (name) => `- { objectName: ${name}, secretPath: "secret/data/db?x=${name}", secretKey: username }`,
    );
    const { target } = await node.publish({
      provider: "openbao",
      parameters: { roleName: "few", objects: many.join("\n") },
      audiences: ["openbao"],
      volume: "few",
    });
    for (const name of names) expect(await readFile(join(target, name), "utf8")).toBe("svc");
    expect(node.mounts().at(-1)).toMatchObject({ storeCalls: { login: 4, read: 7 } });
  });

  it("say in the log that a certificate is not checked", () => {
    const warnings = node.log.filter(({ level }) => level === "warn" || level === 40);
    expect(JSON.stringify(warnings)).toContain("vaultSkipTLSVerify: the server's certificate is not checked");
  });
});
