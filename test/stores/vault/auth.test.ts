import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProviderError } from "../../../src/errors.ts";
import { Redacted } from "../../../src/redacted.ts";
import type { Identity } from "../../../src/stores/store.ts";
import type { VaultAuth } from "../../../src/stores/vault/types.ts";
import { type Authority, createAuthority } from "../../servers/certificates.ts";
import { identity, type ScriptedVault, startScriptedVault } from "./scripted-vault.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function scene(...options: Parameters<typeof startScriptedVault>): Promise<ScriptedVault> {
  const vault = await startScriptedVault(...options);
  cleanups.push(() => vault.stop());
  return vault;
}

async function files(texts: Readonly<Record<string, string>>): Promise<(name: string) => string> {
  const directory = await mkdtemp(join(tmpdir(), "latchkey-auth-"));
  cleanups.push(() => rm(directory, { recursive: true }));
  for (const [name, text] of Object.entries(texts)) await writeFile(join(directory, name), text);
  return (name) => join(directory, name);
}

function withCredentials(entries: Readonly<Record<string, string>>): Identity {
  return { ...identity, tokens: new Map(), credentials: new Redacted(new Map(Object.entries(entries))) };
}

async function failure(opening: Promise<unknown>): Promise<ProviderError> {
  const error = await opening.then(
    () => expect.unreachable("the login should have failed"),
    (thrown: ProviderError) => thrown,
  );
  expect(`${inspect(error, { depth: 9 })} ${error.describe()}`).not.toContain("CANARY");
  return error;
}

describe("an AppRole login", () => {
  const auth: VaultAuth = { method: "approle", mount: "ci/approle" };
  let vault: ScriptedVault;
  beforeEach(async () => {
    vault = await scene();
  });
  const bodies = () => vault.server.requests.map(({ url, body }) => [url, JSON.parse(body)]);

  test("sends role_id and secret_id of the pod's credentials", async () => {
    await vault.open({ auth }, withCredentials({ role_id: "r-1\n", secret_id: "CANARY" }));
    await vault.open({ auth }, withCredentials({ role_id: "r-1" }));
    expect(bodies()).toEqual([
      ["/v1/auth/ci/approle/login", { role_id: "r-1", secret_id: "CANARY" }],
      ["/v1/auth/ci/approle/login", { role_id: "r-1" }],
    ]);
  });

  test("takes the operator's files instead, read at each login", async () => {
    const at = await files({ role: "r-2\n", secret: "CANARY-1\n" });
    const settings = { auth: { ...auth, roleIdFile: at("role"), secretIdFile: at("secret") } };
    await vault.open(settings, withCredentials({ role_id: "stranger", secret_id: "stranger" }));
    await writeFile(at("secret"), "CANARY-2");
    await vault.open(settings);
    expect(bodies().map(([, body]) => body)).toEqual([
      { role_id: "r-2", secret_id: "CANARY-1" },
      { role_id: "r-2", secret_id: "CANARY-2" },
    ]);
  });

  test("without a role_id is denied before anything is sent", async () => {
    for (const who of [identity, withCredentials({ secret_id: "CANARY" }), withCredentials({ role_id: "" })]) {
      expect((await failure(vault.open({ auth }, who))).describe()).toBe(
        "LK0016: the login at auth/ci/approle needs role_id, and the request brought none. Fix: put role_id into the Secret that nodePublishSecretRef of the pod's volume names",
      );
    }
    const missing = { ...auth, roleIdFile: "/nonexistent/role" };
    expect((await failure(vault.open({ auth: missing }))).message).toBe(
      "the file /nonexistent/role of the AppRole's role_id cannot be read (ENOENT)",
    );
    expect(vault.server.requests).toEqual([]);
  });

  test("that is refused quotes neither, and says what to do", async () => {
    vault.answer({ login: { status: 400, body: { errors: ["invalid secret id CANARY-secret of CANARY-role"] } } });
    const who = withCredentials({ role_id: "CANARY-role", secret_id: "CANARY-secret" });
    expect((await failure(vault.open({ auth }, who))).describe()).toBe(
      "LK0032: failed to login at auth/ci/approle (status 400): invalid secret id [redacted] of [redacted]. Fix: check that auth/ci/approle exists and that role_id and secret_id are of one of its roles; a secret_id can be used up or expire",
    );
  });

  test("needs no service account token", () => {
    const settings = (more: object) => vault.store.settings("pod").parse({ address: "https://v", ...more });
    expect(vault.store.audience(settings({ auth: "approle" }))).toBeUndefined();
    expect(vault.store.audience(settings({ auth: "cert" }))).toBeUndefined();
    expect(vault.store.audience(settings({ role: "r" }))).toEqual({ name: "vault", chosen: false });
  });
});

describe("a login by TLS certificate", () => {
  const auth: VaultAuth = { method: "cert", mount: "cert", role: "web" };
  let authority: Authority;
  let vault: ScriptedVault;
  beforeEach(async () => {
    authority = await createAuthority();
    const tls = { ...(await authority.issue()), clientCa: authority.caPem };
    vault = await scene(["127.0.0.1"], { server: { tls } });
  });
  const settings = (more = {}) => ({ auth, tls: { ca: authority.caPem, ...more } });

  async function pair(name: string) {
    const { cert, key } = await authority.issueClient(name);
    return { "tls.crt": cert, "tls.key": key };
  }

  test("shows the pod's own certificate and names the role", async () => {
    await vault.open(settings(), withCredentials(await pair("web")));
    await vault.open({ ...settings(), auth: { method: "cert", mount: "cert" } }, withCredentials(await pair("web")));
    expect(vault.server.requests.map(({ url, body }) => [url, JSON.parse(body)])).toEqual([
      ["/v1/auth/cert/login", { name: "web" }],
      ["/v1/auth/cert/login", {}],
    ]);
  });

  test("takes the certificate of the operator's files where the pod brings none", async () => {
    const own = await pair("operator");
    const at = await files({ "tls.crt": own["tls.crt"], "tls.key": own["tls.key"] });
    const fromFiles = settings({ clientCertFile: at("tls.crt"), clientKeyFile: at("tls.key") });
    expect(await vault.open({ ...fromFiles, addressFrom: "operator" }, withCredentials({}))).toBeDefined();
  });

  test("never shares a connection with another identity, even by the same certificate", async () => {
    const peers: string[] = [];
    const certificates = [await pair("web"), await pair("shop")] as const;
    const onClient = (name: string) => peers.push(name);
    const tls = { ...(await authority.issue()), clientCa: authority.caPem, onClient };
    const other = await scene(["127.0.0.1"], { server: { tls } });
    const open = (who: Identity) => other.open(settings(), who);
    const first = withCredentials(certificates[0]);
    for (const who of [first, first, withCredentials(certificates[1]), { ...first, serviceAccount: "other" }]) {
      await other.read(await open(who));
    }
    expect(peers).toEqual(["web", "shop", "web"]);
  });

  test("without a certificate, or with half of it, is denied before anything is sent", async () => {
    const { "tls.crt": cert, "tls.key": key } = await pair("web");
    for (const [entries, name] of [
      [{}, "tls.crt"],
      [{ "tls.crt": cert }, "tls.key"],
      [{ "tls.key": key }, "tls.crt"],
    ] as const) {
      const error = await failure(vault.open(settings(), withCredentials(entries)));
      expect([error.id, error.message]).toEqual([
        "LK0016",
        `the login at auth/cert needs ${name}, and the request brought none`,
      ]);
    }
    const broken = await failure(vault.open(settings(), withCredentials({ "tls.crt": cert, "tls.key": "CANARY" })));
    expect(broken.id).toBe("LK0020");
    expect(vault.server.requests).toEqual([]);
  });
});
