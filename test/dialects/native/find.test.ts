import { describe, expect, it } from "vitest";
import { planOf, problemsOf } from "../plan-of.ts";

const stores = `
v: { kind: vault, address: "https://vault:8200", role: r }
a: { kind: aws-secrets-manager, region: eu-west-1, maxStale: 1h }
p: { kind: aws-parameter-store, region: eu-west-1 }
f: { profile: files }
`;
const profiles = [{ name: "files", kind: "file", settings: { directory: "/srv" }, prefixes: ["{namespace}/"] }];

async function wantedOf(entry: string) {
  const { secrets } = await planOf("latchkey", { stores, secrets: `- ${entry}` }, { profiles });
  return secrets[0];
}

describe("find", () => {
  const refs: readonly (readonly [find: string, store: string, ref: object])[] = [
    ["{ prefix: secret/data/shop/ }", "v", { prefix: "secret/data/shop/", listed: "/v1/secret/metadata/shop" }],
    ["{ prefix: /v1/secret/data/shop }", "v", { prefix: "secret/data/shop", listed: "/v1/secret/metadata" }],
    ["{ prefix: secret/data }", "v", { prefix: "secret/data/", listed: "/v1/secret/metadata" }],
    ["{ prefix: data/data/x/ }", "v", { prefix: "data/data/x/", listed: "/v1/data/metadata/x" }],
    ["{ prefix: a/data/data/x/, mount: a/data }", "v", { prefix: "a/data/data/x/", listed: "/v1/a/data/metadata/x" }],
    ["{ prefix: kv/data/x/, kv: 1 }", "v", { prefix: "kv/data/x/", listed: "/v1/kv/data/x" }],
    ["{ prefix: cubbyhole/x/ }", "v", { prefix: "cubbyhole/x/", listed: "/v1/cubbyhole/x" }],
    [
      "{ prefix: kv/data/x/, namespace: team }",
      "v",
      { prefix: "kv/data/x/", listed: "/v1/kv/metadata/x", namespace: "team" },
    ],
    ["{ prefix: prod/ }", "a", { service: "secretsmanager", prefix: "prod/", tags: [] }],
    [
      "{ tags: { b: x, a: '' } }",
      "a",
      {
        service: "secretsmanager",
        prefix: "",
        tags: [
          ["a", ""],
          ["b", "x"],
        ],
      },
    ],
    ["{ prefix: /prod/ }", "p", { service: "ssm", prefix: "/prod/", tags: [] }],
    ["{ prefix: shop/ }", "f", { prefix: "shop/" }],
  ];
  it.each(refs)("%s", async (find, store, ref) => {
    const wanted = await wantedOf(`{ store: ${store}, find: ${find}, expand: {} }`);
    expect(wanted?.source.ref).toEqual(ref);
    expect(wanted?.find?.limit).toBe(100);
  });

  it("takes names by its pattern, calls them by what follows the prefix, and reads each as a secret", async () => {
    const find = "find: { prefix: secret/data/shop, pattern: '[a-z]$', limit: '7' }";
    const wanted = await wantedOf(`{ store: v, ${find}, expand: {}, share: pod, refresh: 1m }`);
    expect([wanted?.find?.accepts("secret/data/shop/a"), wanted?.find?.accepts("secret/data/shop/1")]).toEqual([
      true,
      false,
    ]);
    expect(wanted?.find?.shortOf("secret/data/shop/a/b")).toBe("a/b");
    expect(wanted?.find?.shortOf("secret/data/shopper")).toBe("per");
    expect(wanted?.find?.refOf("secret/data/shop/a ?")).toEqual({
      method: "GET",
      path: "/v1/secret/data/shop/a ?",
      query: "",
    });
    expect(() => wanted?.find?.refOf("secret/data/../sys/x")).toThrow("which is not a name");
    expect([wanted?.find?.limit, wanted?.source.share, wanted?.bounds?.refresh]).toEqual([7, "pod", 60_000]);
  });

  it("of equal queries with other patterns are two", async () => {
    const entry = (pattern: string) => `- { store: a, find: { prefix: x, pattern: ${pattern} }, expand: {} }\n`;
    const { secrets } = await planOf("latchkey", { stores, secrets: `${entry("a")}${entry("b")}` }, { profiles });
    expect(secrets.length).toBe(2);
  });
});

describe("problems of find", () => {
  const noTags = "a search in Vault has no tags: find by prefix or pattern";
  const rows: readonly (readonly [entry: string, problems: readonly string[]])[] = [
    [
      "{ store: a, find: [], expand: {} }",
      ["LK0003 secrets[0].find: a map is needed, not a list at line 1, column 21"],
    ],
    [
      "{ store: a, find: {}, expand: {} }",
      [
        "LK0003 secrets[0].find: needs a prefix or tags: without them it would find everything in the account at line 1, column 21",
      ],
    ],
    [
      "{ store: a, find: { prefx: b, prefix: c }, expand: {} }",
      ['LK0003 secrets[0].find.prefx: unknown field "prefx" at line 1, column 23. Fix: did you mean "prefix"?'],
    ],
    [
      "{ store: a, find: { prefix: '*' }, expand: {} }",
      ["LK0003 secrets[0].find.prefix: must be the beginning of a name at line 1, column 23"],
    ],
    [
      "{ store: a, find: { tags: { n: 1 } }, expand: {} }",
      ["LK0003 secrets[0].find.tags.n: must be text at line 1, column 31. Fix: put it in quotes"],
    ],
    [
      "{ store: a, find: { prefix: b, tags: { __proto__: x } }, expand: {} }",
      ["LK0003 secrets[0].find.tags: __proto__ is not a tag at line 1, column 34"],
    ],
    [
      "{ store: v, find: { prefix: secret/data/, tags: { a: b } }, expand: {} }",
      [`LK0003 secrets[0].find.tags: ${noTags} at line 1, column 45`],
    ],
    ["{ store: v, find: {}, expand: {} }", ["LK0003 secrets[0].find.prefix: is missing at line 1, column 21"]],
    [
      "{ store: v, find: { prefix: secret }, expand: {} }",
      [
        'LK0003 secrets[0].find.prefix: the prefix "secret" names no folder: write a slash after the mount, such as secret/data/ at line 1, column 23',
      ],
    ],
    [
      "{ store: v, find: { prefix: secret/shop/, kv: 2 }, expand: {} }",
      [
        'LK0003 secrets[0].find.prefix: the prefix "secret/shop/" has no /data/ after the mount: write it as secret/data/shop/ at line 1, column 23',
      ],
    ],
    [
      "{ store: v, find: { prefix: 'secret/data/?x=1' }, expand: {} }",
      [
        'LK0003 secrets[0].find.prefix: the prefix "secret/data/?x=1" has a query: write the beginning of a path at line 1, column 23',
      ],
    ],
    [
      "{ store: v, find: { prefix: secret/data/, mount: team }, expand: {} }",
      [
        'LK0003 secrets[0].find.prefix: the prefix "secret/data/" is not below "team": write the whole path, the mount too at line 1, column 23',
      ],
    ],
    [
      "{ store: f, find: { prefix: ../x }, expand: {} }",
      ["LK0003 secrets[0].find.prefix: must not contain . or .. as a part at line 1, column 23"],
    ],
    [
      "{ store: f, find: { prefix: bank/ }, expand: {} }",
      [
        'LK0021 secrets[0].find: profile "files" does not reach "bank/". Fix: choose a secret with a name that begins with "shop/", or have the operator add its prefix',
      ],
    ],
    [
      "{ store: a, find: { prefix: b, pattern: '(' }, expand: {} }",
      [
        "LK0003 secrets[0].find.pattern: not a regular expression of RE2's syntax. Fix: write a regular expression, such as /db-[a-z]+$",
      ],
    ],
    [
      "{ store: a, find: { prefix: b, limit: 1001 }, expand: {} }",
      ['LK0003 secrets[0].find.limit: "1001" is not a number from 1 to 1000 at line 1, column 41'],
    ],
    [
      "{ store: a, find: { prefix: b }, name: c, fallback: [], expand: {} }",
      [
        'LK0003 secrets[0].name: find and "name" cannot both be set at line 1, column 36. Fix: remove name, or find',
        'LK0003 secrets[0].fallback: find and "fallback" cannot both be set at line 1, column 45. Fix: remove fallback',
      ],
    ],
    [
      "{ store: a, find: { prefix: b } }",
      ["LK0003 secrets[0].files: files is missing or empty at line 1, column 3. Fix: write a list: [{ path: ... }]"],
    ],
  ];
  it.each(rows)("%s", async (entry, problems) => {
    expect(await problemsOf("latchkey", { stores, secrets: `- ${entry}` }, { profiles })).toEqual(problems);
  });
});
