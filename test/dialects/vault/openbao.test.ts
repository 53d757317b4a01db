import { describe, expect, it } from "vitest";
import type { VaultSettings } from "../../../src/stores/vault/types.ts";
import { type Parameters, planOf, problemsOf, type Surroundings } from "../plan-of.ts";

const objects = "- {objectName: a, secretPath: b}";

async function settingsOf(parameters: Parameters, around: Surroundings = {}): Promise<VaultSettings> {
  const plan = await planOf("openbao", { roleName: "r", objects, ...parameters }, around);
  return plan.secrets[0]?.source.settings as VaultSettings;
}

describe("the openbao dialect (spec/vault.md 2, OpenBao differences)", () => {
  it("has its own flavour, audience and version key", async () => {
    const plan = await planOf("openbao", { roleName: "r", objects });
    expect(plan.secrets[0]?.source).toMatchObject({
      store: "vault",
      settings: { flavour: "openbao", auth: { audience: "openbao", audienceChosen: false } },
    });
    expect(plan.outputs[0]?.version).toMatchObject({ by: "hmac", key: "openbao" });
  });

  it("takes what the operator set for it, and nothing that is for Vault", async () => {
    const around = {
      vault: { addresses: ["https://v"], namespace: "v" },
      openbao: { addresses: ["https://o"], mount: "m" },
    };
    expect(await settingsOf({}, around)).toMatchObject({
      addresses: ["https://o"],
      addressFrom: "operator",
      auth: { mount: "m" },
    });
    expect((await settingsOf({}, around)).namespace).toBe(undefined);
  });

  const prefixes = ["bao", "openbao", "vault"] as const;
  for (const prefix of prefixes) {
    it(`reads every parameter that starts with ${prefix}`, async () => {
      const named = (suffixes: Parameters) =>
        Object.fromEntries(Object.entries(suffixes).map(([suffix, text]) => [`${prefix}${suffix}`, text]));
      const parameters = {
        ...named({ Address: "https://x", Namespace: "n", CACertPath: "/t/ca", CADirectory: "/t/cas" }),
        ...named({ TLSClientCertPath: "/t/c", TLSClientKeyPath: "/t/k", AuthMountPath: "m", SkipTLSVerify: "t" }),
        ...named({ RoleName: "own", TLSServerName: "s" }),
        audience: "aud",
      };
      const settings = await settingsOf(parameters, { tlsDir: "/t" });
      expect(settings).toEqual({
        addresses: ["https://x"],
        addressFrom: "pod",
        flavour: "openbao",
        namespace: "n",
        tls: {
          ...{ caFile: "/t/ca", caDirectory: "/t/cas", serverName: "s" },
          ...{ clientCertFile: "/t/c", clientKeyFile: "/t/k", skipVerify: true },
        },
        auth: { method: "jwt", mount: "m", role: "own", audience: "aud", audienceChosen: true },
      });
    });
  }

  const firsts: readonly (readonly [what: string, parameters: Parameters, address: string])[] = [
    [
      "bao before openbao",
      { baoAddress: "https://one", openbaoAddress: "https://two", vaultAddress: "https://three" },
      "https://one",
    ],
    ["openbao before vault", { openbaoAddress: "https://two", vaultAddress: "https://three" }, "https://two"],
    ["one that is empty", { baoAddress: "", vaultAddress: "https://three" }, "https://127.0.0.1:8200"],
  ];
  for (const [what, parameters, address] of firsts) {
    it(`takes the first that is present: ${what}`, async () => {
      expect((await settingsOf(parameters)).addresses).toEqual([address]);
    });
  }

  const roles: readonly (readonly [parameters: Parameters, role: string])[] = [
    [{ roleName: "plain" }, "plain"],
    [{ roleName: "plain", vaultRoleName: "v" }, "v"],
    [{ roleName: "plain", vaultRoleName: "v", openbaoRoleName: "o" }, "o"],
    [{ roleName: "plain", openbaoRoleName: "o", baoRoleName: "b" }, "b"],
  ];
  for (const [parameters, role] of roles) {
    it(`takes the role ${role} of ${Object.keys(parameters).join(", ")}`, async () => {
      expect((await settingsOf(parameters)).auth).toMatchObject({ role });
    });
  }

  it("falls back to roleName only where no other name is present", async () => {
    expect(await problemsOf("openbao", { roleName: "plain", baoRoleName: "", objects })).toEqual([
      "LK0003 roleName: missing 'roleName' in SecretProviderClass definition. Fix: set it to the role of OpenBao's Kubernetes or JWT auth method",
    ]);
  });

  it("leaves a role with a prefix alone in the vault dialect", async () => {
    const plan = await planOf("vault", { roleName: "plain", vaultRoleName: "v", objects });
    expect(plan.secrets[0]?.source.settings).toMatchObject({ auth: { role: "plain" } });
  });

  it("finds both mounts whatever their prefixes", async () => {
    const parameters = { roleName: "r", objects, baoAuthMountPath: "", vaultKubernetesMountPath: "k" };
    expect(await problemsOf("openbao", parameters)).toEqual([
      "LK0003 parameters: vaultKubernetesMountPath and baoAuthMountPath cannot both be set. Fix: keep baoAuthMountPath",
    ]);
  });

  it("names parameters in errors as they were written", async () => {
    const parameters = {
      roleName: "r",
      objects,
      openbaoNamespace: "née",
      baoAddress: "ftp://x",
      vaultSkipTLSVerify: "no",
    };
    expect(await problemsOf("openbao", { ...parameters, baoAddress: "https://x" })).toEqual([
      'LK0003 vaultSkipTLSVerify: "no" is not a boolean. Fix: write true or false',
      "LK0003 openbaoNamespace: must be visible ASCII characters without spaces",
    ]);
    expect(await problemsOf("openbao", parameters)).toEqual([
      'LK0003 vaultSkipTLSVerify: "no" is not a boolean. Fix: write true or false',
      expect.stringMatching(/^LK0020 baoAddress: /),
    ]);
  });
});
