import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Output } from "../../../src/plan/plan.ts";
import { type Parameters, planOf, type Surroundings } from "../plan-of.ts";

const role = { roleName: "payment-service", vaultAddress: "https://vault.internal:8200" };

async function outputsOf(objects: string, around?: Surroundings): Promise<readonly Output[]> {
  return (await planOf("vault", { ...role, objects }, around)).outputs;
}

async function settingsOf(parameters: Parameters, around?: Surroundings): Promise<unknown> {
  const objects = "- {objectName: a, secretPath: b}";
  return (await planOf("vault", { ...parameters, objects }, around)).secrets[0]?.source.settings;
}

describe("the vault dialect", () => {
  it("plans the document that users have", async () => {
    const objects = `
      - objectName: "db-password"
        secretPath: "secret/data/production/db"
        secretKey: "password"
    `;
    expect(await planOf("vault", { ...role, objects })).toEqual({
      secrets: [
        {
          id: "secret-0",
          subject: 'object "db-password"',
          source: {
            store: "vault",
            settings: {
              addresses: ["https://vault.internal:8200"],
              addressFrom: "pod",
              flavour: "vault",
              tls: {},
              auth: {
                method: "jwt",
                mount: "kubernetes",
                role: "payment-service",
                audience: "vault",
                audienceChosen: false,
              },
            },
            ref: { method: "GET", path: "/v1/secret/data/production/db", query: "" },
          },
        },
      ],
      outputs: [
        {
          path: "db-password",
          mode: 0o644,
          from: "secret-0",
          subject: 'object "db-password"',
          select: { of: "fields", steps: [{ kind: "key", path: ["password"], text: "password" }] },
          version: {
            by: "hmac",
            key: "vault",
            prefix: Buffer.from(
              '{"ObjectName":"db-password","SecretPath":"secret/data/production/db","SecretKey":"password","Method":"","SecretArgs":null,"FilePermission":0,"Encoding":""}',
            ),
          },
        },
      ],
      warnings: [],
    });
  });

  it("asks once for two spellings of one path, and for an empty method and GET", async () => {
    const objects = `
      - {objectName: user, secretPath: secret/data/db, secretKey: user}
      - {objectName: password, secretPath: /v1//secret/data/db/, secretKey: password, method: GET}
      - {objectName: old, secretPath: "secret/data/db?version=1", secretKey: password}
    `;
    const plan = await planOf("vault", { ...role, objects });
    expect(plan.secrets.map(({ id, subject, source }) => [id, subject, source.ref])).toEqual([
      ["secret-0", 'object "user", object "password"', { method: "GET", path: "/v1/secret/data/db", query: "" }],
      ["secret-1", 'object "old"', { method: "GET", path: "/v1/secret/data/db", query: "version=1" }],
    ]);
    expect(plan.outputs.map(({ path, from }) => [path, from])).toEqual([
      ["user", "secret-0"],
      ["password", "secret-0"],
      ["old", "secret-1"],
    ]);
  });

  it("takes the key literally, dots and brackets included", async () => {
    const [output] = await outputsOf("- {objectName: a, secretPath: b, secretKey: 'tls.crt[0]'}");
    expect(output?.select).toEqual({
      of: "fields",
      steps: [{ kind: "key", path: ["tls.crt[0]"], text: "tls.crt[0]" }],
    });
  });

  it("takes the whole answer without a key, whatever the encoding", async () => {
    const [output] = await outputsOf("- {objectName: a, secretPath: b, encoding: rot13}");
    expect(output?.select).toEqual({ of: "envelope", steps: [] });
  });

  const encodings: readonly (readonly [text: string, decoding: string | undefined])[] = [
    ["''", undefined],
    ["utf-8", undefined],
    ["UTF-8", undefined],
    ["base64", "base64"],
    ["Base64", "base64"],
    ["hex", "hex"],
    ["HEX", "hex"],
  ];
  for (const [text, decoding] of encodings) {
    it(`decodes ${text} by ${decoding ?? "nothing"}`, async () => {
      const [output] = await outputsOf(`- {objectName: a, secretPath: b, secretKey: c, encoding: ${text}}`);
      const [, ...steps] = output?.select.steps ?? [];
      expect(steps).toEqual(decoding === undefined ? [] : [{ kind: "decode", encoding: decoding }]);
    });
  }

  const modes: readonly (readonly [text: string, mode: number])[] = [
    ["0600", 0o600],
    ["0o600", 0o600],
    ["384", 0o600],
    ["1.0", 1],
    ["0", 0o440],
    ["null", 0o440],
    ["404", 0o624],
  ];
  for (const [text, mode] of modes) {
    it(`makes mode ${mode.toString(8)} of filePermission ${text}`, async () => {
      const [output] = await outputsOf(`- {objectName: a, secretPath: b, filePermission: ${text}}`, { mode: 0o440 });
      expect(output?.mode).toBe(mode);
    });
  }

  it("uses of a filePermission what chmod would, and says so", async () => {
    const plan = await planOf("vault", { ...role, objects: "- {objectName: a, secretPath: b, filePermission: 0888}" });
    expect(plan.outputs[0]?.mode).toBe(0o570);
    expect(plan.warnings.map(({ text }) => text)).toEqual([
      'object "a": only the bits of 0777 in filePermission 888 are used, 0570',
    ]);
  });

  const meant: readonly (readonly [permission: string, warning: string | undefined])[] = [
    ["644", "only the bits of 0777 in filePermission 644 are used, 0204; if you mean 0644, write 0644, with the zero"],
    ["400", "filePermission 400 is the mode 0620; if you mean 0400, write 0400, with the zero"],
    ["440", "filePermission 440 is the mode 0670; if you mean 0440, write 0440, with the zero"],
    ["444", "filePermission 444 is the mode 0674; if you mean 0444, write 0444, with the zero"],
    ["600", "only the bits of 0777 in filePermission 600 are used, 0130; if you mean 0600, write 0600, with the zero"],
    ["0420", "filePermission 272 is the mode 0420; if you mean 420 as a decimal number, write 0644"],
    ["0204", "filePermission 132 is the mode 0204"],
    ["1.0", "filePermission 1 is the mode 0001"],
    ["420", undefined],
    ["256", undefined],
    ["0644", undefined],
    ["0o440", undefined],
    ["0", undefined],
  ];
  it.each(meant)("says what is meant by filePermission %s", async (permission, warning) => {
    const objects = `- {objectName: a, secretPath: b, filePermission: ${permission}}`;
    const { warnings } = await planOf("vault", { ...role, objects });
    expect(warnings.map(({ text }) => text)).toEqual(warning === undefined ? [] : [`object "a": ${warning}`]);
  });

  it("counts the warnings of very many objects", async () => {
    const objects = Array.from({ length: 500 }, (_, n) => `- {objectName: a${n}, secretPath: b, filePermission: 0888}`);
    const { warnings } = await planOf("vault", { ...role, objects: objects.join("\n") });
    expect([warnings.length, warnings.at(-1)?.text]).toEqual([11, "490 more objects have such a filePermission"]);
  });

  it("keeps the source text of scalars, drops empty items, ignores unknown fields, reads one document", async () => {
    const objects = `
- &base
  objectName: 0600
  secretPath: yes
  secretKey: 1.50
  objectVersion: 3
- null
- <<: *base
  objectName: 2020-01-01
  objectname: ignored
---
- objectName: not read
`;
    const outputs = await outputsOf(objects);
    expect(outputs.map(({ path, select }) => [path, select.steps])).toEqual([
      ["0600", [{ kind: "key", path: ["1.50"], text: "1.50" }]],
      ["2020-01-01", [{ kind: "key", path: ["1.50"], text: "1.50" }]],
    ]);
  });

  it("keeps names that objects of JavaScript have", async () => {
    const objects = "- {objectName: __proto__, secretPath: constructor, secretKey: __proto__}";
    const [output] = await outputsOf(objects);
    expect([output?.path, output?.select.steps]).toEqual([
      "__proto__",
      [{ kind: "key", path: ["__proto__"], text: "__proto__" }],
    ]);
  });
});

describe("requests of the vault dialect (spec/vault.md 1.4, 1.5)", () => {
  const rows: readonly (readonly [fields: string, ref: object])[] = [
    ["method: PUT", { method: "PUT" }],
    ["method: get", { method: "get" }],
    ["method: LIST", { method: "LIST" }],
    ["secretArgs: null", { method: "GET" }],
    ["secretArgs: {}", { method: "GET", body: "{}" }],
    [
      "method: POST, secretArgs: {ttl: 010, on: yes, a: 2020-01-01}",
      {
        method: "POST",
        body: '{"a":"2020-01-01T00:00:00Z","on":"yes","ttl":8}',
      },
    ],
    ["secretArgs: {a: <&>}", { method: "GET", body: String.raw`{"a":"\u003c\u0026\u003e"}` }],
    ["secretNamespace: /team/a/", { method: "GET", namespace: "team/a" }],
    ["secretNamespace: ''", { method: "GET" }],
    ["secretNamespace: /", { method: "GET", namespace: "" }],
    ["secretNamespace: root/", { method: "GET", namespace: "" }],
  ];
  for (const [fields, ref] of rows) {
    it(`have what \`${fields}\` says`, async () => {
      const plan = await planOf("vault", { ...role, objects: `- {objectName: a, secretPath: pki/issue/x, ${fields}}` });
      expect(plan.secrets[0]?.source.ref).toEqual({ path: "/v1/pki/issue/x", query: "", ...ref });
    });
  }

  it("are one for equal method, path and args, whatever their spelling, and others for other args or namespaces", async () => {
    const objects = `
      - {objectName: crt, secretPath: pki/issue/x, secretKey: certificate, method: PUT, secretArgs: {cn: a, ttl: 24h}}
      - {objectName: key, secretPath: /v1/pki//issue/x, secretKey: private_key, method: PUT, secretArgs: {ttl: "24h", cn: a}}
      - {objectName: other, secretPath: pki/issue/x, secretKey: certificate, method: PUT, secretArgs: {cn: b, ttl: 24h}}
      - {objectName: post, secretPath: pki/issue/x, method: POST, secretArgs: {cn: a, ttl: 24h}}
      - {objectName: away, secretPath: pki/issue/x, method: PUT, secretNamespace: n, secretArgs: {cn: a, ttl: 24h}}
      - {objectName: none, secretPath: pki/issue/x, method: PUT}
      - {objectName: empty, secretPath: pki/issue/x, method: PUT, secretArgs: {}}
    `;
    const { outputs } = await planOf("vault", { ...role, objects });
    expect(outputs.map(({ path, from }) => `${path} ${from}`)).toEqual([
      "crt secret-0",
      "key secret-0",
      "other secret-1",
      "post secret-2",
      "away secret-3",
      "none secret-4",
      "empty secret-5",
    ]);
  });

  it("give the data alone for `output: data`, with a version that hangs on it alone", async () => {
    const objects = "[{objectName: a, secretPath: b, output: data}, {objectName: c, secretPath: b, output: response}]";
    const plan = await planOf("vault", { ...role, objects });
    expect(plan.secrets.length).toBe(1);
    expect(plan.outputs.map(({ select }) => select)).toEqual([
      { of: "value", steps: [] },
      { of: "envelope", steps: [] },
    ]);
  });
});

describe("vault settings", () => {
  const auth = { method: "jwt", mount: "kubernetes", role: "r", audience: "vault", audienceChosen: false };
  const whole = { addresses: ["https://127.0.0.1:8200"], addressFrom: "pod", flavour: "vault", tls: {}, auth };
  const rows: readonly (readonly [what: string, parameters: Parameters, around: Surroundings, settings: object])[] = [
    ["have today's defaults", {}, {}, whole],
    [
      "take the operator's word",
      {},
      {
        vault: {
          addresses: ["https://v:8200/"],
          mount: "k8s",
          namespace: "ns/",
          tls: { caFile: "/ca.pem", serverName: "n" },
        },
      },
      {
        ...whole,
        addressFrom: "operator",
        addresses: ["https://v:8200"],
        namespace: "ns",
        tls: { caFile: "/ca.pem", serverName: "n" },
        auth: { ...auth, mount: "k8s" },
      },
    ],
    [
      "let the SecretProviderClass win",
      {
        vaultAddress: "http://x/base/",
        vaultNamespace: "own",
        vaultTLSServerName: "m",
        vaultAuthMountPath: "/jwt/",
        audience: "a",
      },
      { vault: { addresses: ["https://v:8200"], namespace: "ns", tls: { caFile: "/ca.pem", serverName: "n" } } },
      {
        ...whole,
        addresses: ["http://x/base"],
        addressFrom: "pod",
        namespace: "own",
        tls: { caFile: "/ca.pem", serverName: "m" },
        auth: { ...auth, mount: "jwt", audience: "a", audienceChosen: true },
      },
    ],
    [
      "take empty texts for not set",
      { vaultAddress: "", vaultNamespace: "", vaultTLSServerName: "", vaultAuthMountPath: "", audience: "" },
      { vault: { namespace: "ns" } },
      { ...whole, namespace: "ns" },
    ],
    [
      "know both names of the auth mount",
      { vaultKubernetesMountPath: "team//jwt" },
      {},
      { ...whole, auth: { ...auth, mount: "team/jwt" } },
    ],
    [
      "ignore unknown and legacy keys",
      { kubernetesServiceAccountPath: "x", vaultCAPem: "y", RoleName: "z", __proto__x: "w" },
      {},
      whole,
    ],
    ["take the service account's token for the jwt method too", { vaultAuthMethod: "jwt" }, {}, whole],
  ];
  for (const [what, parameters, around, settings] of rows) {
    it(what, async () => {
      expect(await settingsOf({ roleName: "r", ...parameters }, around)).toEqual(settings);
    });
  }
});

/** Made with today's provider and a key of 32 `a`. */
describe("vault versions (spec/vault.md 1.8)", () => {
  const vectors: readonly (readonly [fields: string, content: string, version: string])[] = [
    [
      "objectName: secret-1, secretPath: secret/data/kv1, secretKey: bar1, filePermission: 404",
      "hello1",
      "yB_OP6xXLzNrVvrQUc58DI58V9qSk39IP_vqj09uXGg=",
    ],
    [
      "objectName: secret-2, secretPath: secret/data/kv2, secretKey: bar2",
      "hello2",
      "RZJYU9YGKyw7tczJUIq2YIWodu7fBdVlSR-R-b_EeGo=",
    ],
    [
      "objectName: certs, secretPath: pki/issue/example-dot-com, method: PUT, secretArgs: {ttl: 24h, common_name: test.example.com}",
      "<x>",
      "M1yX0wzBxd1vTNfR9EVZaDix3Ozpkf3O-EYpW-ybqH4=",
    ],
    [
      'objectName: h, secretPath: secret/a&b, secretKey: "<k>\\u2028\\u00e9", encoding: base64',
      "v",
      "Z7jm9hVJ-O6Rqf6YnOf-1cgDEoH-FQas81ZVgvRN1DY=",
    ],
  ];
  for (const [fields, content, version] of vectors) {
    it(`are today's: ${version}`, async () => {
      const [output] = await outputsOf(`- {${fields}}`);
      const rule = output?.version;
      const prefix = rule?.by === "hmac" ? rule.prefix : undefined;
      const hmac = createHmac("sha256", "a".repeat(32))
        .update(prefix ?? "")
        .update(content);
      expect(`${hmac.digest("base64url")}=`).toBe(version);
    });
  }

  it("tell an empty map of args from none, and leave Latchkey's own fields out", async () => {
    const texts = ["secretArgs: {}", "secretArgs: ~", "secretNamespace: n, output: data"];
    const outputs = await outputsOf(texts.map((text, n) => `- {objectName: ${n}, secretPath: b, ${text}}`).join("\n"));
    const rest = '"FilePermission":0,"Encoding":""}';
    const prefixes = outputs.map(({ version }) =>
      Buffer.from((version.by === "hmac" && version.prefix) || []).toString(),
    );
    expect(prefixes).toEqual([
      `{"ObjectName":"0","SecretPath":"b","SecretKey":"","Method":"","SecretArgs":{},${rest}`,
      `{"ObjectName":"1","SecretPath":"b","SecretKey":"","Method":"","SecretArgs":null,${rest}`,
      `{"ObjectName":"2","SecretPath":"b","SecretKey":"","Method":"","SecretArgs":null,${rest}`,
    ]);
  });
});
