import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAddressPolicy } from "../../../src/address-policy.ts";
import type { ProviderError } from "../../../src/errors.ts";
import { Redacted } from "../../../src/redacted.ts";
import type { Session } from "../../../src/stores/store.ts";
import { createVaultStore } from "../../../src/stores/vault/index.ts";
import type { VaultRef, VaultSearch } from "../../../src/stores/vault/types.ts";
import { type OpenBao, startOpenBao } from "../../servers/openbao.ts";
import { allowReads, enableJwtAuth, enableKv, putKv1, putKv2, writeJwtRole } from "../../servers/openbao-setup.ts";
import { createTokenIssuer, type TokenIssuer, type TokenRequest } from "../../tokens.ts";
import { type Outcome, outcomesOf } from "../outcomes.ts";

const store = createVaultStore({ addresses: createAddressPolicy(["127.0.0.1"]), concurrency: 8 });
const context = () => ({ signal: AbortSignal.timeout(10_000), count: () => undefined });

let bao: OpenBao;
let issuer: TokenIssuer;

beforeAll(async () => {
  [bao, issuer] = await Promise.all([startOpenBao({ tls: true }), createTokenIssuer()]);
  await enableJwtAuth(bao, { publicKeyPem: issuer.publicKeyPem() });
  const subject = "system:serviceaccount:shop:web";
  await writeJwtRole(bao, { role: "shop", audience: "vault", subject, policies: ["shop"], ttl: "90s" });
  await allowReads(bao, "shop", ["secret/data/shop/*", "kv1/shop", "nowhere/*", "sys/mounts"]);
  await enableKv(bao, "kv1", 1);
  await putKv1(bao, "shop", { user: "u", data: "text" }, "kv1");
  await putKv2(bao, "shop/db", { password: "one" });
  await putKv2(bao, "shop/db", { password: "two", big: 12_345_678 });
  await putKv2(bao, "shop/gone", { password: "gone" });
  await bao.request("DELETE", "secret/data/shop/gone");
});

afterAll(async () => {
  await store.shutdown();
  await bao.stop();
});

interface Asking {
  readonly settings?: object;
  readonly token?: Partial<TokenRequest>;
}

async function open({ settings = {}, token = {} }: Asking = {}): Promise<Session<VaultRef, VaultSearch>> {
  const asked = { namespace: "shop", serviceAccount: "web", audience: "vault", ...token };
  const tokens = new Map([["vault", new Redacted(await issuer.token(asked))]]);
  const identity = { namespace: "shop", serviceAccount: "web", proved: true, tokens };
  const raw = { address: bao.address, role: "shop", caFile: bao.caFile, ...settings };
  return store.open({
    identity,
    settings: store.settings("operator").parse(raw),
    found: new Map(),
    context: context(),
  });
}

async function read(session: Session<VaultRef, VaultSearch>, name: string): Promise<string> {
  const [outcome] = await outcomesOf(session, [store.ref.parse({ name })], context());
  return textOf(outcome ?? expect.unreachable());
}

function textOf(outcome: Outcome): string {
  if (!outcome.ok) return outcome.error.id;
  return `${outcome.secret.version ?? "-"} ${Buffer.from(outcome.secret.value.reveal()).toString("utf8")}`;
}

async function refusal(asking: Asking): Promise<string> {
  const error = await open(asking).then(
    () => expect.unreachable("the login should have failed"),
    (thrown: ProviderError) => thrown,
  );
  return error.id;
}

describe("a real OpenBao over TLS", () => {
  const paths: readonly [path: string, text: string][] = [
    ["secret/data/shop/db", '2 {"big":12345678,"password":"two"}'],
    ["/v1/secret/data/shop/db?version=1", '1 {"password":"one"}'],
    ["kv1/shop", '- {"data":"text","user":"u"}'],
    ["secret/data/shop/gone", "LK0034"],
    ["secret/data/shop/db?version=9", "LK0034"],
    ["secret/data/shop/never", "LK0034"],
    ["secret/data/other", "LK0033"],
    ["secret/shop/db", "LK0033"],
    ["nowhere/at/all", "LK0046"],
  ];
  for (const [path, text] of paths) {
    test(`answers ${path} with ${text}`, async () => {
      const session = await open();
      expect(await read(session, path)).toBe(text);
      await session.close();
    });
  }

  const refused: readonly [what: string, asking: Asking, id: string][] = [
    ["a role that is not there", { settings: { role: "none" } }, "LK0032"],
    ["a mount that is not there", { settings: { mount: "none" } }, "LK0032"],
    ["a namespace that is not there", { settings: { namespace: "none" } }, "LK0042"],
    ["a token of another service account", { token: { serviceAccount: "other" } }, "LK0032"],
    ["a token for another audience", { token: { audience: "other" } }, "LK0032"],
    ["an expired token", { token: { expiresInSeconds: -3600, notBefore: 0 } }, "LK0032"],
    ["no trust in the CA", { settings: { caFile: undefined } }, "LK0039"],
    ["another server name", { settings: { tlsServerName: "other.test" } }, "LK0039"],
  ];
  for (const [what, asking, id] of refused) {
    test(`refuses a login with ${what}: ${id}`, async () => {
      expect(await refusal(asking)).toBe(id);
    });
  }

  test("trusts a CA given as text, by the server name", async () => {
    const session = await open({ settings: { caFile: undefined, ca: bao.caPem, tlsServerName: "localhost" } });
    expect(await read(session, "kv1/shop")).toMatch(/^- /);
  });

  test("sees the token's end, and its revocation when the session closes", async () => {
    const accessors = async () => {
      const { data } = await bao.request<{ data: { keys: string[] } }>("LIST", "auth/token/accessors");
      return data.keys.length;
    };
    const before = await accessors();
    const session = await open();
    expect((session.expiresAt ?? 0) - Date.now()).toBeGreaterThan(80_000);
    expect((session.expiresAt ?? 0) - Date.now()).toBeLessThan(91_000);
    expect(await accessors()).toBe(before + 1);
    await session.close();
    expect(await accessors()).toBe(before);
    expect(await read(session, "kv1/shop")).toBe("LK0033");
  });

  test("is an outage while it is sealed, at a read and at the login", async () => {
    const session = await open();
    await bao.seal();
    try {
      expect(await read(session, "kv1/shop")).toBe("LK0041");
      expect(await refusal({})).toBe("LK0041");
    } finally {
      await bao.unseal();
    }
    expect(await read(await open(), "kv1/shop")).toBe('- {"data":"text","user":"u"}');
  });
});
