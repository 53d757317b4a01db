import { describe, expect, it } from "vitest";
import { type Parameters, planOf, type Surroundings } from "../plan-of.ts";

const name = "projects/shop-prod/secrets/db/versions/latest";
const identity = { by: "pod", impersonate: { by: "annotation" }, keyFile: "ignored" };
const global = { location: "global", identity };

async function filesOf(secrets: string, around: Surroundings = {}) {
  const { outputs } = await planOf("gcp", { secrets }, around);
  return outputs.map(({ path, mode }) => [path, mode]);
}

describe("a secret of provider gcp", () => {
  it("is a file of the whole value, with the store's version under the resource's name", async () => {
    const plan = await planOf("gcp", { secrets: `- {resourceName: ${name}, path: db.json}` });
    const subject = `secret ${JSON.stringify(name)} as "db.json"`;
    const ref = { service: "secretmanager", project: "shop-prod", secret: "db", version: "latest" };
    expect(plan).toEqual({
      secrets: [{ id: "secret-0", subject, source: { store: "gcp-secret-manager", settings: global, ref } }],
      outputs: [
        {
          ...{ path: "db.json", mode: 0o644, from: "secret-0", subject },
          select: { of: "value", steps: [] },
          version: { by: "store", id: name },
        },
      ],
      warnings: [],
    });
  });

  const names: readonly (readonly [
    what: string,
    resourceName: string,
    store: string,
    location: string,
    ref: object,
  ])[] = [
    [
      "a number",
      "projects/123456789012/secrets/db/versions/7",
      "gcp-secret-manager",
      "global",
      { service: "secretmanager", project: "123456789012", secret: "db", version: "7" },
    ],
    [
      "an alias",
      "projects/p/secrets/db/versions/prod",
      "gcp-secret-manager",
      "global",
      { service: "secretmanager", project: "p", secret: "db", version: "prod" },
    ],
    [
      "a regional secret",
      "projects/p/locations/europe-west1/secrets/db/versions/latest",
      "gcp-secret-manager",
      "europe-west1",
      { service: "secretmanager", project: "p", secret: "db", version: "latest" },
    ],
    [
      "a secret of the location global",
      "projects/p/locations/global/secrets/db/versions/1",
      "gcp-secret-manager",
      "global",
      { service: "secretmanager", project: "p", secret: "db", version: "1" },
    ],
    [
      "a global parameter",
      "projects/p/locations/global/parameters/app/versions/v1",
      "gcp-parameter-manager",
      "global",
      { service: "parametermanager", project: "p", parameter: "app", version: "v1" },
    ],
    [
      "a regional parameter",
      "projects/p/locations/us-central1/parameters/app/versions/latest",
      "gcp-parameter-manager",
      "us-central1",
      { service: "parametermanager", project: "p", parameter: "app", version: "latest" },
    ],
    [
      "a whole resource name",
      "//secretmanager.googleapis.com/projects/p/secrets/db/versions/1",
      "gcp-secret-manager",
      "global",
      { service: "secretmanager", project: "p", secret: "db", version: "1" },
    ],
    [
      "a project of an organization's domain",
      "projects/example.com:shop/secrets/db/versions/1",
      "gcp-secret-manager",
      "global",
      { service: "secretmanager", project: "example.com:shop", secret: "db", version: "1" },
    ],
  ];
  it.each(names)("may have the name of %s", async (_, resourceName, store, location, ref) => {
    const plan = await planOf("gcp", { secrets: `- {resourceName: "${resourceName}", path: f}` });
    expect(plan.secrets.map(({ source }) => source)).toEqual([{ store, settings: { location, identity }, ref }]);
    expect(plan.outputs[0]?.version).toEqual({ by: "store", id: resourceName });
  });

  it("that is mounted twice is read once, and reported for each file", async () => {
    const plan = await planOf("gcp", {
      secrets: `[{resourceName: ${name}, path: a}, {resourceName: ${name}, path: b/c}]`,
    });
    expect([plan.secrets.length, plan.outputs.map(({ path }) => path)]).toEqual([1, ["a", "b/c"]]);
  });
});

describe("the file", () => {
  const rows: readonly (readonly [what: string, fields: string, path: string])[] = [
    ["is named by path", "path: a/b", "a/b"],
    ["is named by fileName", "fileName: a/b", "a/b"],
    ["is named by path where both are there", "fileName: a, path: b", "b"],
    ["is named by fileName where path is empty", "fileName: a, path: ''", "a"],
    ["keeps a number as it is written", "fileName: 0755", "0755"],
    ["keeps a fraction as it is written", "fileName: 1.50", "1.50"],
    ["keeps a word of YAML as it is written", "fileName: true", "true"],
    ["keeps a date as it is written", "fileName: 2024-01-02", "2024-01-02"],
    ["is decoded from !!binary", "fileName: !!binary YQ==", "a"],
    ["takes no notice of null", "path: ~, fileName: a", "a"],
    ["takes no notice of other fields, and of other case", "filename: b, Path: c, fileName: a", "a"],
  ];
  it.each(rows)("%s", async (_, fields, path) => {
    expect(await filesOf(`- {resourceName: ${name}, ${fields}}`)).toEqual([[path, 0o644]]);
  });

  const modes: readonly (readonly [written: string, mode: number])[] = [
    ["0600", 0o600],
    ["0o600", 0o600],
    ["0O600", 0o600],
    ["600", 600 & 0o777],
    ["0x180", 0o600],
    ["0b110", 6],
    ["384.0", 384],
    ["384.5", 384],
    ["1e2", 100],
    ["-1", 0o777],
    ["08", 8],
    ["0800", 800 & 0o777],
    ["0999", 999 & 0o777],
    ["01777", 0o777],
    ["4_00", 400],
    ['!!int "0600"', 0o600],
    ["null", 0o440],
    ["~", 0o440],
    ["", 0o440],
  ];
  it.each(modes)("has the mode that Go reads: %s", async (written, mode) => {
    const secrets = `- resourceName: ${name}\n  path: a\n  mode: ${written}`;
    expect(await filesOf(secrets, { mode: 0o440 })).toEqual([["a", mode]]);
  });

  it("of two entries is the last one's, with a warning", async () => {
    const other = "projects/p/secrets/b/versions/1";
    const plan = await planOf("gcp", {
      secrets: `- {resourceName: ${name}, path: f}\n- {resourceName: ${other}, path: f}`,
    });
    expect(plan.outputs.map(({ version }) => version)).toEqual([{ by: "store", id: other }]);
    expect([plan.secrets.length, plan.warnings]).toEqual([
      1,
      [
        {
          text: `secret "${name}" as "f" is left out: secret "${other}" as "f" is written to the same file "f"`,
          about: "collision",
          at: { parameter: "secrets", line: 2, column: 57 },
        },
      ],
    ]);
  });

  it.each([
    ["600", "of mode 600 only the bits of 0777 are used, 0130; if you mean 0600, write 0600, with the zero"],
    ["644", "of mode 644 only the bits of 0777 are used, 0204; if you mean 0644, write 0644, with the zero"],
    ["400", "mode 400 is 0620; if you mean 0400, write 0400, with the zero"],
    ["0420", "mode 272 is 0420; if you mean 420 as a decimal number, write 0644"],
    ["272", "mode 272 is 0420; if you mean 420 as a decimal number, write 0644"],
    ["0204", "mode 132 is 0204"],
    ["1023", "of mode 1023 only the bits of 0777 are used, 0777"],
    ["-1", "of mode -1 only the bits of 0777 are used, 0777"],
  ])("warns of a mode that nobody can mean: %s", async (written, text) => {
    const plan = await planOf("gcp", { secrets: `- {resourceName: ${name}, path: a, mode: ${written}}` });
    expect(plan.warnings.map((warning) => warning.text)).toEqual([`secret "${name}" as "a": ${text}`]);
  });

  it("holds one key of JSON or YAML", async () => {
    const { outputs } = await planOf("gcp", {
      secrets: `[{resourceName: ${name}, path: a, extractJSONKey: k.l}, {resourceName: ${name}, path: b, extractYAMLKey: m}]`,
    });
    expect(outputs.map(({ select }) => select.steps)).toEqual([
      [{ kind: "textKey", format: "json", key: "k.l" }],
      [{ kind: "textKey", format: "yaml", key: "m" }],
    ]);
  });
});

describe("the list of secrets", () => {
  it.each(["[]", "&a []", "[]\n---\n- a"])("may be empty: %s", async (secrets) => {
    expect(await planOf("gcp", { secrets })).toEqual({ secrets: [], outputs: [], warnings: [] });
  });

  it("is the first document's", async () => {
    expect(await filesOf(`- {resourceName: ${name}, path: a}\n---\n- ]`)).toEqual([["a", 0o644]]);
  });

  it("may have anchors, aliases and merges", async () => {
    const secrets = `- &one {resourceName: ${name}, path: a}\n- {<<: *one, path: b}\n`;
    expect(await filesOf(secrets)).toEqual([
      ["a", 0o644],
      ["b", 0o644],
    ]);
  });
});

describe("auth", () => {
  const both = { providerAdc: true, nodePublishSecret: true };
  const rows: readonly (readonly [auth: string | undefined, gcp: Surroundings["gcp"], settings: object])[] = [
    [undefined, {}, identity],
    ["", {}, identity],
    ["pod-adc", {}, identity],
    ["provider-adc", { providerAdc: true }, { by: "provider", keyFile: "ignored" }],
    [undefined, both, { ...identity, keyFile: "preferred" }],
    ["pod-adc", both, { ...identity, keyFile: "refused" }],
    ["provider-adc", both, { by: "provider", keyFile: "refused" }],
  ];
  it.each(rows)("%s, where the operator says %o", async (auth, gcp, expected) => {
    const parameters: Parameters = {
      secrets: `- {resourceName: ${name}, path: a}`,
      ...(auth === undefined ? {} : { auth }),
    };
    const plan = await planOf("gcp", parameters, { gcp: gcp ?? {} });
    expect(plan.secrets[0]?.source.settings).toEqual({ location: "global", identity: expected });
  });
});
