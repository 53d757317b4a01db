import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { classOf, lintText, sentences } from "./lint-of.ts";
import { secretRows } from "./secret-object-rows.ts";

const parameters = {
  roleName: "r",
  vaultAddress: "https://v",
  objects: "- { objectName: a, secretPath: b }\n- { objectName: tls/crt, secretPath: c }\n",
};

/** A class of two files, `a` and `tls/crt`, with `secretObjects`. */
function withSecrets(secretObjects: unknown): string {
  const text = stringify(
    { secretObjects },
    { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0 },
  );
  return classOf("vault", parameters, text.replace(/^(?=.)/gm, "  "));
}

async function said(text: string): Promise<readonly string[]> {
  return sentences((await lintText(text)).findings);
}

const secret = (fields: object) => [
  { secretName: "s", type: "Opaque", data: [{ objectName: "a", key: "k" }], ...fields },
];
const data = (...keys: readonly string[]) => keys.map((key) => ({ objectName: "a", key }));

describe("lint of secretObjects", () => {
  it.each(secretRows)("agrees with Kubernetes about $what", async ({ name, type, keys, isTaken }) => {
    const findings = await said(withSecrets([{ secretName: name, type, data: data(...keys) }]));
    expect([findings.some((each) => each.startsWith("error bad-secret-object")), findings]).toEqual([
      !isTaken,
      isTaken ? [] : expect.anything(),
    ]);
  });

  it.each([
    [
      "other keys than those of tls, which the driver refuses",
      secret({ type: "kubernetes.io/tls", data: data("tls.crt", "tls.key", "ca.crt") }),
      'error bad-secret-object secretObjects[0].data[2].key: the driver does not make a key "ca.crt" in a Secret of type kubernetes.io/tls: write tls.crt or tls.key, or choose another type',
    ],
    [
      "keys of tls that are nearly right",
      secret({ type: "kubernetes.io/tls", data: data("tls.crt", "tls.keys") }),
      'error bad-secret-object secretObjects[0].data[1].key: the driver does not make a key "tls.keys" in a Secret of type kubernetes.io/tls: write tls.crt or tls.key, or choose another type',
    ],
    [
      "a missing key",
      secret({ type: "kubernetes.io/dockerconfigjson", data: data("config.json") }),
      'error bad-secret-object secretObjects[0].data: a Secret of type kubernetes.io/dockerconfigjson needs ".dockerconfigjson": add it, or choose another type',
    ],
    [
      "a name that Kubernetes refuses",
      secret({ secretName: "My_Secret" }),
      'error bad-secret-object secretObjects[0].secretName: "My_Secret" is not a name of a Secret: not made of small letters, digits, - and . alone, or begins or ends with - or .: choose another name, such as shop-db',
    ],
    [
      "a key that Kubernetes refuses",
      secret({ data: data("db/password") }),
      'error bad-secret-object secretObjects[0].data[0].key: "db/password" is not a key of a Secret: not made of letters, digits, -, _ and . alone: rename the key',
    ],
    [
      "a key that appears twice",
      secret({ data: data("k", "k ") }),
      'error bad-secret-object secretObjects[0].data[1].key: "k" appears twice: one overwrites the other: rename one of them',
    ],
    [
      "a type in the wrong case",
      secret({ type: "opaque" }),
      'warning unknown-secret-type secretObjects[0].type: Kubernetes takes "opaque" for a type of your own: did you mean "Opaque"?',
    ],
    [
      "a type that is misspelt",
      secret({ type: "kubernetes.io/tsl", data: data("tls.crt", "tls.key") }),
      'warning unknown-secret-type secretObjects[0].type: Kubernetes takes "kubernetes.io/tsl" for a type of your own: did you mean "kubernetes.io/tls"?',
    ],
    [
      "a type without its group",
      secret({ type: "dockerconfigjson", data: data(".dockerconfigjson") }),
      'warning unknown-secret-type secretObjects[0].type: Kubernetes takes "dockerconfigjson" for a type of your own: did you mean "kubernetes.io/dockerconfigjson"?',
    ],
    [
      "a boolean for a name",
      withSecrets(secret({})).replace('secretName: "s"', "secretName: n"),
      "error bad-secret-object secretObjects[0].secretName: secretName is the boolean false to Kubernetes, not text: put it in quotes",
    ],
    [
      "a number for a key",
      withSecrets(secret({})).replace('key: "k"', "key: 1"),
      "error bad-secret-object secretObjects[0].data[0].key: key is a number to Kubernetes, not text: put it in quotes",
    ],
    [
      "a map for the list",
      { secretName: "s" },
      "error bad-secret-object secretObjects: secretObjects is not a list: write a list: - { secretName: ..., type: Opaque, data: [...] }",
    ],
    [
      "a label that Kubernetes refuses",
      secret({ labels: { app: "my shop" } }),
      "error bad-secret-object secretObjects[0].labels.app: not a value of a label: not letters, digits, -, _ and ., 63 at most: write another",
    ],
    [
      "an annotation's key that Kubernetes refuses",
      secret({ annotations: { "a/b/c": "x" } }),
      'error bad-secret-object secretObjects[0].annotations."a/b/c": not a key of Kubernetes: has more than one /: rename it',
    ],
    [
      "a label that is a number",
      withSecrets(secret({ labels: { app: "x" } })).replace('app: "x"', "app: 7"),
      "error bad-secret-object secretObjects[0].labels.app: app is a number to Kubernetes, not text: put it in quotes",
    ],
    [
      "a word that nobody reads",
      secret({ secretname: "x" }),
      'warning unknown-word secretObjects[0].secretname: field "secretname" is not read: did you mean "secretName"?',
    ],
    [
      "a word of an entry",
      secret({ data: [{ objectName: "a", key: "k", name: "x" }] }),
      'warning unknown-word secretObjects[0].data[0].name: field "name" is not read: remove it',
    ],
    [
      "a file that is nearly there",
      secret({
        data: [
          { objectName: "tls/crt ", key: "k" },
          { objectName: "tls/crd", key: "l" },
        ],
      }),
      'error no-such-file secretObjects[0].data[1].objectName: the volume has no file "tls/crd", so no Secret is made: did you mean "tls/crt"?',
    ],
  ])("tells of %s", async (_, secretObjects, expected) => {
    const text = typeof secretObjects === "string" ? secretObjects : withSecrets(secretObjects);
    expect(await said(text)).toEqual([expected]);
  });

  it("trims what the driver trims", async () => {
    const padded = [
      {
        secretName: " s ",
        type: "kubernetes.io/tls ",
        data: [
          { objectName: "a ", key: " tls.crt" },
          { objectName: "\ttls/crt\n", key: "tls.key " },
        ],
      },
    ];
    expect(await said(withSecrets(padded))).toEqual([]);
    // To the driver a name of blanks is none.
    expect((await said(withSecrets(secret({ secretName: "  " })))).length).toBe(1);
  });

  it("says nothing of a service account's token with its account", async () => {
    const annotations = { "kubernetes.io/service-account.name": "web" };
    expect(await said(withSecrets(secret({ type: "kubernetes.io/service-account-token", annotations })))).toEqual([]);
  });
});
