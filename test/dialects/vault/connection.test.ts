import { describe, expect, it } from "vitest";
import type { VaultSettings } from "../../../src/stores/vault/types.ts";
import { createAuthority } from "../../servers/certificates.ts";
import { type Parameters, planOf, problemsOf, type Surroundings } from "../plan-of.ts";

const objects = "- {objectName: a, secretPath: b}";
const pem = (await createAuthority()).caPem;

async function read(parameters: Parameters, around: Surroundings = {}) {
  const plan = await planOf("vault", { roleName: "r", objects, ...parameters }, around);
  return {
    settings: plan.secrets[0]?.source.settings as VaultSettings,
    warnings: plan.warnings.map(({ text }) => text),
  };
}

const leftOut =
  "the operator's client certificate is not used: it is only for the operator's own addresses, checked as the operator says, and never for a login";

describe("TLS settings of the vault dialect (spec/vault.md 2, precedence)", () => {
  const operator = { addresses: ["https://v:8200"] };
  const client = { clientCertFile: "/c", clientKeyFile: "/k" };
  const rows: readonly (readonly [what: string, parameters: Parameters, around: Surroundings, tls: object])[] = [
    ["take a CA file", { vaultCACertPath: "/ca.pem" }, {}, { caFile: "/ca.pem" }],
    ["take a directory of CAs", { vaultCADirectory: "/cas" }, {}, { caDirectory: "/cas" }],
    ["take a CA as text", { vaultCACert: pem }, {}, { ca: pem }],
    [
      "take the file before the text, and that before the directory",
      { vaultCACertPath: "/ca.pem", vaultCACert: pem, vaultCADirectory: "/cas" },
      {},
      { caFile: "/ca.pem" },
    ],
    ["take the text before the directory", { vaultCACert: pem, vaultCADirectory: "/cas" }, {}, { ca: pem }],
    [
      "take relative paths from the root, as today's provider runs there",
      { vaultCACertPath: "./x/../ca" },
      {},
      { caFile: "/ca" },
    ],
    [
      "replace the operator's CA by a directory",
      { vaultCADirectory: "/cas" },
      { vault: { tls: { caFile: "/ca.pem" } } },
      { caDirectory: "/cas" },
    ],
    ["keep the operator's CA", {}, { vault: { tls: { caDirectory: "/cas" } } }, { caDirectory: "/cas" }],
    ["take empty paths for not set", { vaultCACertPath: "", vaultTLSClientKeyPath: "" }, {}, {}],
    [
      "take a client certificate",
      { vaultTLSClientCertPath: "/own/c", vaultTLSClientKeyPath: "/own/k" },
      { tlsDir: "/own", vault: { ...operator, tls: client } },
      { clientCertFile: "/own/c", clientKeyFile: "/own/k" },
    ],
    [
      "send the operator's client certificate to the operator's address",
      {},
      { vault: { ...operator, tls: client } },
      client,
    ],
    [
      "send it to the operator's address when the SecretProviderClass names that",
      { vaultAddress: "https://v:8200/" },
      { vault: { ...operator, tls: client } },
      client,
    ],
    [
      "do not undo the operator's word",
      { vaultSkipTLSVerify: "false" },
      { vault: { tls: { skipVerify: true } } },
      { skipVerify: true },
    ],
    ["take a false vaultSkipTLSVerify", { vaultSkipTLSVerify: "F" }, {}, {}],
    ["take the operator's name of the server", {}, { vault: { tls: { serverName: "n" } } }, { serverName: "n" }],
  ];
  for (const [what, parameters, around, tls] of rows) {
    it(what, async () => {
      const { settings, warnings } = await read(parameters, around);
      expect([settings.tls, warnings]).toEqual([tls, []]);
    });
  }

  for (const text of ["1", "t", "T", "TRUE", "true", "True"]) {
    it(`switch verification off for ${text}, with a warning`, async () => {
      const { settings, warnings } = await read({ vaultSkipTLSVerify: text });
      expect(settings.tls).toEqual({ skipVerify: true });
      expect(warnings).toEqual(["vaultSkipTLSVerify: the server's certificate is not checked; name its CA instead"]);
    });
  }

  it("never send the operator's client certificate to an address that a pod author chose", async () => {
    const around = { vault: { ...operator, tls: { ...client, caFile: "/ca" } } };
    const { settings, warnings } = await read({ vaultAddress: "https://v:8200,https://w" }, around);
    expect([settings.addressFrom, settings.tls]).toEqual(["pod", { caFile: "/ca" }]);
    expect(warnings).toEqual([leftOut]);
  });

  it.each<Parameters>([{ vaultSkipTLSVerify: "true" }, { vaultCACert: pem }, { vaultTLSServerName: "m" }])(
    "never send it to a server that a pod author alone believes: %o",
    async (parameters) => {
      const { settings, warnings } = await read(parameters, { vault: { ...operator, tls: client } });
      expect([settings.addressFrom, settings.trustFrom, settings.tls]).toMatchObject(["operator", "pod", {}]);
      expect(settings.tls).not.toHaveProperty("clientCertFile");
      expect(warnings).toContain(leftOut);
    },
  );

  const logins: readonly (readonly [parameters: Parameters, loginFrom: "pod" | undefined])[] = [
    [{}, undefined],
    [{ vaultAuthMountPath: "kubernetes" }, undefined],
    [{ vaultAuthMountPath: "//kubernetes/" }, undefined],
    [{ vaultKubernetesMountPath: "clusters/two" }, undefined],
    [{ vaultNamespace: "ns1/" }, undefined],
    [{ vaultAuthMountPath: "cert" }, "pod"],
    [{ vaultKubernetesMountPath: "clusters/three" }, "pod"],
    [{ vaultAuthMethod: "jwt", vaultAuthMountPath: "cert" }, "pod"],
    [{ vaultNamespace: "ns2" }, "pod"],
  ];
  it.each(logins)("tell whether a pod author says where to log in: %o", async (parameters, loginFrom) => {
    const around = { vault: { ...operator, namespace: "ns1", clientMounts: ["clusters//two"] } };
    expect((await read(parameters, around)).settings.loginFrom).toBe(loginFrom);
  });

  const trusts: readonly (readonly [parameters: Parameters, trustFrom: "pod" | undefined])[] = [
    [{}, undefined],
    [{ vaultAddress: "https://v:8200" }, undefined],
    [{ vaultSkipTLSVerify: "false", vaultCACertPath: "" }, undefined],
    [{ vaultCACertPath: "/ca", vaultTLSServerName: "n" }, undefined],
    [{ vaultSkipTLSVerify: "true" }, "pod"],
    [{ vaultCACert: pem }, "pod"],
    [{ vaultCADirectory: "/cas" }, "pod"],
    [{ vaultTLSServerName: "m" }, "pod"],
    // Nothing of the operator's goes to another address anyway.
    [{ vaultAddress: "https://w", vaultSkipTLSVerify: "true" }, undefined],
  ];
  for (const [parameters, trustFrom] of trusts) {
    const names = Object.keys(parameters).join(" and ") || "nothing";
    it(`tell whose word the trust in the operator's server is: ${names} gives ${trustFrom ?? "the operator"}`, async () => {
      const around = { vault: { ...operator, tls: { caFile: "/ca", serverName: "n" } } };
      expect((await read(parameters, around)).settings.trustFrom).toBe(trustFrom);
    });
  }

  describe("with --tls-dir", () => {
    const files = ["vaultCACertPath", "vaultCADirectory", "vaultTLSClientCertPath", "vaultTLSClientKeyPath"];
    const fix = "Fix: have the operator put the file there, or give the CA as text in vaultCACert";

    it("take files below it", async () => {
      const { settings } = await read({ vaultCACertPath: "/tls/a/../ca.pem" }, { tlsDir: "/tls" });
      expect(settings.tls).toEqual({ caFile: "/tls/ca.pem" });
    });

    for (const path of ["/etc/passwd", "/tls/../etc/passwd", "tls/../../etc", "/tls", "/tlsx/y"]) {
      it(`refuse ${path}`, async () => {
        const parameters = Object.fromEntries(files.map((name) => [name, path]));
        expect(await problemsOf("vault", { roleName: "r", objects, ...parameters }, { tlsDir: "/tls" })).toEqual(
          files.map((name) => `LK0003 ${name}: "${path}" is outside /tls, where --tls-dir requires such files. ${fix}`),
        );
      });
    }

    it("leave the operator's own files alone", async () => {
      const { settings } = await read({}, { tlsDir: "/tls", vault: { tls: { caFile: "/etc/ca.pem" } } });
      expect(settings.tls).toEqual({ caFile: "/etc/ca.pem" });
    });
  });
});

describe("auth methods of the vault dialect (Latchkey's own parameter)", () => {
  const approle = { method: "approle", mount: "approle" };
  const cert = { method: "cert", mount: "cert" };
  const jwt = { method: "jwt", mount: "kubernetes", role: "r", audience: "vault", audienceChosen: false };
  const rows: readonly (readonly [what: string, parameters: Parameters, auth: object])[] = [
    ["kubernetes", { vaultAuthMethod: "kubernetes" }, jwt],
    ["jwt at its own mount", { vaultAuthMethod: "jwt", vaultAuthMountPath: "m" }, { ...jwt, mount: "m" }],
    ["approle, which needs neither role nor audience", { vaultAuthMethod: "approle", audience: "a" }, approle],
    ["approle without a role", { vaultAuthMethod: "approle", roleName: "" }, approle],
    ["approle at its own mount", { vaultAuthMethod: "approle", vaultAuthMountPath: "m" }, { ...approle, mount: "m" }],
    ["cert with a role", { vaultAuthMethod: "cert" }, { ...cert, role: "r" }],
    ["cert without a role", { vaultAuthMethod: "cert", roleName: "" }, cert],
  ];
  for (const [what, parameters, auth] of rows) {
    it(`are read: ${what}`, async () => {
      const { settings } = await read(parameters, { vault: { addresses: ["https://v"], mount: "kubernetes" } });
      expect(settings.auth).toEqual(auth);
    });
  }

  it("never log a pod in with the operator's client certificate", async () => {
    const tls = { clientCertFile: "/c", clientKeyFile: "/k" };
    const { settings } = await read({ vaultAuthMethod: "cert" }, { vault: { addresses: ["https://v"], tls } });
    expect([settings.addressFrom, settings.tls]).toEqual(["operator", {}]);
  });
});

describe("addresses of the vault dialect", () => {
  const operator = { addresses: ["https://a:1", "https://b:2"] };
  const rows: readonly (readonly [
    what: string,
    own: string | undefined,
    around: Surroundings,
    expected: readonly unknown[],
  ])[] = [
    ["are today's default, which is nobody's word", undefined, {}, ["pod", "https://127.0.0.1:8200"]],
    ["are several where a list is given", "https://a:1, http://b/base/", {}, ["pod", "https://a:1", "http://b/base"]],
    ["count once", "https://a:1,https://b:1,https://b:1/", {}, ["pod", "https://a:1", "https://b:1"]],
    ["keep a comma in a path", "https://a:1/x,y", {}, ["pod", "https://a:1/x,y"]],
    ["are the operator's without one of its own", "", { vault: operator }, ["operator", "https://a:1", "https://b:2"]],
    ["are the operator's where it names those", "https://b:2/", { vault: operator }, ["operator", "https://b:2"]],
    [
      "are the pod author's where one is",
      "https://b:2,https://c:3",
      { vault: operator },
      ["pod", "https://b:2", "https://c:3"],
    ],
    [
      "are the agent's, whatever is named (VAULT_AGENT_ADDR)",
      "https://c:3",
      { vault: { ...operator, agentAddress: "http://127.0.0.1:8100" } },
      ["operator", "http://127.0.0.1:8100"],
    ],
  ];
  for (const [what, own, around, expected] of rows) {
    it(what, async () => {
      const { settings } = await read(own === undefined ? {} : { vaultAddress: own }, around);
      expect([settings.addressFrom, ...settings.addresses]).toEqual(expected);
    });
  }
});
