import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Attack, attackedField, attackedText, attacks } from "../attacks.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

let server: OpenBao;
let node: TestNode;
let stores: string;

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  server = await startOpenBao();
  await letEverybodyRead(server, issuer.publicKeyPem());
  await putKv2(server, "attacked", { [attackedField]: attackedText });
  await putKv2(server, "quiet", { key: "value" });
  node = await startNode({ issuer, flags: { allowAddress: "127.0.0.1" } });
  stores = `vault: { kind: vault, address: "${server.address}", role: all }`;
});

afterAll(async () => {
  await node?.stop();
  await server?.stop();
});

let volumes = 0;

async function mount(namespace: string, parameters: Readonly<Record<string, string>>) {
  volumes += 1;
  const request = { provider: "latchkey", parameters: { stores, ...parameters }, audiences: ["vault"] };
  return await node.publish({ ...request, pod: { namespace, uid: `uid-${volumes}` }, volume: `v${volumes}` });
}

/** The error that the driver gets for an attack; empty if its volume is mounted. */
async function attack({ secrets, templates }: Attack): Promise<string> {
  const parameters = { secrets: secrets("secret/data/attacked"), ...(templates === undefined ? {} : { templates }) };
  return await mount("attacker", parameters).then(
    ({ masked }) => masked?.message ?? "",
    (error: Error) => error.message,
  );
}

async function quietMount(): Promise<string> {
  const secrets = "- { store: vault, name: secret/data/quiet, files: [{ path: k, key: key }] }";
  return await readFile(join((await mount("shop", { secrets })).target, "k"), "utf8");
}

describe("an attack from a SecretProviderClass", () => {
  it.each(attacks)("by $family ($what) is refused or stopped", async (each) => {
    const said = await attack(each);
    expect(said).toMatch(each.ends ?? /^$/);
    expect(said).not.toContain(attackedText);
    expect(await quietMount()).toBe("value");
  });
});
