import { describe, expect, it } from "vitest";
import { type Parameters, problemsOf } from "../plan-of.ts";

const name = "projects/p/secrets/s/versions/1";
const subject = `secret "${name}" as "a"`;
const forms =
  "write projects/PROJECT/secrets/SECRET/versions/VERSION, projects/PROJECT/locations/LOCATION/secrets/SECRET/versions/VERSION or projects/PROJECT/locations/LOCATION/parameters/PARAMETER/versions/VERSION";
const listForm = "write a YAML list: - resourceName: projects/PROJECT/secrets/SECRET/versions/latest";
const missing = "missing required 'secrets' attribute: it is not there, or empty";

const rows: readonly (readonly [what: string, parameters: Parameters, problems: readonly string[]])[] = [
  [
    "no secrets",
    {},
    [`LK0003 secrets: ${missing}. Fix: list at least one secret, or write [] for a volume without files`],
  ],
  [
    "a parameter of another name",
    { secret: "[]" },
    [`LK0003 secrets: ${missing}. Fix: rename the parameter "secret" to secrets`],
  ],
  ...["", "null", "~"].map((secrets): readonly [string, Parameters, readonly string[]] => [
    `secrets that say nothing: ${secrets}`,
    { secrets },
    [`LK0003 secrets: ${missing}. Fix: list at least one secret, or write [] for a volume without files`],
  ]),
  ["a map", { secrets: "{}" }, [`LK0003 secrets: a list is needed, not a map at line 1, column 1. Fix: ${listForm}`]],
  ["a text", { secrets: "a" }, [`LK0003 secrets: a list is needed, not text at line 1, column 1. Fix: ${listForm}`]],
  ...["- ", "- ~", "[null]"].map((secrets): readonly [string, Parameters, readonly string[]] => [
    `an empty entry, which ends today's provider: ${secrets}`,
    { secrets },
    ["LK0003 secrets[0]: the list item is empty. Fix: remove it, or write its resourceName"],
  ]),
  [
    "a text in the list",
    { secrets: "- a" },
    [`LK0003 secrets[0]: a map is needed, not text at line 1, column 3. Fix: ${listForm}`],
  ],
  [
    "a key that is there twice",
    { secrets: `- {resourceName: ${name}, path: a, path: b}` },
    [`LK0003 secrets[0]: key "path" appears twice (first at line 1) at line 1, column 60. Fix: ${listForm}`],
  ],
  [
    "a list where text belongs",
    { secrets: `- {resourceName: [a], path: b}` },
    [
      "LK0003 secrets[0].resourceName: text is needed, not a list at line 1, column 18. Fix: write one text, in quotes if it begins with a bracket",
    ],
  ],
  [
    "an unknown auth",
    { secrets: "[]", auth: "pod-ADC" },
    ['LK0003 auth: unknown auth configuration: "pod-ADC". Fix: write pod-adc or provider-adc, or leave it out'],
  ],
  [
    "Latchkey's own credentials where the operator does not allow them",
    { secrets: "[]", auth: "provider-adc" },
    [
      "LK0020 auth: auth: provider-adc reads as Latchkey itself, which the operator does not allow. Fix: remove auth, so that the pod reads as itself, or have the operator start Latchkey with --gcp-provider-adc",
    ],
  ],
  [
    "an unknown auth before the rest",
    { auth: "x" },
    [expect.stringContaining("LK0003 auth"), expect.stringContaining("LK0003 secrets")],
  ],
  [
    "neither path nor fileName",
    { secrets: `- {resourceName: ${name}}` },
    [`LK0003 secret "${name}": it has neither path nor fileName. Fix: write path: the name of the file`],
  ],
  [
    "both keys",
    { secrets: `- {resourceName: ${name}, path: a, extractJSONKey: b, extractYAMLKey: c}` },
    [
      `LK0003 ${subject}: both extractJSONKey and extractYAMLKey can't be simultaneously non empty strings. Fix: keep the one that fits the secret`,
    ],
  ],
  ...(['"0600"', "true", "2147483648", "[1]"].map((mode): readonly [string, Parameters, readonly unknown[]] => [
    `the mode ${mode}`,
    { secrets: `- {resourceName: ${name}, path: a, mode: ${mode}}` },
    [
      expect.stringMatching(
        /^LK0003 secrets\[0\]\.mode: a number .*is needed.*Fix: write an octal number without quotes, such as 0640$/,
      ),
    ],
  ]) as readonly (readonly [string, Parameters, readonly string[]])[]),
  [
    "a directory where there is a file",
    { secrets: `[{resourceName: ${name}, path: a}, {resourceName: ${name}, path: a/b}]` },
    [expect.stringContaining(`it needs a directory where ${subject} puts a file`)],
  ],
  [
    "a path that leads out",
    { secrets: `- {resourceName: ${name}, path: ../a}` },
    [expect.stringMatching(/^LK0003 .*: "\.\.\/a": the path has an element `\.\.`/)],
  ],
  [
    "everything at once",
    { auth: "x", secrets: `- \n- {resourceName: a}\n- {resourceName: ${name}, path: a, mode: x}` },
    [
      expect.stringContaining("LK0003 auth"),
      expect.stringContaining("LK0003 secrets[0]"),
      expect.stringContaining("LK0003 secrets[2].mode"),
      expect.stringContaining('LK0003 secret "a": unknown resource type'),
      expect.stringContaining('LK0003 secret "a": it has neither path nor fileName'),
    ],
  ],
];

describe("a SecretProviderClass of provider gcp that is wrong is told", () => {
  it.each(rows)("%s", async (_, parameters, problems) => {
    expect(await problemsOf("gcp", parameters)).toEqual(problems);
  });
});

describe("a resource name that is none is told", () => {
  const unknown = [
    "",
    "db",
    "projects/p/secrets/s",
    "projects/p/secrets/s/versions",
    "projects/p/secrets/s/versions/",
    "projects/p/secrets/s/versions/1/",
    "projects//secrets/s/versions/1",
    "projects/p/locations/l/secrets/versions/1",
    "projects/p/parameters/a/versions/1",
    "/projects/p/secrets/s/versions/1",
    "x/projects/p/secrets/s/versions/1",
    "https://secretmanager.googleapis.com/v1/projects/p/secrets/s/versions/1",
    "//evil.example/projects/p/secrets/s/versions/1",
    "projects/p/Secrets/s/versions/1",
  ];
  it.each(unknown)("of no known kind: %s", async (text) => {
    const [problem, ...rest] = await problemsOf("gcp", { secrets: `- {resourceName: "${text}", path: a}` });
    const message = text === "" ? "resourceName is missing" : `unknown resource type: ${JSON.stringify(text)}`;
    expect([problem, rest]).toEqual([`LK0003 secret "${text}" as "a": ${message}. Fix: ${forms}`, []]);
  });

  /** They would be dialled, or end today's provider. */
  const locations = [
    "evil.test:443#",
    "evil.test:443?",
    "evil.test",
    "europe-west1.evil",
    "%zz",
    "%",
    "%2f",
    "a b",
    "eu@evil",
    "EU",
    "-eu",
    "eu-",
    "e".repeat(31),
    "é",
    "..",
    "_",
  ];
  it.each(locations)("of a location that is no label: %s", async (location) => {
    for (const kind of ["secrets/s", "parameters/a"]) {
      const text = `projects/p/locations/${location}/${kind}/versions/1`;
      const problems = await problemsOf("gcp", { secrets: `- {resourceName: ${JSON.stringify(text)}, path: a}` });
      expect(problems).toEqual([
        expect.stringContaining(`invalid location: ${JSON.stringify(location)}. Fix: write a region`),
      ]);
    }
  });

  /** What DNS does not know, and what is meant. */
  const regions: readonly (readonly [written: string, meant: string | undefined])[] = [
    ["europe-west1-b", "europe-west1"],
    ["us-central1-f", "us-central1"],
    ["us-east-1", "us-east1"],
    ["eurpe-west1", "europe-west1"],
    ["europe-wset12", "europe-west12"],
    ["asia-northest3", "asia-northeast3"],
    ["northamerica-northeast2", undefined],
    ["europe-west99", undefined],
    ["uk-south1", undefined],
    ["global", undefined],
    ["u-germany-northeast1", undefined],
    ["here", undefined],
  ];
  it.each(regions)("or taken, of a region: %s", async (location, meant) => {
    for (const kind of ["secrets/s", "parameters/a"]) {
      const text = `projects/p/locations/${location}/${kind}/versions/1`;
      const fix = `invalid location: "${location}" is not a region. Fix: did you mean ${meant}?`;
      expect(await problemsOf("gcp", { secrets: `- {resourceName: ${text}, path: a}` })).toEqual(
        meant === undefined ? [] : [expect.stringContaining(fix)],
      );
    }
    for (const kind of ["gcp-secret-manager", "gcp-parameter-manager"]) {
      const stores = `g: { kind: ${kind}, project: p, location: ${location} }`;
      const secrets = "- { store: g, name: a, files: [{ path: a }] }";
      const problems = await problemsOf("latchkey", { stores, secrets });
      expect(problems.map((problem) => problem.replace(/ at line 1, column \d+/, ""))).toEqual(
        meant === undefined ? [] : [`LK0020 stores.g.location: is not a region. Fix: did you mean ${meant}?`],
      );
    }
  });

  const parts: readonly (readonly [what: string, text: string])[] = [
    ["project", "projects/P P/secrets/s/versions/1"],
    ["project", "projects/a:b:c/secrets/s/versions/1"],
    ["project", "projects/-/secrets/s/versions/1"],
    ["project", "projects/../secrets/s/versions/1"],
    ["secret", "projects/p/secrets/a.b/versions/1"],
    ["secret", "projects/p/secrets/a%2Fb/versions/1"],
    ["secret", "projects/p/secrets/../versions/1"],
    ["secret", `projects/p/secrets/${"a".repeat(256)}/versions/1`],
    ["version", "projects/p/secrets/s/versions/1 "],
    ["version", "projects/p/secrets/s/versions/1:access"],
    ["version", "projects/p/secrets/s/versions/.."],
    ["version", "projects/p/secrets/s/versions/1?alt=media"],
    ["parameter", "projects/p/locations/global/parameters/a b/versions/1"],
    ["version", "projects/p/locations/global/parameters/a/versions/v1.0"],
  ];
  it.each(parts)("of a %s that is none: %s", async (what, text) => {
    const [problem, ...rest] = await problemsOf("gcp", { secrets: `- {resourceName: "${text}", path: a}` });
    expect([problem, rest]).toEqual([expect.stringContaining(`: invalid ${what}: `), []]);
  });

  it.each(["a\\nb", "a\\u0000b", "a\\r"])("with a control character: %s", async (end) => {
    const [problem] = await problemsOf("gcp", {
      secrets: `- {resourceName: "projects/p/locations/${end}/secrets/s/versions/1", path: a}`,
    });
    expect(problem).toMatch(/^LK0003 secrets\[0\]\.resourceName: it holds a line break or another control character/);
  });
});
