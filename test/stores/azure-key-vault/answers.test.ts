import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ownHeaders, vaultError } from "../../servers/azure-vault.ts";
import type { Answer } from "../../servers/scripted.ts";
import { type AzureStore, clientId, startAzureStore } from "../azure/azure-store.ts";

const denied = (innererror: string, message = "no") => vaultError(403, "Forbidden", message, { innererror });
const json = (body: unknown, status = 200): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

/** With the headers that a vault's own answers have. */
const own = (body: object, status: number): Answer => ({ status, headers: ownHeaders, body });

describe("what a vault answers", () => {
  let fixture: AzureStore;

  beforeEach(async () => {
    fixture = await startAzureStore();
    fixture.azure.vault("shop").setSecret("db", "one");
  });

  afterEach(async () => await fixture.stop());

  const errorTo = async (answer: Answer, ref: object = { name: "db" }) => {
    fixture.azure.override((_, part) => (part === "vault" ? answer : undefined));
    const [outcome] = await fixture.outcomes(await fixture.open(), ref);
    return outcome === undefined || outcome.ok ? expect.unreachable() : outcome.error;
  };

  const told: readonly (readonly [what: string, answer: Answer, id: string, cure: string])[] = [
    [
      "no role",
      denied("ForbiddenByRbac"),
      "LK0033",
      `az role assignment create --assignee ${clientId} --role "Key Vault Secrets User"`,
    ],
    [
      "no access policy",
      denied("ForbiddenByPolicy"),
      "LK0033",
      `az keyvault set-policy --name shop --spn ${clientId} --secret-permissions get`,
    ],
    ["an access policy in old words", denied("AccessDenied"), "LK0033", "az keyvault set-policy"],
    [
      "the firewall",
      denied("ForbiddenByFirewall", "Client address: 203.0.113.9"),
      "LK0033",
      "az keyvault network-rule add --name shop",
    ],
    ["private endpoints alone", denied("ForbiddenByConnection"), "LK0033", "privatelink.vaultcore.azure.net"],
    [
      "a disabled secret",
      denied("SecretDisabled"),
      "LK0033",
      "az keyvault secret set-attributes --vault-name shop --name db --enabled true",
    ],
    ["an expired secret", denied("SecretExpired"), "LK0033", "--expires"],
    ["a secret that is not yet valid", denied("SecretNotYetValid"), "LK0033", "--not-before"],
    ["a 403 without more", vaultError(403, "Forbidden", "no"), "LK0033", "where the vault has access policies"],
    [
      "a firewall in old words",
      vaultError(403, "Forbidden", "Client address is not authorized and caller is not a trusted service"),
      "LK0033",
      "network-rule",
    ],
    [
      "a missing or deleted secret",
      vaultError(404, "SecretNotFound", "not found"),
      "LK0034",
      "az keyvault secret recover --vault-name shop --name db",
    ],
    ["a missing vault", vaultError(404, "VaultNotFound", "no vault"), "LK0034", "az keyvault show --name shop"],
    ["a bad version", vaultError(400, "BadParameter", "The version is not valid"), "LK0037", "check name and version"],
    ["throttling", vaultError(429, "Throttled", "too many"), "LK0031", "4,000 calls in 10 seconds"],
    ["throttling without words", { status: 429, body: "" }, "LK0031", "4,000 calls in 10 seconds"],
    ["a vault that is away", vaultError(503, "ServiceUnavailable", "later"), "LK0030", "az keyvault show"],
    ["a fault inside", vaultError(500, "InternalError", "oops"), "LK0030", "az keyvault show"],
    ["a timeout inside", vaultError(408, "RequestTimeout", "slow"), "LK0030", "mount again later"],
    [
      "a proxy's 403",
      { status: 403, headers: { "content-type": "text/html" }, body: "<html>blocked</html>" },
      "LK0030",
      "proxy",
    ],
    ["a proxy's 404", { status: 404, body: "no such route" }, "LK0030", "proxy"],
    ["a proxy's 401", { status: 401, headers: { "www-authenticate": "Basic" }, body: "" }, "LK0030", "proxy"],
    ["a gateway's 502", { status: 502, body: "bad gateway" }, "LK0030", "proxy"],
    [
      "a login page",
      { status: 200, headers: { "content-type": "text/html" }, body: "<!doctype html><html></html>" },
      "LK0030",
      "proxy",
    ],
    ["a redirect", { status: 302, headers: { location: "https://login.example" }, body: "" }, "LK0030", "proxy"],
    ["a cut connection", "reset", "LK0030", "check that the store runs"],
    ["nothing", json(""), "LK0036", "in place of the vault"],
    ["a list", json("[]"), "LK0036", "in place of the vault"],
    ["broken JSON", json('{"value":"a'), "LK0036", "in place of the vault"],
    ["JSON nested without end", json("[".repeat(100_000)), "LK0036", "in place of the vault"],
    ["no value", json({}), "LK0036", "complete"],
    ["a value that is null", json({ value: null }), "LK0036", "complete"],
    ["a value that is a number", json({ value: 7 }), "LK0036", "complete"],
    ["an error that is text", json({ error: "no" }, 400), "LK0030", "proxy"],
    ["a gateway's error object", json({ error: { code: "Forbidden", message: "no" } }, 403), "LK0030", "proxy"],
    ["a vault's word that lost its headers", json({ error: { code: "SecretNotFound" } }, 404), "LK0034", "recover"],
    [
      "a vault's inner word that lost its headers",
      json({ error: { code: "Forbidden", innererror: { code: "ForbiddenByPolicy" } } }, 403),
      "LK0033",
      "set-policy",
    ],
    ["an error without a code", json({ error: { message: "no" } }, 403), "LK0030", "proxy"],
    ["an error with a code that is none", json({ error: { code: 7 } }, 403), "LK0030", "proxy"],
    [
      "an inner error that is none",
      own({ error: { code: "Forbidden", innererror: [] } }, 403),
      "LK0033",
      "access policies",
    ],
    [
      "an error that inherits",
      own({ error: { code: "constructor", innererror: { code: "__proto__" } } }, 400),
      "LK0037",
      "check name",
    ],
  ];

  test.each(told)("tells %s", async (_, answer, id, cure) => {
    const error = await errorTo(answer);
    expect([error.id, error.details.fix]).toEqual([id, expect.stringContaining(cure)]);
    expect(error.describe()).not.toContain("CANARY");
  });

  test("says that a vault is another tenant's", async () => {
    fixture.azure.vault("shop").challenge = {
      tenant: "99999999-0000-0000-0000-000000000000",
      resource: "https://vault.azure.net",
    };
    fixture.azure.override((_, part) => {
      const header =
        'Bearer authorization="https://login.microsoftonline.com/99999999-0000-0000-0000-000000000000", resource="https://vault.azure.net"';
      return part === "vault"
        ? vaultError(401, "Unauthorized", "AKV10032: Invalid issuer.", { headers: { "www-authenticate": header } })
        : undefined;
    });
    const [outcome] = await fixture.outcomes(await fixture.open(), { name: "db" });
    const error = outcome?.ok === false ? outcome.error : undefined;
    expect([error?.id, error?.details.fix]).toEqual([
      "LK0032",
      expect.stringContaining("set the tenant to 99999999-0000-0000-0000-000000000000"),
    ]);
  });

  test("gets a token for a resource that the vault's own name proves, and for no other", async () => {
    const own = new URL(fixture.azure.server.url).origin;
    fixture.azure.vault("shop").challenge = { tenant: "t", resource: own };
    expect(await fixture.read(await fixture.open(), { name: "db" })).toEqual(["one"]);
    const before = fixture.azure.count("login");
    fixture.azure.vault("shop").challenge = { tenant: "t", resource: "https://graph.example.com" };
    fixture.azure.login.revoke();
    expect(await fixture.read(await fixture.open({ identity: { proved: false } }), { name: "db" })).toEqual([
      "LK0032 Unauthorized",
    ]);
    const asked = fixture.azure.server.requests.filter(({ body }) => body.includes("graph.example.com"));
    expect([asked.length, fixture.azure.count("login") - before]).toEqual([0, 1]);
  });

  test("leaves a vault alone that throttles one of its callers, whoever asks", async () => {
    fixture.azure.vault("shop").throttle(1, "7");
    const one = await fixture.open();
    expect(await fixture.read(one, { name: "db" })).toEqual(["LK0031 Throttled"]);
    const other = await fixture.open({ identity: { serviceAccountUid: "other" } });
    const before = fixture.azure.count("vault");
    const [outcome] = await fixture.outcomes(other, { name: "db" });
    const error = outcome?.ok === false ? outcome.error : undefined;
    expect([error?.id, fixture.azure.count("vault") - before]).toEqual(["LK0031", 0]);
    expect(Math.ceil((error?.details.retryAfterMs ?? 0) / 1_000)).toBe(7);
  });

  const lists: readonly (readonly [what: string, body: unknown, word: string])[] = [
    ["no list", { value: {} }, "LK0036"],
    ["an item that is none", { value: [null] }, "LK0036"],
    ["an item without an id", { value: [{ attributes: { enabled: true } }] }, "LK0036"],
    ["an id that is none", { value: [{ id: "x", attributes: { enabled: true } }] }, "LK0036"],
    ["a link that is none", { value: [], nextLink: 7 }, "LK0036"],
    ["a link to another host", { value: [], nextLink: "https://evil.example/secrets" }, "LK0036"],
    ["a link to a file", { value: [], nextLink: "file:///etc/passwd" }, "LK0036"],
    ["a link above the vault", { value: [], nextLink: "/../" }, "LK0036"],
  ];

  test.each(lists)("refuses a list with %s", async (_, body, word) => {
    const error = await errorTo(json(body), { name: "db", back: 1 });
    expect(error.id).toBe(word);
  });

  test("ends a list that never ends", async () => {
    let page = 0;
    fixture.azure.override((_, part) => {
      page += 1;
      const nextLink = `${fixture.azure.server.url}/vaults/shop/secrets?page=${page}`;
      return part === "vault" ? json({ value: [], nextLink }) : undefined;
    });
    expect(await fixture.read(await fixture.open(), { name: "db", back: 1 })).toEqual(["LK0044"]);
  });

  test("names DNS where a vault has no name there", async () => {
    const lost = await startAzureStore({
      loginUrl: fixture.azure.host.loginUrl,
      vaultUrl: "http://{vault}.vault.invalid",
    });
    const [outcome] = await lost.outcomes(await lost.open({ identity: { proved: false } }), { name: "db" });
    const error = outcome?.ok === false ? outcome.error : undefined;
    expect([error?.id, error?.details.fix]).toEqual([
      "LK0030",
      expect.stringContaining("privatelink.vaultcore.azure.net"),
    ]);
    await lost.stop();
  });
});
