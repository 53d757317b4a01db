import { describe, expect, it } from "vitest";
import type { Profile } from "../../../src/config/profile.ts";
import { planOf } from "../plan-of.ts";

const profiles: readonly Profile[] = [
  { name: "demo-files", kind: "file", namespaces: ["shop"], settings: { directory: "/srv/secrets/{namespace}" } },
];

const stores = `
vault: { kind: vault, address: "https://vault:8200", role: shop }
aws:   { kind: aws-secrets-manager, region: eu-west-1 }
files: { profile: demo-files }
`;

describe("the native dialect", () => {
  it("plans several stores in one volume", async () => {
    const secrets = `
- store: vault
  name: secret/data/shop/db
  files:
    - { path: db/username, key: username }
    - { path: db/password, key: password, mode: "0440" }
- store: aws
  name: prod/stripe
  files: [{ path: stripe.json }]
- store: files
  name: tls.yaml
  files: [{ path: tls/tls.crt, key: '"tls.crt"', mode: 0400 }, { path: hosts, key: "hosts[0].name" }]
`;
    const native = { by: "hmac", key: "native" };
    expect(await planOf("latchkey", { stores, secrets }, { profiles, mode: 0o644 })).toEqual({
      secrets: [
        {
          id: "secret-0",
          subject: "secrets[0]",
          source: {
            store: "vault",
            settings: {
              addresses: ["https://vault:8200"],
              addressFrom: "pod",
              flavour: "vault",
              tls: {},
              auth: { method: "jwt", mount: "kubernetes", role: "shop", audience: "vault", audienceChosen: false },
            },
            ref: { method: "GET", path: "/v1/secret/data/shop/db", query: "" },
          },
        },
        {
          id: "secret-1",
          subject: "secrets[1]",
          source: {
            store: "aws-secrets-manager",
            settings: { region: "eu-west-1", identity: { by: "webIdentity", roleArn: undefined } },
            ref: { service: "secretsmanager", secretId: "prod/stripe" },
          },
        },
        {
          id: "secret-2",
          subject: "secrets[2]",
          source: { store: "file", settings: { directory: "/srv/secrets/{namespace}" }, ref: { name: "tls.yaml" } },
        },
      ],
      outputs: [
        {
          path: "db/username",
          mode: 0o644,
          from: "secret-0",
          subject: "secrets[0].files[0]",
          select: { of: "value", steps: [{ kind: "key", path: ["username"], text: "username" }] },
          version: native,
        },
        {
          path: "db/password",
          mode: 0o440,
          from: "secret-0",
          subject: "secrets[0].files[1]",
          select: { of: "value", steps: [{ kind: "key", path: ["password"], text: "password" }] },
          version: native,
        },
        {
          path: "stripe.json",
          mode: 0o644,
          from: "secret-1",
          subject: "secrets[1].files[0]",
          select: { of: "value", steps: [] },
          version: native,
        },
        {
          path: "tls/tls.crt",
          mode: 0o400,
          from: "secret-2",
          subject: "secrets[2].files[0]",
          select: { of: "value", steps: [{ kind: "key", path: ["tls.crt"], text: '"tls.crt"' }] },
          version: native,
        },
        {
          path: "hosts",
          mode: 0o644,
          from: "secret-2",
          subject: "secrets[2].files[1]",
          select: { of: "value", steps: [{ kind: "key", path: ["hosts", 0, "name"], text: "hosts[0].name" }] },
          version: native,
        },
      ],
      warnings: [],
    });
  });

  it("asks once for equal secrets, also of equal stores", async () => {
    const two = 'a: { kind: vault, address: "https://v", role: r }\nb: { role: r, kind: vault, address: "https://v/" }';
    const secrets = `
- { store: a, name: secret/data/x, files: [{ path: one }] }
- { store: b, name: /v1/secret/data/x, files: [{ path: two }] }
- { store: b, name: secret/data/y, files: [{ path: three }] }
`;
    const plan = await planOf("latchkey", { stores: two, secrets });
    expect(plan.secrets.map(({ id, subject }) => [id, subject])).toEqual([
      ["secret-0", "secrets[0], secrets[1]"],
      ["secret-1", "secrets[2]"],
    ]);
    expect(plan.outputs.map(({ from }) => from)).toEqual(["secret-0", "secret-0", "secret-1"]);
  });

  const modes: readonly (readonly [text: string, mode: number])[] = [
    ['"0440"', 0o440],
    ["0440", 0o440],
    ["440", 0o440],
    ["0o440", 0o440],
    ["700", 0o700],
    ["0550", 0o550],
    ["664", 0o664],
    ["0", 0],
    ["0777", 0o777],
  ];
  for (const [text, mode] of modes) {
    it(`reads mode ${text} as octal`, async () => {
      const secrets = `[{ store: aws, name: a, files: [{ path: f, mode: ${text} }] }]`;
      expect((await planOf("latchkey", { stores, secrets }, { profiles })).outputs[0]?.mode).toBe(mode);
    });
  }

  it("makes an empty plan of an empty list", async () => {
    expect(await planOf("latchkey", { secrets: "[]" })).toEqual({ secrets: [], outputs: [], warnings: [] });
  });

  it("takes anchors, merges and JSON", async () => {
    const secrets = `[
      { "store": "aws", "name": "a", "files": [&f { "path": "x", "mode": "0400" }] },
      { store: aws, name: b, files: [{ <<: *f, path: y }] }
    ]`;
    const { outputs } = await planOf("latchkey", { stores, secrets }, { profiles });
    expect(outputs.map(({ path, mode }) => [path, mode])).toEqual([
      ["x", 0o400],
      ["y", 0o400],
    ]);
  });

  it("keeps names that objects of JavaScript have", async () => {
    const secrets =
      "[{ store: __proto__, name: constructor, files: [{ path: __proto__, key: __proto__.constructor }] }]";
    const plan = await planOf("latchkey", { stores: "__proto__: { kind: aws-secrets-manager, region: r }", secrets });
    expect(plan.secrets[0]?.source.ref).toEqual({ service: "secretsmanager", secretId: "constructor" });
    expect(plan.outputs[0]?.select.steps).toEqual([
      { kind: "key", path: ["__proto__", "constructor"], text: "__proto__.constructor" },
    ]);
  });

  it("reads how fresh a secret must be, of itself or of its store, and takes the strictest of several mentions", async () => {
    const bounded = `
aws: { kind: aws-secrets-manager, region: eu-west-1, refresh: 10m, spread: 1h }
files: { profile: demo-files, maxStale: 0s }
`;
    const secrets = `
- { store: aws, name: a, files: [{ path: a }] }
- { store: aws, name: b, refresh: 5m, maxStale: 1h, files: [{ path: b }] }
- { store: aws, name: b, refresh: 30s, files: [{ path: c }] }
- { store: files, name: f, files: [{ path: f }] }
`;
    const { secrets: wanted } = await planOf("latchkey", { stores: bounded, secrets }, { profiles });
    expect(wanted.map(({ bounds }) => bounds)).toEqual([
      { refresh: 600_000, maxStale: undefined, spread: 3_600_000 },
      { refresh: 30_000, maxStale: 3_600_000, spread: 3_600_000 },
      { refresh: undefined, maxStale: 0, spread: undefined },
    ]);
  });
});
