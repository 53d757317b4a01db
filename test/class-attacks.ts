/** Parameters that are made to keep the process busy or to fill its memory, of one dialect. */
export interface ClassAttack {
  readonly what: string;
  readonly dialect: "latchkey" | "vault" | "aws";
  readonly parameters: Readonly<Record<string, string>>;
}

/** Most characters of one parameter's YAML. */
const longest = 128 * 1024;

const filled = (line: (at: number) => string, [before, after] = ["", ""]) => {
  const parts = [before];
  for (let [at, length] = [0, before.length + after.length]; ; at += 1) {
    const part = line(at);
    length += part.length;
    if (length > longest) return parts.join("") + after;
    parts.push(part);
  }
};

/** SecretProviderClasses that are long in every way that a parameter can be; `url` is a server of their author. */
export function classAttacks(url: string): readonly ClassAttack[] {
  const server = `kind: vault, address: "${url}", role: r`;
  const stores = `v: { ${server} }`;
  const vault = { vaultAddress: url, roleName: "r" };
  const aws = { region: "eu-west-1", roleArn: "arn:aws:iam::123456789012:role/r" };
  const native = (what: string, secrets: string, more: Readonly<Record<string, string>> = {}): ClassAttack => ({
    what,
    dialect: "latchkey",
    parameters: { stores, secrets, ...more },
  });
  const db = "- { store: v, name: secret/data/small, as: db }";
  const find = (at: number) =>
    `- { store: v, find: { path: "secret/f${at}", pattern: "(?i)\\\\pL{1000}c" }, expand: {} }`;
  return [
    {
      what: "65,000 items on one line",
      dialect: "vault",
      parameters: { ...vault, objects: filled(() => "a,", ["[", "]"]) },
    },
    { what: "43,000 empty maps", dialect: "aws", parameters: { ...aws, objects: filled(() => "{},", ["[", "]"]) } },
    {
      what: "2,300 objects of vault",
      dialect: "vault",
      parameters: {
        ...vault,
        objects: filled((at) => `- {objectName: s${at}, secretPath: secret/data/small, secretKey: k}\n`),
      },
    },
    {
      what: "2,700 objects of aws",
      dialect: "aws",
      parameters: { ...aws, objects: filled((at) => `- objectName: s${at}\n  objectType: secretsmanager\n`) },
    },
    {
      what: "3,900 JMESPaths of aws",
      dialect: "aws",
      parameters: {
        ...aws,
        objects: filled(
          (at) => `{path: k${at}, objectAlias: a${at}},`,
          ["- objectName: s\n  objectType: secretsmanager\n  jmesPath: [", "]"],
        ),
      },
    },
    native(
      "9,400 files of one secret",
      filled((at) => `{path: f${at}},`, ["- {store: v, name: secret/data/small, files: [", "]}"]),
    ),
    native(
      "20,000 unknown fields",
      filled((at) => `a${at},`, ["- {store: v, ", "}"]),
    ),
    native("anchors", `- &a {store: v, name: secret/data/small, files: [{path: f}]}\n${"- *a\n".repeat(20_000)}`),
    native(
      "999 misspelt stores beside 1,801",
      filled((at) => `- {store: w${at}, name: n, files: [{path: f${at}}]}\n`),
      { stores: filled((at) => `v${at}: { ${server} }\n`) },
    ),
    native("a template of 13,000 outputs", db, {
      templates: JSON.stringify([{ path: "f", content: "{{a}}".repeat(13_000) }]),
    }),
    native("3,000 templates", db, { templates: filled((at) => `- {path: f${at}, content: "{{db.a}}"}\n`) }),
    native("a text of 64 KB to render", db, {
      templates: JSON.stringify([{ path: "f", content: "{% for i in (1..9999) %}{{ db.a }}{% endfor %}" }]),
    }),
    native("800 stores", "[]", {
      stores: Array.from({ length: 800 }, (_, at) => `v${at}: { ${server}, tlsServerName: n${at} }`).join("\n"),
    }),
    native(
      "800 stores that are asked",
      Array.from(
        { length: 800 },
        (_, at) => `- {store: v${at}, name: secret/data/small, files: [{path: f${at}}]}`,
      ).join("\n"),
      { stores: Array.from({ length: 800 }, (_, at) => `v${at}: { ${server}, tlsServerName: n${at} }`).join("\n") },
    ),
    native("a pattern of a thousand letters over 10,000 names", find(0)),
    native("sixty searches", Array.from({ length: 60 }, (_, at) => find(at)).join("\n")),
    native(
      "a list that is doubled over 30,000 items",
      `- { store: v, name: secret/data/long, files: [{ path: f, jmesPath: "list | [${"@,".repeat(600)}@][]" }] }`,
    ),
    native("JSON of 6 MB, a file of each key", "- { store: v, name: secret/data/large, expand: {} }"),
    native("JSON of 6 MB, a JMESPath", '- { store: v, name: secret/data/large, files: [{ path: f, jmesPath: "k1" }] }'),
    native(
      "PEM that does not end",
      "- { store: v, name: secret/data/pem, files: [{ path: f, key: v, pem: certificates }] }",
    ),
    native(
      "a separator of 100 KB",
      `- { store: v, name: secret/data/long, expand: { separator: "${"-".repeat(100_000)}" } }`,
    ),
    native(
      "a key of 2,000 parts",
      `- { store: v, name: secret/data/long, files: [{ path: f, key: "${"a.".repeat(2_000)}a" }] }`,
    ),
    native(
      "400 denials of 8 KB",
      Array.from(
        { length: 400 },
        (_, at) => `- { store: v, name: secret/data/denied${at}, files: [{ path: f${at} }] }`,
      ).join("\n"),
    ),
    native(
      "200 leases of a year",
      Array.from({ length: 200 }, (_, at) => `- { store: v, name: lease/l${at}, files: [{ path: f${at} }] }`).join(
        "\n",
      ),
    ),
    native("a server that hangs", "- { store: v, name: secret/data/hang, files: [{ path: f }] }"),
  ];
}
