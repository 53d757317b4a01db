import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import fc from "../property.ts";
import { scaled } from "../scale.ts";
import { startNode, type TestNode } from "./node.ts";

/** Of 50 requests, for each of three dialects. */
const batchesEach = scaled(67, 4);

/** Every gRPC code that a mount may end with (docs/architecture.md). */
const final = new Set([0, 3, 5, 7, 9, 13, 16]);

const kubelet = {
  "csi.storage.k8s.io/pod.name": "web-0",
  "csi.storage.k8s.io/pod.namespace": "shop",
  "csi.storage.k8s.io/pod.uid": "1",
  "csi.storage.k8s.io/serviceAccount.name": "payments",
};

const word = fc.constantFrom(
  ..."objects stores secrets roleName vaultAddress region objectName secretPath secretKey objectType files path key mode".split(
    " ",
  ),
  ...[
    "kind",
    "profile",
    "store",
    "name",
    "__proto__",
    "constructor",
    "..",
    "../x",
    "a/../b",
    "a//b",
    "\0",
    "\ud800",
    "0600",
    "null",
  ],
  ...[
    "vault",
    "file",
    "demo",
    "secretsmanager",
    "http://127.0.0.1:1",
    "http://169.254.169.254",
    "eu-west-1",
    "arn:aws:",
    "- ",
    "{",
    "&a [*a]",
  ],
);
const scalar = fc.oneof(
  word,
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.integer().map(String),
  fc.constant("x".repeat(70_000)),
);
const yaml = fc.letrec((tie) => ({
  node: fc.oneof({ maxDepth: 4 }, scalar, tie("list"), tie("map")),
  list: fc.array(tie("node"), { maxLength: 4 }).map((items) => `[${items.join(", ")}]`),
  map: fc
    .array(fc.tuple(word, tie("node")), { maxLength: 5 })
    .map((pairs) => `{${pairs.map(([key, value]) => `${key}: ${value}`).join(", ")}}`),
})).node;
const parameters = fc.dictionary(fc.oneof(word, fc.string()), fc.oneof(scalar, yaml, fc.json()), { maxKeys: 5 });
/** Parameters that are right but for the generated part, so that requests get behind the first check. */
const nearly: Readonly<Record<string, fc.Arbitrary<Record<string, string>>>> = {
  latchkey: fc.tuple(scalar, scalar, yaml).map(([name, path, rest]) => ({
    stores: "files: { profile: demo }",
    secrets: JSON.stringify([{ store: "files", name, files: [{ path, mode: "0440" }] }]).replace(
      "}]}]",
      `, key: ${rest} }]}]`,
    ),
  })),
  vault: fc.tuple(scalar, scalar, yaml).map(([secretPath, objectName, rest]) => ({
    roleName: "r",
    vaultAddress: "http://192.0.2.1",
    objects: `${JSON.stringify([{ objectName, secretPath }]).slice(0, -2)}, "secretKey": ${rest}}]`,
  })),
  aws: fc.tuple(scalar, scalar, yaml).map(([objectName, objectAlias, rest]) => ({
    region: "eu-west-1",
    objects: `${JSON.stringify([{ objectName, objectAlias, objectType: "secretsmanager" }]).slice(0, -2)}, "objectVersion": ${rest}}]`,
  })),
};

function attributesFor(dialect: string): fc.Arbitrary<string> {
  const own = nearly[dialect] ?? parameters;
  return fc.oneof(
    { weight: 4, arbitrary: own.map((near) => JSON.stringify({ ...near, ...kubelet })) },
    { weight: 3, arbitrary: parameters.map((any) => JSON.stringify({ ...any, ...kubelet })) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
    {
      weight: 1,
      arbitrary: fc.tuple(own, fc.nat(400)).map(([near, cut]) => JSON.stringify({ ...near, ...kubelet }).slice(0, cut)),
    },
  );
}

const tokens = fc.oneof(
  fc.constant("null"),
  fc.string(),
  fc.dictionary(fc.string(), fc.string()).map((data) => JSON.stringify(data)),
);
const secrets = fc.oneof({ weight: 3, arbitrary: fc.constant("null") }, { weight: 1, arbitrary: tokens });
const permission = fc.oneof(
  { weight: 5, arbitrary: fc.constant("420") },
  { weight: 1, arbitrary: fc.oneof(fc.json(), fc.string()) },
);
const target_path = fc.oneof(
  { weight: 5, arbitrary: fc.constant("/var/lib/kubelet/x") },
  { weight: 1, arbitrary: fc.string() },
);

let node: TestNode;

beforeAll(async () => {
  const config = (directory: string) => `profiles: { demo: { kind: file, directory: ${directory}/secrets } }`;
  const flags = async (directory: string) => {
    await mkdir(join(directory, "secrets"));
    return { logLevel: "off" };
  };
  node = await startNode({ config, flags });
});

afterAll(async () => {
  await node?.stop();
});

/** How far a request can get: the store is asked, or a token is missing to ask it. */
const behind: Readonly<Record<string, string>> = { latchkey: "LK0034", vault: "LK0011", aws: "LK0012" };

async function endOf(work: Promise<unknown>): Promise<{ readonly code: number; readonly id: string }> {
  return await work.then(
    () => ({ code: 0, id: "ok" }),
    (error: { code?: unknown; details?: unknown }) => ({
      code: typeof error.code === "number" ? error.code : -1,
      id: /LK\d{4}/.exec(String(error.details))?.[0] ?? "none",
    }),
  );
}

describe(`${3 * batchesEach * 50} generated requests`, () => {
  it.each(["latchkey", "vault", "aws"])(
    "of the %s dialect each end with a final gRPC status",
    async (dialect) => {
      const ends = new Set<string>();
      const judge = async (generated: Parameters<TestNode["driver"]["mount"]>[1]) => {
        const end = await endOf(node.driver.mount(dialect, generated, 10_000));
        expect([...final]).toContain(end.code);
        ends.add(end.id);
      };
      const request = fc.record({ attributes: attributesFor(dialect), secrets, target_path, permission });
      const batches = fc.array(request, { minLength: 50, maxLength: 50 });
      await fc.assert(
        fc.asyncProperty(batches, async (batch) => {
          await Promise.all(batch.map(judge));
        }),
        { numRuns: batchesEach, endOnFailure: true },
      );
      // The generator reaches behind the first checks.
      expect([...ends]).toEqual(expect.arrayContaining(["LK0002", "LK0003", behind[dialect]]));
      expect((await node.driver.version(dialect)).version).toBe("v1alpha1");
    },
    120_000,
  );

  it("of bytes that are no request each end with a gRPC status, and the process lives", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const { code } = await endOf(node.driver.mountBytes("latchkey", bytes, 10_000));
        expect([...final]).toContain(code);
      }),
      { numRuns: scaled(500) },
    );
    expect((await node.driver.version("latchkey")).version).toBe("v1alpha1");
  }, 60_000);
});
