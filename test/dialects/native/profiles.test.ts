import { describe, expect, it } from "vitest";
import type { Profile } from "../../../src/config/profile.ts";
import { problemsOf } from "../plan-of.ts";

const aws: Profile = { name: "aws", kind: "aws-secrets-manager", settings: { region: "eu-west-1" } };

function problems(more: Partial<Profile>, { namespace = "shop", name = "prod/shop/db" } = {}) {
  const parameters = {
    stores: "aws: { profile: aws }",
    secrets: `- { store: aws, name: "${name}", files: [{ path: f }] }`,
  };
  return problemsOf("latchkey", parameters, { profiles: [{ ...aws, ...more }], namespace });
}

describe("namespaces of a profile", () => {
  it.each([
    ["shop", "shop", true],
    ["shop", "shop2", false],
    ["*", "anything", true],
    ["team-*", "team-a", true],
    ["team-*", "team", false],
    ["*-prod", "shop-prod", true],
    ["*-prod", "shop-prod-2", false],
    ["a*b*c", "a-b-c", true],
    ["a*b*c", "abc", true],
    ["a*b*c", "acb", false],
    ["a*a", "a", false],
    ["s*", "shop", true],
    ["*x*y*", "axbxcyd", true],
    ["*x*y*", "aybx", false],
  ])("%s: %s %s", async (pattern, namespace, usable) => {
    const found = await problems({ namespaces: ["other", pattern] }, { namespace });
    expect(found).toEqual(usable ? [] : [expect.stringContaining("LK0021 stores.aws.profile")]);
  });
});

describe("prefixes of a profile", () => {
  it("bound the names of secrets, with the pod's namespace in them", async () => {
    const prefixes = ["prod/{namespace}/", "common/"];
    expect(await problems({ prefixes })).toEqual([]);
    expect(await problems({ prefixes }, { name: "common/x" })).toEqual([]);
    for (const name of ["prod/bank/db", "xprod/shop/db", "arn:aws:secretsmanager:eu-west-1:1:secret:prod/shop/db"]) {
      expect(await problems({ prefixes }, { name })).toEqual([
        `LK0021 secrets[0]: profile "aws" does not reach ${JSON.stringify(name)}. Fix: choose a secret with a name that begins with "prod/shop/" or "common/", or have the operator add its prefix`,
      ]);
    }
  });

  it("hold for no path that climbs: it is refused", async () => {
    const vault: Profile = {
      name: "vault",
      kind: "vault",
      settings: { address: "https://v", role: "r" },
      prefixes: ["secret/data/shop/"],
    };
    const parameters = {
      stores: "v: { profile: vault }",
      secrets: '- { store: v, name: "secret/data/shop/../bank/db", files: [{ path: f }] }',
    };
    expect(await problemsOf("latchkey", parameters, { profiles: [vault] })).toEqual([
      expect.stringContaining(
        'LK0003 secrets[0].name: the secret path "secret/data/shop/../bank/db" must not contain . or .. as a part',
      ),
    ]);
  });
});

describe("prefixes of a profile for Vault", () => {
  const settings = { address: "https://v", auth: "approle", namespace: "eu", roleIdFile: "/r", secretIdFile: "/s" };
  const entries = [
    "name: secret/data/shop/db, files: [{ path: f }]",
    "find: { prefix: secret/data/shop/ }, expand: {}",
  ];
  const inNamespace = (entry: string, namespace: string) =>
    entry.startsWith("name")
      ? `${entry}, namespace: ${namespace}`
      : entry.replace("shop/ }", `shop/, namespace: ${namespace} }`);
  const found = (secret: string, prefixes?: readonly string[]) => {
    const vault: Profile = { name: "vault", kind: "vault", settings, ...(prefixes === undefined ? {} : { prefixes }) };
    const parameters = { stores: "v: { profile: vault }", secrets: `- { store: v, ${secret} }` };
    return problemsOf("latchkey", parameters, { profiles: [vault] });
  };

  it.each(entries)("do not reach another namespace of Vault, unless they say so: %s", async (entry) => {
    const prefixes = ["secret/data/shop/", "/team/b/secret/data/shop/"];
    expect(await found(entry, prefixes)).toEqual([]);
    expect(await found(inNamespace(entry, "team/b/"), prefixes)).toEqual([]);
    for (const namespace of ["team", "team/b/c", "eu/team/b", "/"]) {
      expect(await found(inNamespace(entry, namespace), prefixes)).toEqual([
        expect.stringMatching(/^LK0021 .*: profile "vault" does not reach "\/.*secret\/data\/shop\//),
      ]);
    }
    expect(await found(inNamespace(entry, "team"))).toEqual([]);
  });
});

describe("prefixes of a profile with the pod's namespace in them", () => {
  const vault: Profile = {
    name: "vault",
    kind: "vault",
    settings: { address: "https://v", auth: "approle", roleIdFile: "/r", secretIdFile: "/s" },
    prefixes: ["/team-{namespace}/"],
  };
  const found = (secret: string, namespace = "evil") => {
    const parameters = { stores: "v: { profile: vault }", secrets: `- { store: v, ${secret} }` };
    return problemsOf("latchkey", parameters, { profiles: [vault], namespace });
  };

  it.each([
    'name: secret/data/db, namespace: "team-evil/../team-bank", files: [{ path: f }]',
    'find: { prefix: secret/data/, namespace: "team-evil/../team-bank" }, expand: {}',
    'name: secret/data/db, namespace: "team-evil/%2e%2e/team-bank", files: [{ path: f }]',
    'name: "../team-bank/secret/data/db", namespace: team-evil, files: [{ path: f }]',
    "name: secret//data/db, namespace: team-evil, files: [{ path: f }]",
    'find: { prefix: "secret/data/../../../team-bank/", namespace: team-evil }, expand: {}',
  ])("are not walked around: %s", async (secret) => {
    expect(await found(secret)).toEqual([expect.stringMatching(/^LK0003 secrets\[0\]/)]);
  });

  it("reach the namespace of Vault that they name", async () => {
    expect(await found("name: secret/data/db, namespace: team-evil, files: [{ path: f }]")).toEqual([]);
    expect(await found("name: secret/data/db, namespace: team-bank, files: [{ path: f }]")).toEqual([
      expect.stringContaining('LK0021 secrets[0]: profile "vault" does not reach "/team-bank/secret/data/db"'),
    ]);
  });

  it("take root for what servers take it for", async () => {
    const secret = "name: team-bank/secret/data/db, namespace: root, files: [{ path: f }]";
    const parameters = { stores: "v: { profile: vault }", secrets: `- { store: v, ${secret} }` };
    const profiles = [{ ...vault, prefixes: ["/{namespace}/"] }];
    expect(await problemsOf("latchkey", parameters, { profiles, namespace: "root" })).toEqual([
      expect.stringContaining('LK0021 secrets[0]: profile "vault" does not reach "/team-bank/secret/data/db"'),
    ]);
  });

  it.each(["evil/../team-bank", "", "a b", "$&"])("reach nothing for a namespace that is no name: %s", async (name) => {
    const secret = 'name: secret/data/db, namespace: "team-bank", files: [{ path: f }]';
    expect(await found(secret, name)).toEqual([expect.stringMatching(/^LK0021 /)]);
  });
});

describe("settings of stores in a SecretProviderClass", () => {
  it("can be forbidden by the operator", async () => {
    const parameters = {
      stores: "a: { kind: aws-secrets-manager, region: eu-west-1 }\nb: { profile: aws }",
      secrets: "- { store: b, name: x, files: [{ path: f }] }",
    };
    expect(await problemsOf("latchkey", parameters, { profiles: [aws], inlineStores: false })).toEqual([
      "LK0020 stores.a: the operator does not allow settings of a store here at line 1, column 1. Fix: name one of the operator's profiles: { profile: ... }",
    ]);
  });
});
