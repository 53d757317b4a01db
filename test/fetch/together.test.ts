import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { ofGroup, withGroups } from "../../src/fetch/together.ts";
import { Redacted } from "../../src/redacted.ts";
import { secretOfAll } from "../../src/stores/join-secrets.ts";
import { inputOf, type Parameters, planOf } from "../dialects/plan-of.ts";

const { stores } = inputOf(new Map());
const type = "objectType: secretsmanager";

async function grouped(objects: string, more: Parameters = {}) {
  return await withGroups(await planOf("aws", { region: "eu-west-1", objects, ...more }), stores);
}

const secret = (text: string) => ({ value: new Redacted<Uint8Array>(Buffer.from(text)) });

describe("what is asked for together", () => {
  const two = `- {objectName: a, ${type}}\n- {objectName: a, ${type}, objectVersionLabel: AWSPREVIOUS, objectAlias: b}`;
  const alone: readonly [what: string, objects: string, more?: Parameters][] = [
    ["two secrets", `- {objectName: a, ${type}}\n- {objectName: b, ${type}}`],
    [
      "one secret twice",
      `- {objectName: a, ${type}}\n- {objectName: a, ${type}, objectAlias: b, objectVersionLabel: ""}`,
    ],
    [
      "a version beside the current stage",
      `- {objectName: a, ${type}}\n- {objectName: a, ${type}, objectVersion: v, objectAlias: b}`,
    ],
    [
      "a secret and a parameter of one name",
      `- {objectName: a, ${type}}\n- {objectName: a, objectType: ssmparameter, objectAlias: b}`,
    ],
  ];
  it.each(alone)("is not %s", async (_, objects, more = {}) => {
    expect((await grouped(objects, more)).groups).toBeUndefined();
  });

  it("is held as one where one of it is tried", async () => {
    const parameters = {
      stores: "aws: { kind: aws-secrets-manager, region: eu-west-1 }",
      secrets: `
- { store: aws, name: a, versionStage: AWSPREVIOUS, files: [{ path: previous }] }
- store: aws
  name: a
  files: [{ path: current }]
  verify: { kind: redis, host: redis, password: {} }
  verifyHold: 5m`,
    };
    const { groups = [] } = await withGroups(await planOf("latchkey", parameters), stores);
    const fields = { host: { text: "redis" }, password: { steps: [] } };
    expect(groups.map(({ wanted }) => wanted.verify)).toEqual([
      { hold: 300_000, targets: [{ kind: "redis", tls: "verify", fields, member: 1 }] },
    ]);
  });

  it("is a current and a previous stage, in every region", async () => {
    const { groups = [], secrets } = await grouped(two, { failoverRegion: "eu-central-1" });
    expect(groups.length).toBe(1);
    const [{ wanted, members } = expect.unreachable()] = groups;
    expect(members).toEqual(secrets);
    const refs = [
      {
        ref: { service: "secretsmanager", secretId: "a", versionId: undefined, versionStage: undefined },
        optional: false,
      },
      {
        ref: { service: "secretsmanager", secretId: "a", versionId: undefined, versionStage: "AWSPREVIOUS" },
        optional: false,
      },
    ];
    expect([wanted.source.ref, wanted.next?.sources.map(({ ref }) => ref)]).toEqual([
      { service: "secretsmanager", refs },
      [{ service: "secretsmanager", refs }],
    ]);
    expect([wanted.subject, wanted.optional]).toEqual(['object "a", object "a" as "b"', undefined]);
  });

  it("keeps the strictest bounds, and is optional where all of it is", async () => {
    const native = {
      stores: "s: { kind: aws-secrets-manager, region: eu-west-1 }",
      secrets: [
        "- { store: s, name: a, files: [{ path: a }], refresh: 10m, optional: true }",
        "- { store: s, name: a, versionStage: AWSPREVIOUS, files: [{ path: b }], refresh: 5m, maxStale: 1h, default: x }",
      ].join("\n"),
    };
    const { groups = [] } = await withGroups(await planOf("latchkey", native), stores);
    expect(groups.map(({ wanted }) => [wanted.bounds, wanted.optional])).toEqual([
      [{ refresh: 300_000, maxStale: 3_600_000, spread: undefined }, true],
    ]);
  });

  it("comes apart again: each member has its secret, and the place that it came from", async () => {
    const { groups = [] } = await grouped(two, { failoverRegion: "eu-central-1" });
    const [group = expect.unreachable()] = groups;
    const [a, b] = [secret("a"), secret("b")];
    const answered = { value: secretOfAll([a, b]), how: "fetched" as const, ageMs: 5 };
    const first = ofGroup(answered, group, 1).answer;
    expect([first instanceof ProviderError, "value" in first && first.value === b, "from" in first]).toEqual([
      false,
      true,
      false,
    ]);
    const [from = expect.unreachable()] = group.wanted.next?.sources ?? [];
    const later = ofGroup({ ...answered, from }, group, 1).answer;
    expect("from" in later && later.from).toBe(group.members[1]?.next?.sources[0]);
    const absent = ofGroup({ ...answered, value: secretOfAll([a, undefined]) }, group, 1).answer;
    expect(absent instanceof ProviderError && absent.id).toBe("LK0034");
  });
});
