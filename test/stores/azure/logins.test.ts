import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Redacted } from "../../../src/redacted.ts";
import { azureTenant } from "../../servers/azure.ts";
import { refused } from "../../servers/azure-login.ts";
import type { Answer } from "../../servers/scripted.ts";
import { type AzureStore, clientId, errorOf, identity, podToken, startAzureStore } from "./azure-store.ts";

describe("the login of an Azure store", () => {
  let fixture: AzureStore;

  beforeEach(async () => {
    fixture = await startAzureStore({ managedIdentity: ["shop"] });
    fixture.azure.vault("shop").setSecret("db", "one");
    fixture.azure.vault("other").allow(clientId);
    fixture.azure.vault("other").setSecret("db", "two");
  });

  afterEach(async () => await fixture.stop());

  test("exchanges the pod's token by one request and asks for no challenge", async () => {
    expect(await fixture.read(await fixture.open(), { name: "db" })).toEqual(["one"]);
    const [login, read, ...more] = fixture.azure.server.requests;
    expect(more).toEqual([]);
    expect([login?.method, login?.path]).toEqual(["POST", `/login/${azureTenant}/oauth2/v2.0/token`]);
    expect(Object.fromEntries(new URLSearchParams(login?.body))).toEqual({
      grant_type: "client_credentials",
      client_id: clientId,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: podToken(),
      scope: "https://vault.azure.net/.default",
    });
    expect([read?.method, read?.url]).toEqual(["GET", "/vaults/shop/secrets/db?api-version=7.4"]);
    expect(fixture.counted).toEqual(["login", "read"]);
  });

  test("keeps a token by principal and audience for other vaults, and until a fifth of its life is left", async () => {
    const session = await fixture.open();
    await fixture.read(session, { name: "db" });
    const other = await fixture.open({ settings: { vault: "other" } });
    expect(await fixture.read(other, { name: "db" })).toEqual(["two"]);
    expect(fixture.azure.count("login")).toBe(1);
    const left = (session.expiresAt ?? 0) - Date.now();
    expect([left > 2_870_000, left <= 2_880_000]).toEqual([true, true]);
  });

  test("makes one login for many that want it at once", async () => {
    await Promise.all(Array.from({ length: 40 }, () => fixture.open()));
    expect(fixture.azure.count("login")).toBe(1);
  });

  test("shares no token between accounts, service accounts made anew, clients and unproved pods", async () => {
    await fixture.open();
    await fixture.open({ identity: { serviceAccountUid: "uid-new" } });
    await fixture.open({ identity: { proved: false } });
    await fixture.open({ identity: { proved: false } });
    fixture.azure.login.federate("other-client", "system:serviceaccount:shop:web");
    await fixture.open({ settings: { identity: { by: "workloadIdentity", clientId: "other-client" } } });
    expect(fixture.azure.count("login")).toBe(5);
  });

  test("takes a new token after the vault has refused one, or a right", async () => {
    const session = await fixture.open();
    fixture.azure.login.revoke();
    expect(await fixture.read(session, { name: "db" })).toEqual(["LK0032 Unauthorized"]);
    expect(await fixture.read(await fixture.open(), { name: "db" })).toEqual(["one"]);
    fixture.azure.vault("shop").allow(clientId, "list");
    expect(await fixture.read(await fixture.open(), { name: "db" })).toEqual(["LK0033 ForbiddenByRbac"]);
    await fixture.open();
    expect(fixture.azure.count("login")).toBe(3);
  });

  test("reads client id and tenant from the service account where the settings have none", async () => {
    const { store } = fixture;
    const bare = store.settings("pod").parse({ vault: "shop" });
    expect(store.needs(bare).map(({ name }) => name)).toEqual([
      "azure.workload.identity/client-id",
      "azure.workload.identity/tenant-id",
    ]);
    const found = new Map([
      ["azure.workload.identity/client-id", clientId],
      ["azure.workload.identity/tenant-id", azureTenant],
    ]);
    const how = { tenant: undefined, identity: { by: "workloadIdentity" } } as const;
    expect(await fixture.read(await fixture.open({ settings: how, found }), { name: "db" })).toEqual(["one"]);
    const odd = new Map([...found, ["azure.workload.identity/tenant-id", "../common"]]);
    expect((await errorOf(fixture.open({ settings: how, found: odd }))).id).toBe("LK0014");
  });

  test("logs in by the client secret of nodePublishSecretRef, its keys in any case", async () => {
    fixture.azure.login.secret(clientId, "CANARY-client-secret");
    const by = { settings: { identity: { by: "servicePrincipal" } } } as const;
    const credentials = (entries: readonly (readonly [string, string])[]) => ({
      ...{ ...by, identity: { credentials: new Redacted(new Map(entries)), tokens: new Map() } },
    });
    const good = credentials([
      ["ClientID", ` ${clientId} `],
      ["clientsecret", "CANARY-client-secret"],
    ]);
    expect(await fixture.read(await fixture.open(good), { name: "db" })).toEqual(["one"]);
    const wrong = credentials([
      ["clientid", clientId],
      ["clientsecret", "CANARY-wrong-secret"],
    ]);
    const error = await errorOf(fixture.open(wrong));
    expect([error.id, error.details.storeCode]).toEqual(["LK0032", "AADSTS7000215"]);
    expect(error.describe()).not.toContain("CANARY");
    const half = await errorOf(fixture.open(credentials([["clientid", clientId]])));
    expect([half.id, half.message]).toEqual(["LK0016", "the Secret of nodePublishSecretRef has no clientsecret"]);
    expect((await errorOf(fixture.open(by))).id).toBe("LK0016");
  });

  test("is judged and told whole, however short the secret is that failed", async () => {
    const by = { settings: { identity: { by: "servicePrincipal" } } } as const;
    fixture.azure.login.secret(clientId, "CANARY-client-secret");
    for (const short of ["7", "in", "AADS"]) {
      const credentials = new Redacted(new Map([...Object.entries({ clientid: clientId, clientsecret: short })]));
      const error = await errorOf(fixture.open({ ...by, identity: { credentials, tokens: new Map() } }));
      expect([error.id, error.details.storeCode]).toEqual(["LK0032", "AADSTS7000215"]);
      expect(error.message).toMatch(/AADSTS7000215: Invalid client secret/);
    }
  });

  test("asks for a managed identity only where the operator lets the namespace, and only at the operator's address", async () => {
    fixture.azure.login.assign("", "system");
    fixture.azure.vault("shop").allow("system");
    const by = { settings: { identity: { by: "managedIdentity" } } } as const;
    expect(await fixture.read(await fixture.open(by), { name: "db" })).toEqual(["one"]);
    const asked = fixture.azure.server.requests.find(({ path }) => path.startsWith("/imds"));
    expect([asked?.url, asked?.headers.metadata]).toEqual([
      "/imds/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net",
      "true",
    ]);
    const denied = await errorOf(fixture.open({ ...by, identity: { namespace: "other" } }));
    expect([denied.id, denied.details.fix]).toEqual([
      "LK0021",
      "use workload identity (clientID), which is the pod's own; or have the operator start Latchkey with --azure-managed-identity other",
    ]);
    const none = { settings: { identity: { by: "managedIdentity", clientId: "none" } } } as const;
    const unknown = await errorOf(fixture.open(none));
    expect([unknown.id, unknown.details.storeCode]).toEqual(["LK0032", "invalid_request"]);
  });

  test("lets an operator's profile use a managed identity in any namespace that may use the profile", async () => {
    fixture.azure.login.assign("", "system");
    const { store } = fixture;
    const raw = { vault: "shop", auth: "managedIdentity" };
    const own = store.settings("operator").parse(raw);
    expect(own).not.toEqual(store.settings("pod").parse(raw));
    await expect(fixture.open({ settings: own as object, identity: { namespace: "any" } })).resolves.toBeDefined();
  });

  test("names the audience that a pod's token lacks", async () => {
    const error = await errorOf(fixture.open({ identity: { tokens: new Map() } }));
    expect([error.id, error.details.fix]).toEqual([
      "LK0011",
      'add `- audience: "api://AzureADTokenExchange"` to spec.tokenRequests of the CSIDriver secrets-store.csi.k8s.io',
    ]);
  });

  test("tells who has to trust whom where no federated credential fits", async () => {
    const other = podToken({ sub: "system:serviceaccount:shop:api" });
    const tokens = new Map([["api://AzureADTokenExchange", new Redacted(other)]]);
    const error = await errorOf(fixture.open({ identity: { ...identity, tokens } }));
    expect([error.id, error.details.storeCode]).toEqual(["LK0032", "AADSTS700213"]);
    expect(error.details.fix).toContain("az identity federated-credential create");
    expect(error.details.fix).toContain(
      "--subject system:serviceaccount:shop:web --audiences api://AzureADTokenExchange",
    );
    expect(error.describe()).not.toContain("CANARY");
  });

  const page: Answer = { status: 200, headers: { "content-type": "text/html" }, body: "<html>log in</html>" };
  const answers: readonly (readonly [what: string, answer: Answer, word: string])[] = [
    [
      "an outage of the issuer is not a denial",
      refused(501661, "Request to External OIDC endpoint failed."),
      "LK0030 AADSTS501661",
    ],
    [
      "a service that is away",
      refused(90033, "A transient error has occurred.", "temporarily_unavailable", 503),
      "LK0030 AADSTS90033",
    ],
    ["throttling", { status: 429, headers: { "retry-after": "7" }, body: "" }, "LK0031 429"],
    ["a tenant's throttling", refused(90055, "Tenant throttled."), "LK0031 AADSTS90055"],
    ["an unknown refusal", refused(999999, "no"), "LK0032 AADSTS999999"],
    [
      "a refusal of AD FS, without a code",
      { status: 400, body: { error: "invalid_client", error_description: "MSIS9623: The client is not known." } },
      "LK0032 invalid_client",
    ],
    ["a gateway's word", { status: 400, body: { error: "invalid_request" } }, "LK0030 400"],
    ["a framework's 404", { status: 404, body: { status: 404, error: "Not Found" } }, "LK0030 404"],
    ["a web page with 200", page, "LK0030 200"],
    ["a proxy's 403", { status: 403, body: "blocked by policy" }, "LK0030 403"],
    ["a proxy's 401 in JSON", { status: 401, body: { message: "no" } }, "LK0030 401"],
    ["JSON that is no object", { status: 200, body: "[]" }, "LK0030 200"],
    ["an empty answer", { status: 200, body: "" }, "LK0030 200"],
    ["a token that is no text", { status: 200, body: { access_token: 7 } }, "LK0030 200"],
    ["a token with a line break", { status: 200, body: { access_token: "a\r\nb" } }, "LK0036"],
    ["an empty token", { status: 200, body: { access_token: "" } }, "LK0036"],
    ["a cut connection", "reset", "LK0030 ECONNRESET"],
  ];

  test.each(answers)("judges by meaning: %s", async (_, answer, word) => {
    fixture.azure.override((__, part) => (part === "login" ? answer : undefined));
    const error = await errorOf(fixture.open());
    expect([error.id, error.details.storeCode].filter((part) => part !== undefined).join(" ")).toBe(word);
    expect(error.details.fix).toEqual(expect.any(String));
    expect(error.details.login ?? error.id === "LK0036").toBe(true);
  });

  test.each([
    ["a text", "1000", 800],
    ["nothing", undefined, 240],
    ["no number", "soon", 240],
    ["a negative number", -5, 240],
    ["more than a day", 10 ** 9, 69_120],
  ])("keeps a token whose life is %s for a while only", async (_, expires_in, seconds) => {
    fixture.azure.override((__, part) =>
      part === "login"
        ? { body: { access_token: "CANARY.token", ...(expires_in === undefined ? {} : { expires_in }) } }
        : undefined,
    );
    const left = ((await fixture.open()).expiresAt ?? 0) - Date.now();
    expect(Math.round(left / 1_000)).toBe(seconds);
  });

  test("sends the token of an identity binding to the proxy, under the login service's name", async () => {
    const { url } = fixture.azure.server;
    const bound = await startAzureStore({
      loginUrl: "https://login.microsoftonline.com",
      tokenProxy: { url: `${url}/login`, serverName: "a1.ests.aks" },
    });
    const by = { settings: { identity: { by: "identityBinding", clientId } } } as const;
    const tokens = new Map([["api://AKSIdentityBinding", new Redacted(podToken({ aud: "api://AKSIdentityBinding" }))]]);
    fixture.azure.login.federate(clientId, "system:serviceaccount:shop:web", "api://AKSIdentityBinding");
    await bound.open({ ...by, identity: { tokens } });
    const [asked] = fixture.azure.server.requests;
    expect([asked?.path, asked?.headers.host]).toEqual([
      `/login/${azureTenant}/oauth2/v2.0/token`,
      "login.microsoftonline.com",
    ]);
    await bound.stop();
  });
});
