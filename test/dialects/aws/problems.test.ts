import { describe, expect, it } from "vitest";
import { type Parameters, problemsOf } from "../plan-of.ts";

const type = "objectType: secretsmanager";
const good = { region: "eu-west-1", objects: `- {objectName: a, ${type}}` };
const listForm = "Fix: write a YAML list of objects: - objectName: ...";
const typeFix = "Fix: write objectType: secretsmanager or ssmparameter";
const arnFix =
  "Fix: write an ARN such as arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME or arn:aws:ssm:REGION:ACCOUNT:parameter/NAME";
const modeFix = 'Fix: write four octal digits in quotes, such as "0644"; without quotes YAML reads another number';
const modeFixFor = (mode: string) => `Fix: write "${mode}" in quotes; without them YAML reads another number`;
const translation =
  "LK0003 pathTranslation: pathTranslation must be either 'False' or a single character string. Fix: write one ASCII character, or 'False'";

const missing = (fix: string) =>
  `LK0003 objects: the parameter is missing or empty, so the volume would have no files. Fix: ${fix}`;

describe("problems of aws parameters", () => {
  const rows: readonly (readonly [what: string, parameters: Parameters, problems: readonly string[]])[] = [
    [
      "no region",
      { objects: good.objects },
      [
        "LK0003 region: no region is known: neither the SecretProviderClass nor the operator names one. Fix: set `region`, or have the operator start Latchkey with --aws-region",
      ],
    ],
    ...(["", "null", "~", "# nothing", "---\n"] as const).map((objects): [string, Parameters, string[]] => [
      `the objects ${JSON.stringify(objects)}`,
      { ...good, objects },
      [missing("list at least one object with objectName, or write [] for a volume without files")],
    ]),
    [
      "no objects",
      { region: "eu-west-1" },
      [missing("list at least one object with objectName, or write [] for a volume without files")],
    ],
    ...["object", "Objects", "objcets", "objectss"].map((name): [string, Parameters, string[]] => [
      `objects called ${name}`,
      { region: "eu-west-1", [name]: good.objects },
      [missing(`rename the parameter "${name}" to objects`)],
    ]),
    [
      "a region that would change the host",
      { ...good, region: "eu.evil.example/" },
      ['LK0003 region: "eu.evil.example/" is not a region. Fix: write one such as eu-west-1'],
    ],
    [
      "a region in capitals",
      { ...good, region: "EU-WEST-1" },
      ['LK0003 region: "EU-WEST-1" is not a region. Fix: write eu-west-1'],
    ],
    [
      "the primary region for failover",
      { ...good, failoverRegion: "eu-west-1" },
      [
        'LK0003 failoverRegion: "eu-west-1": failover region cannot be the same as the primary region. Fix: remove failoverRegion, or write another one',
      ],
    ],
    [
      "a role beside Pod Identity",
      { ...good, usePodIdentity: "true", roleArn: "arn:aws:iam::123456789012:role/x" },
      [
        "LK0003 roleArn: roleArn cannot be used with usePodIdentity: the association gives the role. Fix: remove roleArn, or set assumeRoleArn to assume a second role",
      ],
    ],
    [
      "a second role that is none, with an external id that is none",
      { ...good, assumeRoleArn: "x", assumeRoleExternalId: " " },
      [
        'LK0003 assumeRoleArn: "x" is not the ARN of a role. Fix: write arn:aws:iam::ACCOUNT:role/NAME',
        'LK0003 assumeRoleExternalId: " " is not an external id. Fix: write 2 to 1224 letters, digits or =,.@:/-+_',
      ],
    ],
    [
      "session tags without a role",
      { ...good, assumeRoleSessionTags: "a=b" },
      [
        "LK0003 assumeRoleArn: assumeRoleExternalId and assumeRoleSessionTags need assumeRoleArn. Fix: set assumeRoleArn, or remove the others",
      ],
    ],
    [
      "session tags that are none",
      { ...good, assumeRoleArn: "arn:aws:iam::123456789012:role/x", assumeRoleSessionTags: "a=b,c,=d" },
      [
        'LK0003 assumeRoleSessionTags: "c" is not a tag. Fix: write key=value,key=value',
        'LK0003 assumeRoleSessionTags: "=d" is not a tag. Fix: write key=value,key=value',
      ],
    ],
    [
      "a boolean that Go does not know",
      { ...good, usePodIdentity: "yes" },
      ['LK0003 usePodIdentity: failed to parse usePodIdentity value "yes". Fix: write true or false'],
    ],
    ["a pathTranslation of two bytes", { ...good, pathTranslation: "\u00e9" }, [translation]],
    ["a pathTranslation of two characters", { ...good, pathTranslation: "__" }, [translation]],
    [
      "a role that is none",
      { ...good, roleArn: "arn:aws:iam::1:user/x" },
      ['LK0003 roleArn: "arn:aws:iam::1:user/x" is not the ARN of a role. Fix: write arn:aws:iam::ACCOUNT:role/NAME'],
    ],
    [
      "several at once, in the order of today's checks",
      { failoverRegion: "B", usePodIdentity: "x", pathTranslation: "ab", objects: "x" },
      [
        "LK0003 region: no region is known: neither the SecretProviderClass nor the operator names one. Fix: set `region`, or have the operator start Latchkey with --aws-region",
        'LK0003 failoverRegion: "B" is not a region. Fix: write one such as eu-west-1',
        'LK0003 usePodIdentity: failed to parse usePodIdentity value "x". Fix: write true or false',
        translation,
        `LK0003 objects: a list is needed, not text at line 1, column 1. ${listForm}`,
      ],
    ],
  ];
  for (const [what, parameters, problems] of rows) {
    it(what, async () => {
      expect(await problemsOf("aws", parameters)).toEqual(problems);
    });
  }
});

const jmesPath = (entries: string, path: string, ...problems: readonly string[]) =>
  [
    `- {objectName: a, ${type}, jmesPath: ${entries}}`,
    problems.map((problem) => `LK0003 object "a", jmesPath ${path}: ${problem}`),
  ] as const;

const jmesPathRows: readonly (readonly [objects: string, problems: readonly string[]])[] = [
  jmesPath(
    "[{}]",
    '""',
    "path must be specified for JMES object. Fix: write path: the name of a key",
    "object alias must be specified for JMES object. Fix: write objectAlias: the name of its file",
  ),
  jmesPath(
    "[null]",
    '""',
    "path must be specified for JMES object. Fix: write path: the name of a key",
    "object alias must be specified for JMES object. Fix: write objectAlias: the name of its file",
  ),
  jmesPath(
    "[{path: 'a[', objectAlias: c}]",
    '"a["',
    `not a JMESPath expression. Fix: write a JMESPath such as db.password; a name with other characters in quotes: '"api-key"'`,
  ),
  jmesPath(
    "[{path: b, objectAlias: c, filePermission: 0600}]",
    '"b"',
    `invalid file permission: "384". ${modeFixFor("0600")}`,
  ),
  jmesPath(
    "[{path: b, objectAlias: ..}]",
    '"b"',
    'path can not contain ../: "..". Fix: give the object an objectAlias without ..',
  ),
  jmesPath(
    "[{path: b, objectAlias: c, stringify: maybe}]",
    '"b"',
    'stringify: "maybe" is not a boolean. Fix: write true or false',
  ),
  jmesPath(
    "[{path: b, objectAlias: c, decode: rot13}]",
    '"b"',
    'decode: "rot13" is not supported. Fix: write base64, or leave it out',
  ),
  [
    `- {objectName: a, ${type}, objectAlias: x, jmesPath: [{path: b, objectAlias: x}]}`,
    [
      'LK0003 object "a": name already in use for objectAlias: found duplicate object alias "x" in JMES path entry "b". Fix: give each entry its own objectAlias',
    ],
  ],
  [
    `- {objectName: a, ${type}, jmesPath: x}`,
    [
      "LK0003 objects[0].jmesPath: a list is needed, not text at line 1, column 57. Fix: write a list: [{ path: ..., objectAlias: ... }]",
    ],
  ],
];

describe("problems of aws objects", () => {
  const traversal = (name: string) =>
    `LK0003 object "${name}": path can not contain ../: "${name}". Fix: give the object an objectAlias without ..`;
  const twice = (subject: string, clash: string) =>
    `LK0003 object ${subject}: found descriptor with duplicate object name "a", ${clash}. Fix: give each entry its own objectAlias, or remove one`;
  const rows: readonly (readonly [objects: string, problems: readonly string[], parameters?: Parameters])[] = [
    ["a: b", [`LK0003 objects: a list is needed, not a map at line 1, column 1. ${listForm}`]],
    ["- |\n  objectName: a", [`LK0003 objects[0]: a map is needed, not text at line 1, column 3. ${listForm}`]],
    ["- null", ["LK0003 objects[0]: empty descriptor entry in SecretProviderClass. Fix: remove the empty list item"]],
    ["- {}", ["LK0003 objects[0].objectName: object name must be specified. Fix: write the secret's name or ARN"]],
    [
      "- {objectName: [a]}",
      [
        "LK0003 objects[0].objectName: text is needed, not a list at line 1, column 16. Fix: write one text, in quotes if it begins with a bracket",
      ],
    ],
    ["- objectName: a", [`LK0003 object "a": must use objectType when a full ARN is not specified: "a". ${typeFix}`]],
    [
      "- {objectName: 'ARN:a:b:c:d:e', objectAlias: x}",
      [
        `LK0003 object "ARN:a:b:c:d:e" as "x": must use objectType when a full ARN is not specified: "ARN:a:b:c:d:e". ${typeFix}`,
      ],
    ],
    ["- {objectName: 'arn:a:b'}", [`LK0003 object "arn:a:b": invalid ARN format in object name: "arn:a:b". ${arnFix}`]],
    [
      "- {objectName: 'arn:aws:secretsmanager:us-east-1:1:secret:a'}",
      [
        'LK0003 object "arn:aws:secretsmanager:us-east-1:1:secret:a": ARN region must match region eu-west-1: "arn:aws:secretsmanager:us-east-1:1:secret:a". Fix: set `region` to the region of the ARN',
      ],
    ],
    [
      "- {objectName: 'arn:aws:s3:eu-west-1:1:a'}",
      [`LK0003 object "arn:aws:s3:eu-west-1:1:a": invalid service in ARN: "s3". ${arnFix}`],
    ],
    ["- {objectName: a, objectType: ssm}", [`LK0003 object "a": invalid objectType: "ssm". ${typeFix}`]],
    [
      "- {objectName: a, objectType: SecretsManager}",
      [`LK0003 object "a": invalid objectType: "SecretsManager". ${typeFix}`],
    ],
    [
      `- {objectName: 'arn:aws:ssm:eu-west-1:1:a', ${type}}`,
      [
        'LK0003 object "arn:aws:ssm:eu-west-1:1:a": objectType does not match ARN: "arn:aws:ssm:eu-west-1:1:a". Fix: correct objectType, or leave it out',
      ],
    ],
    [
      "- {objectName: a, objectType: ssmparameter, objectVersion: 1, objectVersionLabel: b}",
      [
        'LK0003 object "a": ssm parameters can not specify both objectVersion and objectVersionLabel: "a". Fix: remove one of the two',
      ],
    ],
    [
      "- {objectName: 'a:3', objectType: ssmparameter, objectVersion: 1}",
      [
        'LK0003 object "a:3": "a:3" already names a version or label. Fix: remove it from the name, or remove objectVersion and objectVersionLabel',
      ],
    ],
    [
      `- {objectName: a, ${type}, filePermission: 0600}`,
      [`LK0003 object "a": invalid file permission: "384". ${modeFixFor("0600")}`],
    ],
    ...[
      ["0644", "420", "0644"],
      ["0440", "288", "0440"],
      ["644", "644", "0644"],
      ["440", "440", "0440"],
      ['"400"', "400", "0400"],
      ["0o444", "292", "0444"],
    ].map(([written, read, meant]): [string, string[]] => [
      `- {objectName: a, ${type}, filePermission: ${written}}`,
      [`LK0003 object "a": invalid file permission: "${read}". ${modeFixFor(meant ?? "")}`],
    ]),
    [
      `- {objectName: a, ${type}, filePermission: "0888"}`,
      [`LK0003 object "a": invalid file permission: "0888". ${modeFix}`],
    ],
    [
      `- {objectName: a, ${type}, filePermission: "0644\\n"}`,
      [
        "LK0003 objects[0].filePermission: it ends with a line break. Fix: write it on the line of its name, without | or >",
      ],
    ],
    ...jmesPathRows,
    [`- {objectName: .., ${type}}`, [traversal("..")]],
    [`- {objectName: ../a, ${type}}`, [traversal("../a")], { pathTranslation: "False" }],
    [`- {objectName: a/../b, ${type}}`, [traversal("a/../b")], { pathTranslation: "False" }],
    [`- {objectName: a/.., ${type}}`, [traversal("a/..")], { pathTranslation: "/" }],
    [`[{objectName: a, ${type}}, {objectName: a, ${type}}]`, [twice('"a"', "no object alias, and no version label")]],
    [
      `[{objectName: a, ${type}, objectVersion: 1}, {objectName: a, objectType: secretsmanager, objectVersion: 2}]`,
      [twice('"a"', "no object alias, and no version label")],
    ],
    [
      `[{objectName: a, ${type}, objectAlias: x}, {objectName: a, ${type}, objectAlias: x}]`,
      [twice('"a"', 'duplicate object alias "x", and no version label')],
    ],
    [
      `[{objectName: a, ${type}, objectVersionLabel: l}, {objectName: a, ${type}, objectVersionLabel: l}]`,
      [twice('"a"', 'no object alias, and duplicate version label "l"')],
    ],
    [
      `[{objectName: a, ${type}, objectAlias: x, objectVersionLabel: l}, {objectName: a, ${type}, objectAlias: x, objectVersionLabel: l}]`,
      [twice('"a"', 'duplicate object alias "x", and duplicate version label "l"')],
    ],
    [
      `[{objectName: a, ${type}, objectAlias: x}, {objectName: b, ${type}, objectAlias: x}]`,
      ['LK0003 object "b": found duplicate object alias "x". Fix: give each entry its own objectAlias'],
    ],
  ];
  for (const [objects, problems, parameters] of rows) {
    it(`${JSON.stringify(objects)} ${JSON.stringify(parameters ?? {})}`, async () => {
      expect(await problemsOf("aws", { ...good, objects, ...parameters })).toEqual(problems);
    });
  }

  it("compares an object only with the one before it of the same name", async () => {
    const objects = `[{objectName: a, ${type}}, {objectName: a, ${type}, objectAlias: b}, {objectName: a, ${type}}]`;
    expect(await problemsOf("aws", { ...good, objects })).toEqual([]);
  });
});
