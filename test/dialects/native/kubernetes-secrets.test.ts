import { describe, expect, it } from "vitest";
import { planOf, problemsOf } from "../plan-of.ts";

const stores = 'vault: { kind: vault, address: "https://vault:8200", role: shop }';
const secrets = `
- store: vault
  name: secret/data/db
  as: db
  files: [{ path: db/username, key: username }, { path: db/password, key: password }]
`;
const templates = '- { path: app.env, content: "PASSWORD={{ db.password }}" }';
const listForm = "Fix: write a list: - { name: db, data: { password: { file: db/password } } }";
const dataForm = 'Fix: write data: { password: { file: db/password }, url: { template: "..." } }';

/** The plan's Secrets for a text of the parameter. */
async function secretsOf(kubernetesSecrets: string) {
  return (await planOf("latchkey", { stores, secrets, templates, kubernetesSecrets })).kubernetesSecrets;
}

/** The problems of a text of the parameter. */
async function problems(kubernetesSecrets: string, more: Readonly<Record<string, string>> = {}) {
  return await problemsOf("latchkey", { stores, secrets, templates, kubernetesSecrets, ...more });
}

describe("kubernetesSecrets", () => {
  it("name Secrets that are made of files and templates", async () => {
    const text = `
- name: shop-db
  type: basic-auth
  data:
    username: { file: db/username }
    password: { file: db/password }
    url: { template: "postgres://{{ db.username }}@db" }
    __proto__: { file: app.env }
  labels: { example.com/team: shop }
  annotations: { note: "a text of any kind" }
  immutable: true
- name: env
  data: { .env: { file: app.env } }
`;
    expect(await secretsOf(text)).toEqual([
      {
        name: "shop-db",
        subject: "kubernetesSecrets[0]",
        type: "kubernetes.io/basic-auth",
        immutable: true,
        labels: new Map([["example.com/team", "shop"]]),
        annotations: new Map([["note", "a text of any kind"]]),
        data: new Map<string, unknown>([
          ["username", { kind: "file", path: "db/username" }],
          ["password", { kind: "file", path: "db/password" }],
          ["url", { kind: "template", text: "postgres://{{ db.username }}@db", names: new Map([["db", "secret-0"]]) }],
          ["__proto__", { kind: "file", path: "app.env" }],
        ]),
      },
      {
        name: "env",
        subject: "kubernetesSecrets[1]",
        type: "Opaque",
        immutable: false,
        labels: new Map(),
        annotations: new Map(),
        data: new Map([[".env", { kind: "file", path: "app.env" }]]),
      },
    ]);
  });

  it.each(["kubernetes.io/tls", "tls"])("take the type %s", async (type) => {
    const data = "{ tls.crt: { file: db/username }, tls.key: { file: db/password } }";
    expect((await secretsOf(`- { name: a, type: ${type}, data: ${data} }`))?.[0]?.type).toBe("kubernetes.io/tls");
  });

  it("may take files that only the store can name", async () => {
    const open = "- { store: vault, name: a, expand: { path: tls/ } }";
    const text = "- { name: a, data: { crt: { file: tls/crt } } }";
    expect(await problemsOf("latchkey", { stores, secrets: open, kubernetesSecrets: text })).toEqual([]);
  });

  const types = "there are Opaque, dockerconfigjson, tls, basic-auth, ssh-auth";
  const one = "data: { a: { file: app.env } }";
  it.each<readonly [string, readonly string[]]>([
    ["a: b", [`LK0003 kubernetesSecrets: a list is needed, not a map at line 1, column 1. ${listForm}`]],
    [
      "- {}",
      [
        "LK0003 kubernetesSecrets[0]: name is missing or empty at line 1, column 3. Fix: write the name of the Secret, in the pod's namespace",
        `LK0003 kubernetesSecrets[0].data: data is missing or empty at line 1, column 3. ${dataForm}`,
      ],
    ],
    [
      `- { name: a, ${one}, typ: tls }`,
      ['LK0003 kubernetesSecrets[0].typ: unknown field "typ" at line 1, column 46. Fix: did you mean "type"?'],
    ],
    [
      `- { name: a, type: kubernetes.io/service-account-token, ${one} }`,
      [
        `LK0003 kubernetesSecrets[0].type: "kubernetes.io/service-account-token" is refused: Kubernetes itself would take its content for a credential of the cluster; ${types} at line 1, column 20`,
      ],
    ],
    [
      `- { name: a, type: service-account-token, ${one} }`,
      [
        `LK0003 kubernetesSecrets[0].type: "service-account-token" is refused: Kubernetes itself would take its content for a credential of the cluster; ${types} at line 1, column 20`,
      ],
    ],
    [
      `- { name: a, type: bootstrap.kubernetes.io/token, ${one} }`,
      [
        `LK0003 kubernetesSecrets[0].type: "bootstrap.kubernetes.io/token" is refused: Kubernetes itself would take its content for a credential of the cluster; ${types} at line 1, column 20`,
      ],
    ],
    [
      `- { name: a, type: helm.sh/release.v1, ${one} }`,
      [
        `LK0003 kubernetesSecrets[0].type: "helm.sh/release.v1" is not a type of Secret that Latchkey makes; ${types} at line 1, column 20`,
      ],
    ],
    [
      `- { name: a, type: tls, ${one} }`,
      [
        'LK0003 kubernetesSecrets[0].data: a Secret of type kubernetes.io/tls needs "tls.crt" and "tls.key" at line 1, column 25. Fix: add it, or choose another type',
      ],
    ],
    [
      `- { name: a, type: basic-auth, ${one} }`,
      [
        'LK0003 kubernetesSecrets[0].data: a Secret of type kubernetes.io/basic-auth needs "username" or "password" at line 1, column 32. Fix: add it, or choose another type',
      ],
    ],
    [
      `- { name: a, type: dockerconfigjson, ${one} }`,
      [
        'LK0003 kubernetesSecrets[0].data: a Secret of type kubernetes.io/dockerconfigjson needs ".dockerconfigjson" at line 1, column 38. Fix: add it, or choose another type',
      ],
    ],
    [
      `- { name: a, type: ssh-auth, ${one} }`,
      [
        'LK0003 kubernetesSecrets[0].data: a Secret of type kubernetes.io/ssh-auth needs "ssh-privatekey" at line 1, column 30. Fix: add it, or choose another type',
      ],
    ],
    [
      `- { name: ../kube-system/a, ${one} }`,
      [
        'LK0003 kubernetesSecrets[0].name: "../kube-system/a" is not a name of a Secret: not made of small letters, digits, - and . alone, or begins or ends with - or . at line 1, column 5. Fix: choose another name, such as shop-db',
      ],
    ],
    [
      `- { name: ${"a".repeat(243)}, immutable: true, ${one} }`,
      [
        `LK0003 kubernetesSecrets[0].name: "${"a".repeat(243)}" is not a name of a Secret: longer than 242 characters at line 1, column 5. Fix: choose another name, such as shop-db`,
      ],
    ],
    [
      "- { name: a, data: { a/b: { file: app.env } } }",
      [
        'LK0003 kubernetesSecrets[0].data."a/b": not a key of a Secret: not made of letters, digits, -, _ and . alone at line 1, column 22. Fix: rename the key',
      ],
    ],
    [
      "- { name: a, data: { ..a: { file: app.env } } }",
      [
        'LK0003 kubernetesSecrets[0].data."..a": not a key of a Secret: `.`, or begins with `..` at line 1, column 22. Fix: rename the key',
      ],
    ],
    [
      "- { name: a, data: { a: { file: app.evn } } }",
      [
        'LK0003 kubernetesSecrets[0].data.a.file: the volume has no file "app.evn" at line 1, column 27. Fix: did you mean "app.env"?',
      ],
    ],
    [
      '- { name: a, data: { a: { file: app.env, template: "" } } }',
      [`LK0003 kubernetesSecrets[0].data.a: file or template is needed, one of them at line 1, column 25. ${dataForm}`],
    ],
    [
      '- { name: a, data: { a: { template: "{{ bd.password }}" } } }',
      [
        'LK0003 kubernetesSecrets[0].data.a.template: no secret has the name "bd"; there are db at line 1, column 27. Fix: did you mean "db"?',
      ],
    ],
    [
      `- { name: a, ${one}, labels: { a/b/c: x, x: "not a label", app.kubernetes.io/managed-by: me, latchkey/content: x } }`,
      [
        'LK0003 kubernetesSecrets[0].labels."a/b/c": not a key of Kubernetes: has more than one / at line 1, column 56. Fix: rename it',
        "LK0003 kubernetesSecrets[0].labels.x: not a value of a label: not letters, digits, -, _ and ., 63 at most at line 1, column 66. Fix: write another",
        'LK0003 kubernetesSecrets[0].labels."app.kubernetes.io/managed-by": Latchkey writes this itself at line 1, column 84. Fix: remove it',
        'LK0003 kubernetesSecrets[0].labels."latchkey/content": Latchkey writes this itself at line 1, column 118. Fix: remove it',
      ],
    ],
    [
      `- { name: a, ${one}, immutable: yes }`,
      ['LK0003 kubernetesSecrets[0].immutable: "yes" is neither true nor false at line 1, column 57'],
    ],
    [
      `[{ name: a, ${one} }, { name: a, ${one} }]`,
      [
        'LK0003 kubernetesSecrets[1].name: kubernetesSecrets[0] has the name "a" already at line 1, column 47. Fix: choose another name',
      ],
    ],
  ])("problems of %s", async (text, expected) => {
    expect(await problems(text)).toEqual(expected);
  });

  it("are refused where there are far too many", async () => {
    const many = Array.from({ length: 257 }, (_, index) => `- { name: a${index}, ${one} }`).join("\n");
    expect(await problems(many)).toEqual([
      "LK0003 kubernetesSecrets: more than 256 Secrets. Fix: use several SecretProviderClasses",
    ]);
  });
});
