import { describe, expect, it } from "vitest";
import { problemsOf } from "../plan-of.ts";

const stores = "aws: { kind: aws-secrets-manager, region: eu-west-1 }";
const secret = (more: string) => `- { store: aws, name: a, ${more} }`;
const file = (more: string) => secret(`files: [{ path: f, ${more} }]`);

describe("problems of what becomes of a secret", () => {
  const rows: readonly (readonly [secrets: string, problems: readonly string[]])[] = [
    [
      file("decode: rot13"),
      [
        'LK0003 secrets[0].files[0].decode: "rot13" is not known; write one of base64, base64url, hex at line 1, column 53',
      ],
    ],
    [
      file("decode: base46"),
      ['LK0003 secrets[0].files[0].decode: "base46" is not known; did you mean "base64"? at line 1, column 53'],
    ],
    [file("format: pem"), []],
    [
      file("alias: shop"),
      [
        'LK0003 secrets[0].files[0].alias: "alias" needs format: pkcs12 at line 1, column 45. Fix: write format: pkcs12 beside it',
      ],
    ],
    [
      file("format: pkcs12, password: hunter2"),
      [
        "LK0003 secrets[0].files[0].password: a password stands in a secret, not here at line 1, column 71. Fix: write the name that another secret has by `as`: { secret: name, key: path of the text in it }",
      ],
    ],
    [
      file("format: jks, password: { secret: pw }"),
      [
        'LK0003 secrets[0].files[0].password: no secret has the name "pw". Fix: give the secret with the password a name, by `as`',
      ],
    ],
    [
      file("format: pem, part: cert, password: { secret: pw }"),
      [
        'LK0003 secrets[0].files[0].password: no secret has the name "pw". Fix: give the secret with the password a name, by `as`',
      ],
    ],
    [
      file("format: json, password: { secret: pw }"),
      [
        'LK0003 secrets[0].files[0].password: "password" needs format: pkcs12, or format: pem to open a file with it at line 1, column 59. Fix: write one of them beside it',
      ],
    ],
    [
      file("part: key"),
      [
        "LK0003 secrets[0].files[0].part: part needs format: pem at line 1, column 45. Fix: write format: pem beside it",
      ],
    ],
    [
      file("for: bash"),
      [
        "LK0003 secrets[0].files[0].for: for needs format: dotenv at line 1, column 45. Fix: write format: dotenv beside it",
      ],
    ],
    [
      file("format: dotenv, for: bsah"),
      ['LK0003 secrets[0].files[0].for: "bsah" is not known; did you mean "bash"? at line 1, column 66'],
    ],
    [
      file("key: a, jmesPath: b"),
      [
        "LK0003 secrets[0].files[0].jmesPath: key and jmesPath cannot both be set at line 1, column 53. Fix: keep one of them",
      ],
    ],
    [
      file("jmesPath: 'a['"),
      [
        `LK0003 secrets[0].files[0].jmesPath: "a[" is not a JMESPath: not a JMESPath expression at line 1, column 55. Fix: write a JMESPath such as db.password; a name with other characters in quotes: '"api-key"'`,
      ],
    ],
    [
      secret("expand: { include: '(' }"),
      [
        "LK0003 secrets[0].expand.include: not a regular expression of RE2's syntax. Fix: write a regular expression, such as ^(crt|key)$",
      ],
    ],
    [
      secret("expand: { rename: [a] }"),
      [
        "LK0003 secrets[0].expand.rename: a map is needed, not a list at line 1, column 44. Fix: write a map from a key to the name of its file: { tls.crt: cert.pem }",
      ],
    ],
    [
      secret("expand: { prefix: a }"),
      ['LK0003 secrets[0].expand.prefix: unknown field "prefix" at line 1, column 36. Fix: write it in find'],
    ],
    [
      secret("files: [{ path: f }], optional: maybe"),
      ['LK0003 secrets[0].optional: "maybe" is neither true nor false at line 1, column 58'],
    ],
    [
      secret("as: a-b"),
      ['LK0003 secrets[0].as: "a-b" is not a name: write letters, digits and _ at line 1, column 30'],
    ],
    [
      `${secret("as: db")}\n- { store: aws, name: b, as: db }`,
      ['LK0003 secrets[1].as: secrets[0] has the name "db" already. Fix: choose another name'],
    ],
  ];
  it.each(rows)("%s", async (secrets, problems) => {
    expect(await problemsOf("latchkey", { stores, secrets })).toEqual(problems);
  });
});

describe("problems of templates", () => {
  const rows: readonly (readonly [templates: string, problems: readonly string[]])[] = [
    ["a", [expect.stringContaining("LK0003 templates: a list is needed, not text at line 1, column 1")]],
    ["- { path: f }", [expect.stringContaining("LK0003 templates[0]: content is missing at line 1, column 3")]],
    [
      "- { content: x }",
      ["LK0003 templates[0]: path is missing or empty at line 1, column 3. Fix: write the file's relative path"],
    ],
    [
      '- { path: f, content: "{{ dbx.a }}" }',
      [
        'LK0003 templates[0].content: no secret has the name "dbx"; there are db at line 1, column 14. Fix: did you mean "db"?',
      ],
    ],
    [
      '- { path: f, content: "{{ db.a | nofilter }}" }',
      [
        expect.stringMatching(
          /undefined filter: nofilter at line 1, column 1\. Fix: there are abs, append, .*url_encode, .*yaml_quote/,
        ),
      ],
    ],
    [
      '- { path: f, content: "{{ db.a | url_encod }}" }',
      ["LK0003 templates[0].content: undefined filter: url_encod at line 1, column 1. Fix: did you mean url_encode?"],
    ],
    ...[
      "{% include 'x' %}",
      "{% render 'x' %}",
      "{% layout 'x' %}",
      "{% liquid echo 1 %}",
      "{% tablerow a in b %}",
    ].map((text): [string, readonly string[]] => [
      `- { path: f, content: "${text}" }`,
      [expect.stringMatching(/^LK0003 templates\[0\]\.content: /)],
    ]),
    ...["date: '%s'", "sample", "where_exp: 'x', 'y'", "inspect", "hmac_sha256: 'k'"].map(
      (filter): [string, readonly string[]] => [
        `- { path: f, content: "{{ db.a | ${filter} }}" }`,
        [expect.stringMatching(/^LK0003 templates\[0\]\.content: undefined filter: /)],
      ],
    ),
    ['- { path: f, content: "{% if db.a %}" }', [expect.stringMatching(/^LK0003 templates\[0\]\.content: /)]],
    [
      `- { path: f, content: "${"x".repeat(65_537)}" }`,
      [expect.stringContaining("LK0003 templates[0].content: longer than 65536 characters")],
    ],
    // The library's time grows with the square of such a length: the last took 50 s.
    ...[`{{ db.a | append: ${"db.a,".repeat(12_000)} }}`, `{% if ${"db.a and ".repeat(7_000)}x %}{% endif %}`].map(
      (content): [string, readonly string[]] => [
        `- { path: f, content: "${content}" }`,
        [expect.stringContaining("LK0003 templates[0].content: a tag or an output is longer than 2048 characters")],
      ],
    ),
    [`- { path: f, content: "{{ db.a | append: '${"x".repeat(2_000)}' }}" }`, []],
    [
      "- { path: g, content: x }",
      [expect.stringContaining('LK0003 templates[0].path: "g": the path is already taken by secrets[0].files[0].path')],
    ],
  ];
  it.each(rows)("%s", async (templates, problems) => {
    const secrets = secret("as: db, files: [{ path: g }]");
    expect(await problemsOf("latchkey", { stores, secrets, templates })).toEqual(problems);
  });
});
