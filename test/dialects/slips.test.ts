import { describe, expect, it } from "vitest";
import { createAuthority } from "../servers/certificates.ts";
import { planOf, problemsOf } from "./plan-of.ts";

const objects = "[{ objectName: a, secretPath: secret/data/b }]";
const vault = { roleName: "r", objects };

async function warned(dialect: "vault" | "openbao" | "latchkey", parameters: Readonly<Record<string, string>>) {
  return (await planOf(dialect, parameters)).warnings.map(({ text }) => text);
}

const native = (more: object) => ({
  stores: `v: ${JSON.stringify({ kind: "vault", address: "https://v:8200", role: "r", ...more })}`,
  secrets: "[{ store: v, name: secret/data/a, files: [{ path: a }] }]",
});

describe("what a server can have, but is nearly always a slip, is taken with a warning", () => {
  const mounts: readonly (readonly [written: string, meant: string])[] = [
    ["auth/kubernetes", "kubernetes"],
    ["/auth/kubernetes/", "kubernetes"],
    ["v1/auth/team/jwt", "team/jwt"],
    ["kubernetes/login", "kubernetes"],
    ["auth/jwt/cluster-a/login", "jwt/cluster-a"],
  ];
  it.each(mounts)("a mount as the API's path has it: %s", async (written, meant) => {
    const clean = written.replace(/^\/|\/$/g, "");
    const text = `write the mount alone, "${meant}": the login goes to auth/${clean}/login, for auth/ and /login are added`;
    expect(await warned("vault", { ...vault, vaultAuthMountPath: written })).toEqual([`vaultAuthMountPath: ${text}`]);
    expect(await warned("vault", { ...vault, vaultKubernetesMountPath: written })).toEqual([
      `vaultKubernetesMountPath: ${text}`,
    ]);
    expect(await warned("openbao", { ...vault, baoAuthMountPath: written })).toEqual([`baoAuthMountPath: ${text}`]);
    expect(await warned("latchkey", native({ mount: written }))).toEqual([`stores.v.mount: ${text}`]);
  });

  const addresses: readonly (readonly [written: string, meant: string, why: string])[] = [
    ["https://vault:8200/v1", "https://vault:8200", "the address ends in /v1, and /v1 is added to it"],
    ["https://vault:8200/v1/", "https://vault:8200", "the address ends in /v1, and /v1 is added to it"],
    ["http://proxy/team/v1", "http://proxy/team", "the address ends in /v1, and /v1 is added to it"],
    ["https://vault:8200/ui", "https://vault:8200", "the address ends in /ui, and the API is not below /ui"],
    [
      "https://vault:8200/ui/vault/secrets",
      "https://vault:8200",
      "the address ends in /ui/vault/secrets, and the API is not below /ui",
    ],
  ];
  it.each(addresses)("an address that is not the server's alone: %s", async (written, meant, why) => {
    const text = `write ${meant}: ${why}`;
    expect(await warned("vault", { ...vault, vaultAddress: written })).toEqual([`vaultAddress: ${text}`]);
    expect(await warned("openbao", { ...vault, openbaoAddress: written })).toEqual([`openbaoAddress: ${text}`]);
    expect(await warned("latchkey", native({ address: written }))).toEqual([`stores.v.address: ${text}`]);
  });

  it("and nothing else", async () => {
    for (const mount of ["kubernetes", "team/auth", "authn/kubernetes", "login"]) {
      expect(await warned("vault", { ...vault, vaultAuthMountPath: mount })).toEqual([]);
    }
    for (const address of ["https://vault:8200", "https://v1", "https://host/v1alpha", "unix:///run/v1"]) {
      expect(await warned("vault", { ...vault, vaultAddress: address })).toEqual([]);
    }
  });
});

describe("a JMESPath whose names lack their quotes", () => {
  const paths: readonly (readonly [path: string, quoted: string])[] = [
    ["user-name", "'\"user-name\"'"],
    ["db.user-name", "'db.\"user-name\"'"],
    ["api-key.v-1", '\'"api-key"."v-1"\''],
    ["1st", "'\"1st\"'"],
  ];
  it.each(paths)("is refused with the quotes: %s", async (path, quoted) => {
    const fix = `Fix: put names with other characters than letters, digits and _ in double quotes: ${quoted}`;
    const secrets = `[{ store: v, name: secret/data/a, files: [{ path: a, jmesPath: ${path} }] }]`;
    expect(await problemsOf("latchkey", { ...native({}), secrets })).toEqual([expect.stringContaining(fix)]);
    const entry = `[{ objectName: a, objectType: secretsmanager, jmesPath: [{ path: ${path}, objectAlias: x }] }]`;
    expect(await problemsOf("aws", { region: "eu-west-1", objects: entry })).toEqual([expect.stringContaining(fix)]);
  });

  it.each(["a..b", "a b", "$.a", "a[", "-a.b c"])("is not what else is wrong: %s", async (path) => {
    const secrets = `[{ store: v, name: secret/data/a, files: [{ path: a, jmesPath: ${JSON.stringify(path)} }] }]`;
    expect(await problemsOf("latchkey", { ...native({}), secrets })).toEqual([
      expect.stringContaining("write a JMESPath such as db.password; a name with other characters in quotes"),
    ]);
  });
});

describe("a CA in one line", () => {
  it("is refused with what became of its line breaks", async () => {
    const { caPem } = await createAuthority();
    const oneLine = caPem.trim().replace(/\n/g, " ");
    const escaped = caPem.trim().replace(/\n/g, String.raw`\n`);
    const joined = caPem.trim().replace(/\n/g, "");
    for (const [ca, fault] of [
      [oneLine, "its line breaks are missing"],
      [joined, "its line breaks are missing"],
      [escaped, "its line breaks are written as \\n"],
    ] as const) {
      const text = `has no certificate that can be read: ${fault}`;
      expect(await problemsOf("vault", { ...vault, vaultCACert: ca })).toEqual([`LK0003 vaultCACert: ${text}`]);
      expect(await problemsOf("latchkey", native({ ca }))).toEqual([
        expect.stringContaining(`LK0020 stores.v.ca: ${text}`),
      ]);
    }
  });
});
