import { describe, expect, it } from "vitest";
import { planOf, problemsOf } from "../plan-of.ts";

const stores = "aws: { kind: aws-secrets-manager, region: eu-west-1 }";

function secrets(...lines: readonly string[]): string {
  return `- store: aws\n  name: a\n  files: [{ path: f }]\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

async function verifyOf(...lines: readonly string[]) {
  const { secrets: wanted } = await planOf("latchkey", { stores, secrets: secrets(...lines) });
  return wanted[0]?.verify;
}

const key = (text: string) => ({ steps: [{ kind: "key", path: [text], text }] });

const database = "kind: postgres, host: db.example.com, user: app, password: { key: password }";

describe("verify", () => {
  it("names a target, whose parts are text or parts of the secret", async () => {
    const all = "port: { key: port }, database: shop, tls: require";
    expect(await verifyOf(`verify: { ${database}, ${all} }`, "verifyHold: 10m")).toEqual({
      hold: 600_000,
      targets: [
        {
          kind: "postgres",
          tls: "require",
          fields: {
            host: { text: "db.example.com" },
            port: key("port"),
            database: { text: "shop" },
            user: { text: "app" },
            password: key("password"),
          },
        },
      ],
    });
  });

  it("holds for an hour, checks the certificate and takes the whole secret where nobody says otherwise", async () => {
    expect(await verifyOf("verify: { kind: redis, host: redis, password: {} }")).toEqual({
      hold: 3_600_000,
      targets: [{ kind: "redis", tls: "verify", fields: { host: { text: "redis" }, password: { steps: [] } } }],
    });
  });

  it("asks a page with a token, and takes the codes that let it in", async () => {
    const page = "kind: http, url: https://api.example.com/me, token: { key: token }, header: X-Api-Key, status: [204]";
    expect((await verifyOf(`verify: { ${page} }`))?.targets).toEqual([
      {
        kind: "http",
        tls: "verify",
        status: [204],
        fields: { url: { text: "https://api.example.com/me" }, token: key("token"), header: { text: "X-Api-Key" } },
      },
    ]);
  });

  it("is part of a group that is read together, for its own member", async () => {
    const two = `${secrets(`verify: { ${database} }`)}- store: aws\n  name: a\n  versionStage: AWSPREVIOUS\n  files: [{ path: g }]\n`;
    const { secrets: wanted } = await planOf("latchkey", { stores, secrets: two });
    expect(wanted.map(({ verify }) => verify?.targets.length)).toEqual([1, undefined]);
  });

  it("keeps a secret apart from the same one that is not tried", async () => {
    const two = `${secrets(`verify: { ${database} }`)}- store: aws\n  name: a\n  files: [{ path: g }]\n`;
    const { secrets: wanted } = await planOf("latchkey", { stores, secrets: two });
    expect(wanted.length).toBe(2);
  });
});

describe("problems of verify", () => {
  const rows: readonly (readonly [lines: readonly string[], problem: string])[] = [
    [["verify: x"], "secrets[0].verify: a map is needed, not text"],
    [["verify: {}"], "secrets[0].verify.kind: it is missing"],
    [["verify: { kind: postgresql }"], 'secrets[0].verify.kind: "postgresql" is not known'],
    [["verifyHold: 1h"], "secrets[0].verifyHold: verifyHold needs verify"],
    [[`verify: { ${database} }`, "verifyHold: 1x"], 'secrets[0].verifyHold: "1x" is not a duration'],
    [["verify: { kind: postgres, host: db, user: app }"], 'secrets[0].verify: "password" is missing'],
    [
      ["verify: { kind: postgres, host: db, user: app, password: hunter2 }"],
      "secrets[0].verify.password: it stands in the secret, not here",
    ],
    [[`verify: { ${database}, hots: x }`], 'secrets[0].verify.hots: unknown field "hots"'],
    [[`verify: { ${database}, url: x }`], 'secrets[0].verify.url: unknown field "url"'],
    [[`verify: { ${database}, port: 70000 }`], 'secrets[0].verify.port: "70000" is not a port'],
    [[`verify: { ${database}, tls: on }`], 'secrets[0].verify.tls: "on" is not known'],
    [[`verify: { ${database}, ca: x }`], "secrets[0].verify.ca: it is not a certificate in PEM form"],
    [
      ["verify: { kind: postgres, host: db, user: { key: a, format: json }, password: {} }"],
      'secrets[0].verify.user.format: unknown field "format"',
    ],
    [
      ["verify: { kind: mysql, host: 10.0.0.1, user: app, password: {} }"],
      "secrets[0].verify.host: the client checks certificates of names only",
    ],
    [
      ["verify: { kind: http, url: https://a:b@c/, token: {} }"],
      'secrets[0].verify.url: "https://a:b@c/" is not a URL',
    ],
    [["verify: { kind: http, url: https://c/ }"], "secrets[0].verify: the credential is not clear"],
    [
      ["verify: { kind: http, url: https://c/, user: a, password: {}, token: {} }"],
      "secrets[0].verify: the credential is not clear",
    ],
    [
      ["verify: { kind: http, url: https://c/, user: a, password: {}, header: X-A }"],
      "secrets[0].verify.header: header needs token",
    ],
    [
      ["verify: { kind: http, url: https://c/, token: {}, header: 'X A' }"],
      'secrets[0].verify.header: "X A" is not the name of a header',
    ],
    [
      ["verify: { kind: http, url: https://c/, token: {}, status: [200, x] }"],
      'secrets[0].verify.status: "x" is not a status of HTTP',
    ],
  ];

  for (const [lines, problem] of rows) {
    it(`says that ${problem}`, async () => {
      const problems = await problemsOf("latchkey", { stores, secrets: secrets(...lines) });
      expect(problems.map((each) => each.slice("LK0003 ".length, "LK0003 ".length + problem.length))).toEqual([
        problem,
      ]);
    });
  }

  it("says that a search has none", async () => {
    const text = `- store: aws\n  find: { prefix: a }\n  files: [{ path: f }]\n  verify: { ${database} }\n`;
    const [problem] = await problemsOf("latchkey", { stores, secrets: text });
    expect(problem).toContain('secrets[0].verify: find and "verify" cannot both be set');
  });
});
