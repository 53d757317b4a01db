import { afterAll, beforeAll, expect, it } from "vitest";
import { clusterPool, clusterProvider, type GcpServer, gcpEndpoints, startGcp } from "../servers/gcp.ts";
import { startNode, type TestNode } from "./node.ts";

const good = "projects/shop-prod/secrets/db/versions/latest";

let gcp: GcpServer;
let node: TestNode;

beforeAll(async () => {
  gcp = await startGcp();
  gcp.addSecret("db", '{"a":"CANARY","n":1e999}');
  const pool = { gcpIdentityPool: clusterPool, gcpIdentityProvider: clusterProvider, gcpImpersonation: "none" };
  node = await startNode({ flags: { providers: "gcp", refresh: "0s", ...pool, ...gcpEndpoints(gcp.url) } });
});

afterAll(async () => {
  await node?.stop();
  await gcp?.stop();
});

const at = (location: string, rest = "secrets/db/versions/1") =>
  `- { resourceName: ${JSON.stringify(`projects/shop-prod/locations/${location}/${rest}`)}, path: a }`;
const named = (name: string) => `- { resourceName: ${JSON.stringify(name)}, path: a }`;
const fields = (more: string) => `- { resourceName: ${good}, path: a, ${more} }`;
const path = (text: string) => `- { resourceName: ${good}, path: ${JSON.stringify(text)} }`;

/** Each of them ends, misleads or confuses a provider that trusts what is written. */
const odd: readonly string[] = [
  ...[
    "",
    "~",
    "null",
    "{}",
    "a",
    "5",
    "true",
    "- ",
    "- ~",
    "[null]",
    "[[]]",
    "- a",
    "- 5",
    "- []",
    "[",
    "- {",
    "\t- a",
  ],
  ...[
    "- {}",
    "- &a [*a]",
    "*a",
    "- { <<: 5 }",
    "- !!set { a }",
    `- { resourceName: ${good}`,
    `- { resourceName: [${good}], path: a }`,
  ],
  ...[
    "evil.test:443#",
    "evil.test:443?",
    "evil.test/x",
    "%",
    "%zz",
    "%00",
    "a\nb",
    "a\u0000",
    "é",
    "E",
    "..",
    ".",
    " ",
  ].map((each) => at(each)),
  ...["a".repeat(31), "é".repeat(16), "\u{1f600}", "-", "a-"].map((each) => at(each)),
  ...[at("global", "parameters/a b/versions/1"), at("x", "parameters/a/versions/../../../y")],
  ...[
    "x",
    "projects/p",
    "projects/p/secrets/s",
    "/projects/p/secrets/s/versions/1",
    "//evil.test/projects/p/secrets/s/versions/1",
  ].map(named),
  ...["projects/../secrets/s/versions/1", "projects/p/secrets/../versions/1", "projects/p/secrets/s/versions/.."].map(
    named,
  ),
  ...[
    "projects/p/secrets/s/versions/1?alt=media",
    "projects/p/secrets/s/versions/1#a",
    "projects/p/secrets/s/versions/1:destroy",
  ].map(named),
  ...[`projects/p/secrets/${"s".repeat(300)}/versions/1`, `projects/${"p".repeat(100_000)}/secrets/s/versions/1`].map(
    named,
  ),
  ...["mode: '0600'", "mode: yes", "mode: [1]", "mode: 1e99", "mode: 2147483648", "mode: !!int x", "path: b"].map(
    fields,
  ),
  ...["extractJSONKey: a, extractYAMLKey: a", "extractJSONKey: [a]", "extractYAMLKey: { a: b }"].map(fields),
  ...["extractJSONKey: a", "extractJSONKey: __proto__", "extractYAMLKey: constructor", "extractJSONKey: n"].map(fields),
  ...["", "/etc/passwd", "../a", "a/../b", "..data", "a//b", "a/", "a\nb", "a".repeat(5_000), "\ud800"].map(path),
];

it(`tells what is wrong with each of ${odd.length} odd classes, asks nobody else, and lives on`, async () => {
  const before = gcp.count(/evil/);
  const seen: unknown[] = [];
  for (const [index, secrets] of odd.entries()) {
    const error = await node.publishError({
      provider: "gcp",
      parameters: { secrets },
      audiences: [clusterPool],
      volume: `odd-${index}`,
    });
    const told = /LK00(?!01)\d\d/.test(error.message) && /Fix: /.test(error.message);
    seen.push([secrets.slice(0, 80), error.code, told, /CANARY/.test(error.message)]);
  }
  const code = expect.stringMatching(/^(?:INVALID_ARGUMENT|NOT_FOUND|FAILED_PRECONDITION)$/);
  expect(seen).toEqual(odd.map((secrets) => [secrets.slice(0, 80), code, true, false]));
  expect(gcp.count(/evil/)).toBe(before);
  const { podStatus } = await node.publish({
    provider: "gcp",
    parameters: { secrets: named(good) },
    audiences: [clusterPool],
    volume: "good",
  });
  expect(podStatus.status.objects.map(({ id }) => id)).toEqual([good]);
});

const auths = ["pod-ADC", " pod-adc", "provider-adc", "x", "\n", "null"];
it.each(auths)("tells of an auth that is none: %j", async (auth) => {
  const parameters = { secrets: named(good), auth };
  const error = await node.publishError({
    provider: "gcp",
    parameters,
    audiences: [clusterPool],
    volume: `auth-${auths.indexOf(auth)}`,
  });
  expect([error.code, error.message]).toEqual(["INVALID_ARGUMENT", expect.stringMatching(/LK00(?:03|20)/)]);
});
