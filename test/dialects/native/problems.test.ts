import { describe, expect, it } from "vitest";
import type { Profile } from "../../../src/config/profile.ts";
import { storeKinds } from "../../../src/stores/index.ts";
import { type Parameters, problemsOf } from "../plan-of.ts";

const profiles: readonly Profile[] = [
  { name: "demo-files", kind: "file", settings: { directory: "/srv" } },
  { name: "billing-files", kind: "file", namespaces: ["billing"], settings: { directory: "/srv" } },
  { name: "broken", kind: "file", namespaces: ["shop"], settings: { directory: "srv", mode: 1 } },
  { name: "odd", kind: "floppy", namespaces: ["shop"], settings: {} },
];

const stores = "aws: { kind: aws-secrets-manager, region: eu-west-1 }";
const secrets = "- { store: aws, name: a, files: [{ path: f }] }";
const storesForm =
  "Fix: write a map from a name of your choice to settings: vault: { kind: vault, address: ..., role: ... }";
const kindFix = `Fix: write one of ${storeKinds.join(", ")}, or name an operator's profile with \`profile\``;
const secretsForm = "Fix: write a list: - { store: ..., name: ..., files: [{ path: ... }] }, or [] for none";
const filesFix = "Fix: write a list: [{ path: ... }]";
const pathFix = "Fix: write the file's relative path in the volume";
const modeFix = 'Fix: write permission bits in octal, from 0 to 0777, such as "0444"';
const collisionFix =
  "Fix: give a relative path of plain names, such as db/password, that no other file of this volume has";
const nameNeeded = 'a name is needed; names that hold one of . [ ] " need double quotes';

function problems(parameters: Parameters): Promise<readonly string[]> {
  return problemsOf("latchkey", parameters, { profiles });
}

describe("problems of native parameters", () => {
  const rows: readonly (readonly [parameters: Parameters, problems: readonly string[]])[] = [
    [{}, [`LK0003 secrets: the parameter is missing or empty. ${secretsForm}`]],
    [
      { stores, secret: secrets },
      [
        'LK0003 secret: unknown parameter "secret". Fix: did you mean "secrets"?',
        `LK0003 secrets: the parameter is missing or empty. ${secretsForm}`,
      ],
    ],
    [
      { stores, secrets, objects: "" },
      [
        'LK0003 objects: unknown parameter "objects". Fix: it is a parameter of provider vault, openbao, aws or azure: correct the provider, or have `latchkey convert` write the native form',
      ],
    ],
    [{ stores, secrets, kubernetesSecrets: "" }, []],
    [
      { stores: "[]", secrets: "a" },
      [
        `LK0003 stores: a map is needed, not a list at line 1, column 1. ${storesForm}`,
        `LK0003 secrets: a list is needed, not text at line 1, column 1. ${secretsForm}`,
      ],
    ],
    [
      { stores: "a: {", secrets: "[" },
      [
        "LK0003 stores: the bracket that opens here is not closed at line 1, column 4. Fix: close it",
        "LK0003 secrets: the bracket that opens here is not closed at line 1, column 1. Fix: close it",
      ],
    ],
  ];
  for (const [parameters, expected] of rows) {
    it(JSON.stringify(parameters), async () => {
      expect(await problems(parameters)).toEqual(expected);
    });
  }
});

describe("problems of native stores", () => {
  const rows: readonly (readonly [stores: string, problems: readonly string[]])[] = [
    ["a: 5", [`LK0003 stores.a: a map is needed, not text at line 1, column 4. ${storesForm}`]],
    ["a: {}", [`LK0003 stores.a: kind is missing or empty at line 1, column 1. ${kindFix}`]],
    ["a:", [`LK0003 stores.a: kind is missing or empty at line 1, column 1. ${kindFix}`]],
    [
      "a: { kind: [b] }",
      [
        "LK0003 stores.a.kind: text is needed, not a list at line 1, column 12. Fix: write one text, in quotes if it begins with a bracket",
      ],
    ],
    [
      "a: { kind: valt }",
      ['LK0003 stores.a.kind: unknown kind of store "valt" at line 1, column 6. Fix: did you mean "vault"?'],
    ],
    [
      "a: { kind: redis }",
      [
        `LK0003 stores.a.kind: unknown kind of store "redis" at line 1, column 6. Fix: write one of ${storeKinds.join(", ")}`,
      ],
    ],
    [
      "a: { kind: kubernetes }",
      [
        `LK0004 stores.a.kind: the store "kubernetes" is not supported yet at line 1, column 6. Fix: write one of ${storeKinds.join(", ")}`,
      ],
    ],
    [
      "a: { kind: file, directory: /etc }",
      [
        "LK0020 stores.a: a file store can only be an operator's profile: write { profile: <its name> } at line 1, column 4",
      ],
    ],
    [
      "a: { kind: vault, adress: x, role: 5 }",
      [
        "LK0020 stores.a.address: is missing at line 1, column 4",
        "LK0020 stores.a.role: must be text at line 1, column 30. Fix: put it in quotes",
        'LK0020 stores.a.adress: unknown field "adress" at line 1, column 19. Fix: did you mean "address"?',
      ],
    ],
    [
      "a: { kind: vault, address: 'ftp://u:hunter2@x', role: r }",
      [
        "LK0020 stores.a.address: the address of the Vault server is not of the form https://host:port: write https://host[:port][/base], without user, query or fragment, or unix:///path at line 1, column 19",
      ],
    ],
    [
      "a: { kind: vault, address: 'https://x', role: r, caFile: /etc/passwd }",
      [
        'LK0020 stores.a.caFile: unknown field "caFile" at line 1, column 50. Fix: write one of kind, flavour, address, auth, role, mount, namespace, audience, ca, tlsServerName',
      ],
    ],
    [
      "a: { kind: aws-secrets-manager, region: eu.west }",
      ["LK0020 stores.a.region: must be a region, such as eu-west-1 at line 1, column 33"],
    ],
    [
      "a: { kind: aws-secrets-manager, region: r, __proto__: { a: 1 } }",
      [
        'LK0020 stores.a.__proto__: unknown field "__proto__" at line 1, column 44. Fix: write one of kind, region, roleArn, podIdentity, assumeRoleArn, assumeRoleExternalId, sessionTags',
      ],
    ],
    [
      "{ a: { kind: vault }, a: { kind: vault } }",
      [`LK0003 stores: key "a" appears twice (first at line 1) at line 1, column 23. ${storesForm}`],
    ],
    [
      "a: { profile: demo-fils }",
      ['LK0020 stores.a.profile: there is no profile "demo-fils". Fix: did you mean "demo-files"?'],
    ],
    [
      "a: { profile: other }",
      ['LK0020 stores.a.profile: there is no profile "other". Fix: write one of demo-files, broken, odd'],
    ],
    [
      "a: { profile: billing-files }",
      [
        'LK0021 stores.a.profile: profile "billing-files" may not be used from namespace "shop". Fix: use another profile, or have the operator add the namespace to this one',
      ],
    ],
    [
      "a: { profile: demo-files, directory: /etc }",
      [
        'LK0003 stores.a: "directory" next to `profile`: a profile\'s settings cannot be changed here at line 1, column 27. Fix: remove directory, or have the operator change the profile',
      ],
    ],
    [
      "a: { profile: }",
      ["LK0003 stores.a: profile is missing or empty at line 1, column 6. Fix: write the profile's name"],
    ],
    [
      "a: { profile: broken }",
      [
        'LK0020 stores.a, profile "broken": directory: must be an absolute path. Fix: have the operator correct the profile in the file that --config names',
        'LK0020 stores.a, profile "broken": mode: unknown field "mode". Fix: have the operator correct the profile in the file that --config names',
      ],
    ],
    [
      "a: { profile: odd }",
      [
        'LK0020 stores.a, profile "odd": unknown kind of store "floppy". Fix: have the operator correct the profile in the file that --config names',
      ],
    ],
  ];
  for (const [text, expected] of rows) {
    it(text, async () => {
      expect(await problems({ stores: text, secrets: "[]" })).toEqual(expected);
    });
  }

  it("say that the operator keeps no profile at all", async () => {
    expect(await problemsOf("latchkey", { stores: "a: { profile: b }", secrets: "[]" })).toEqual([
      'LK0020 stores.a.profile: there is no profile "b". Fix: ask the operator for a profile: namespace "shop" has none',
    ]);
  });
});

describe("problems of native secrets", () => {
  const rows: readonly (readonly [secrets: string, problems: readonly string[]])[] = [
    ["- 5", ["LK0003 secrets[0]: a map is needed, not text at line 1, column 3"]],
    [
      "- {}",
      [
        "LK0003 secrets[0]: store is missing or empty at line 1, column 3. Fix: write the name of an entry of `stores`: aws",
        `LK0003 secrets[0].files: files is missing or empty at line 1, column 3. ${filesFix}`,
      ],
    ],
    [
      "- { store: was, name: a, files: [{ path: f }] }",
      ['LK0003 secrets[0].store: `stores` has no "was" at line 1, column 12. Fix: did you mean "aws"?'],
    ],
    ["- { store: aws, files: [{ path: f }] }", ["LK0003 secrets[0].name: is missing at line 1, column 3"]],
    [
      "- { store: aws, nam: a, fils: [] }",
      [
        "LK0003 secrets[0].name: is missing at line 1, column 3",
        'LK0003 secrets[0].nam: unknown field "nam" at line 1, column 17. Fix: did you mean "name"?',
        'LK0003 secrets[0].fils: unknown field "fils" at line 1, column 25. Fix: did you mean "files"?',
        `LK0003 secrets[0].files: files is missing or empty at line 1, column 3. ${filesFix}`,
      ],
    ],
    [
      "- { store: aws, name: a, files: f }",
      [`LK0003 secrets[0].files: a list is needed, not text at line 1, column 33. ${filesFix}`],
    ],
    [
      "- { store: aws, name: a, files: [] }",
      [`LK0003 secrets[0].files: files is missing or empty at line 1, column 33. ${filesFix}`],
    ],
    [
      "- { store: aws, name: a, files: [f] }",
      ["LK0003 secrets[0].files[0]: a map is needed, not text at line 1, column 34"],
    ],
    [
      "- { store: aws, name: a, files: [{ pth: f }] }",
      [
        'LK0003 secrets[0].files[0].pth: unknown field "pth" at line 1, column 36. Fix: did you mean "path"?',
        `LK0003 secrets[0].files[0]: path is missing or empty at line 1, column 34. ${pathFix}`,
      ],
    ],
    [
      "- { store: aws, name: a, files: [{ path: f, key: '' }] }",
      ['LK0003 secrets[0].files[0].key: "" is not a key: a key must not be empty at line 1, column 50'],
    ],
    [
      "- { store: aws, name: a, files: [{ path: f, key: a..b }] }",
      [`LK0003 secrets[0].files[0].key: "a..b" is not a key: ${nameNeeded} at line 1, column 50`],
    ],
    [
      "- { store: aws, name: a, files: [{ path: f, mode: 0888 }] }",
      [`LK0003 secrets[0].files[0].mode: "0888" is not a file mode at line 1, column 51. ${modeFix}`],
    ],
    [
      "- { store: aws, name: a, files: [{ path: f, mode: 1777 }] }",
      [`LK0003 secrets[0].files[0].mode: "1777" is not a file mode at line 1, column 51. ${modeFix}`],
    ],
    [
      "- { store: aws, name: a, files: [{ path: f, mode: 0x1f }] }",
      [`LK0003 secrets[0].files[0].mode: "0x1f" is not a file mode at line 1, column 51. ${modeFix}`],
    ],
    ...(
      [
        ["420", "0420", "0644"],
        ["436", "0436", "0664"],
        ["416", "0416", "0640"],
        ["256", "0256", "0400"],
        ["511", "0511", "0777"],
      ] as const
    ).map(([text, octal, meant]): [string, string[]] => [
      `- { store: aws, name: a, files: [{ path: f, mode: ${text} }] }`,
      [
        `LK0003 secrets[0].files[0].mode: "${text}" is octal, and ${octal} cannot be meant: it lets users write or execute who cannot read, or gives others more than the owner at line 1, column 51. Fix: write "${meant}", which is ${text} as a decimal number`,
      ],
    ]),
    [
      `- { store: aws, name: a, expand: { separator: "${"-".repeat(65)}", path: "${"p".repeat(4_097)}" } }`,
      [
        "LK0003 secrets[0].expand.path: it is longer than 4096 bytes at line 1, column 122",
        "LK0003 secrets[0].expand.separator: it is longer than 64 bytes at line 1, column 47",
      ],
    ],
    [
      "- { store: aws, name: a, expand: { mode: 384 } }",
      [
        'LK0003 secrets[0].expand.mode: "384" is not a file mode at line 1, column 42. Fix: write "0600", which is 384 as a decimal number',
      ],
    ],
    [
      '- { store: aws, name: a, files: [{ path: f, mode: "0204" }] }',
      [
        `LK0003 secrets[0].files[0].mode: "0204" is octal, and 0204 cannot be meant: it lets users write or execute who cannot read, or gives others more than the owner at line 1, column 51. ${modeFix}`,
      ],
    ],
    [
      "- { store: aws, name: a, files: [{ path: f, mode: u=r }] }",
      [`LK0003 secrets[0].files[0].mode: "u=r" is not a file mode at line 1, column 51. ${modeFix}`],
    ],
    [
      "- { store: aws, name: a, files: [{ path: f, mode: [] }] }",
      [`LK0003 secrets[0].files[0].mode: text is needed, not a list at line 1, column 51. ${modeFix}`],
    ],
    [
      "- { store: aws, name: a, files: [{ path: f }, { path: f }] }",
      [`LK0003 secrets[0].files[1].path: "f": the path is already taken by secrets[0].files[0].path. ${collisionFix}`],
    ],
    [
      "- { store: aws, name: a, files: [{ path: a/b/c }] }\n- { store: aws, name: b, files: [{ path: a/b }, { path: a/bc }] }",
      [
        `LK0003 secrets[0].files[0].path: "a/b/c": it needs a directory where secrets[1].files[0].path puts a file. ${collisionFix}`,
      ],
    ],
    [
      "- { store: aws, name: a, files: [{ path: f, mode: 9 }] }\n- { store: no, name: b, files: [{ path: f }] }",
      [
        `LK0003 secrets[0].files[0].mode: "9" is not a file mode at line 1, column 51. ${modeFix}`,
        'LK0003 secrets[1].store: `stores` has no "no" at line 2, column 12. Fix: write one of aws',
      ],
    ],
    ["- ".repeat(20_000), [`LK0003 secrets: YAML nests deeper than 200 levels at line 1, column 400. ${secretsForm}`]],
  ];
  for (const [text, expected] of rows) {
    it(text.slice(0, 120), async () => {
      expect(await problems({ stores, secrets: text })).toEqual(expected);
    });
  }

  for (const word of ["refresh", "maxStale", "spread"]) {
    it(`refuse a ${word} that is no duration`, async () => {
      const text = `- store: aws\n  name: a\n  files: [{ path: f }]\n  ${word}: soon\n`;
      expect(await problems({ stores, secrets: text })).toEqual([
        `LK0003 secrets[0].${word}: "soon" is not a duration: allowed is a number with its unit (ms, s, m or h) of at most 24 days, such as 500ms, 10s or 2m at line 4, column ${word.length + 5}`,
      ]);
    });
  }
});
