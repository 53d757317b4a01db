import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { enableTransit, writePolicy } from "../servers/openbao-engines.ts";
import { enableJwtAuth, writeJwtRole } from "../servers/openbao-setup.ts";
import { type FaultyProxy, startProxy } from "../servers/proxy.ts";
import { openSopsTool, type SopsTool } from "../stores/sops/tool.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

let server: OpenBao;
let proxy: FaultyProxy;
let tool: SopsTool;
let node: TestNode;

const mayUnwrap = () => writePolicy(server, "unwrap", { "transit/decrypt/shop": ["update"] });

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  [server, tool] = await Promise.all([startOpenBao(), openSopsTool()]);
  proxy = await startProxy(server.address);
  await enableTransit(server);
  await enableJwtAuth(server, { publicKeyPem: issuer.publicKeyPem() });
  await mayUnwrap();
  await writeJwtRole(server, { role: "shop", audience: "vault", policies: ["unwrap"] });
  tool.env({ VAULT_ADDR: server.address, VAULT_TOKEN: server.rootToken });
  node = await startNode({
    issuer,
    flags: { allowAddress: "127.0.0.1", refresh: "0s", denyMemory: "0s", staleAfter: "200ms" },
  });
});

afterAll(async () => {
  await node?.stop();
  await proxy?.stop();
  await Promise.all([server?.stop(), tool?.stop()]);
});

async function sealed(password: string): Promise<string> {
  const key = `${server.address}/v1/transit/keys/shop`;
  const text = `password: ${password}\n`;
  return await tool.encrypt(text, "yaml", ["--hc-vault-transit", key, "--filename-override", "x.yaml"]);
}

function request(uid: string, ciphertext: string) {
  const secrets = `- store: git\n  ciphertext: |\n${ciphertext.replace(/^/gm, "    ")}\n  files: [{ path: p, key: password }]\n`;
  const stores = `git: { kind: sops, vault: { address: "${proxy.url}", role: shop } }`;
  const parameters = { stores, secrets };
  return { provider: "latchkey", audiences: ["vault"], volume: uid, pod: { uid }, parameters };
}

async function mounted(uid: string, ciphertext: string): Promise<string> {
  const { target } = await node.publish(request(uid, ciphertext));
  return await readFile(join(target, "p"), "utf8");
}

describe("the key that a key service unwrapped", () => {
  it("is served in an outage of the service, which the log tells, and is dropped by a denial", async () => {
    const text = await sealed("CANARY-outage");
    expect(await mounted("1", text)).toBe("CANARY-outage");
    await proxy.refuse();
    expect(await mounted("2", text)).toBe("CANARY-outage");
    expect(JSON.stringify(node.mounts().at(-1))).toContain("stale");
    await proxy.accept();
    await writePolicy(server, "unwrap", { "transit/decrypt/other": ["update"] });
    expect((await node.publishError(request("3", text))).message).toContain("LK0033");
    await proxy.refuse();
    const gone = await node.publishError(request("4", text));
    expect(gone.message).toContain("LK0030");
    expect(gone.message).not.toContain("CANARY");
    await proxy.accept();
    await mayUnwrap();
    expect(await mounted("5", text)).toBe("CANARY-outage");
  });

  it("is asked for where a document that nobody has opened meets an outage", async () => {
    const text = await sealed("CANARY-other");
    await proxy.refuse();
    expect((await node.publishError(request("6", text))).message).toContain("LK0030");
    await proxy.accept();
    expect(await mounted("7", text)).toBe("CANARY-other");
  });
});
