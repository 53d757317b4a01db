import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { crc32c } from "../../../src/stores/gcp/crc32c.ts";
import type { GcpAsked } from "../../../src/stores/gcp/types.ts";
import { slowCrc32c } from "../../servers/gcp/crc32c.ts";
import { apiDisabled, billingDisabled, frontEndPage, googleError, perimeterDenial } from "../../servers/gcp/errors.ts";
import type { Answer } from "../../servers/scripted.ts";
import { outcomesOf } from "../outcomes.ts";
import { type OpenedGcp, openGcp, secret, textOf } from "./opened-gcp.ts";

let opened: OpenedGcp;

beforeAll(async () => {
  opened = await openGcp();
  const { gcp } = opened;
  for (const value of ["one", "two", "three"]) gcp.addSecret("db", value);
  gcp.addSecret("eu", "here", { location: "europe-west1" });
  gcp.addSecret("off", "x");
  gcp.addSecret("off", "y");
  const off = gcp.state.secrets.get("projects/shop-prod/secrets/off")?.versions ?? [];
  if (off[0] !== undefined) off[0].state = "DISABLED";
  if (off[1] !== undefined) off[1].state = "DESTROYED";
  gcp.state.secrets.get("projects/shop-prod/secrets/db")?.aliases.set("prod", 2);
  gcp.addSecret("bytes", Buffer.from([0, 255, 128, 10]));
  gcp.addSecret("empty", "");
});

afterEach(() => opened.gcp.answerNormally());
afterAll(() => opened?.stop());

async function read(ref: GcpAsked, location = "global") {
  const session = await opened.open({ location });
  const [outcome] = await opened.read(session, ref);
  return outcome;
}

const previous: GcpAsked = { service: "secretmanager", secret: "db", version: "latest", previous: true };
const where = "--project shop-prod";

describe("a version of a secret", () => {
  it.each([
    [secret("db"), "three", "projects/123456789012/secrets/db/versions/3", undefined],
    [secret("db", "1"), "one", "projects/123456789012/secrets/db/versions/1", true],
    [secret("db", "prod"), "two", "projects/123456789012/secrets/db/versions/2", undefined],
    [previous, "two", "projects/123456789012/secrets/db/versions/2", true],
    [secret("empty"), "", "projects/123456789012/secrets/empty/versions/1", undefined],
  ] as const)("is read, with the name that Google gives it: %o", async (ref, text, version, immutable) => {
    const outcome = await read(ref);
    const told = outcome?.ok === true ? [outcome.secret.version, outcome.secret.immutable] : [];
    expect([textOf(outcome), ...told]).toEqual([text, version, immutable]);
  });

  it("of a region is asked for at that region's host", async () => {
    expect(textOf(await read(secret("eu"), "europe-west1"))).toBe("here");
    const paths = opened.gcp.server.requests.map(({ path }) => path).filter((path) => path.includes("/eu/"));
    expect(paths).toEqual([
      "/at/europe-west1/secretmanager/v1/projects/shop-prod/locations/europe-west1/secrets/eu/versions/latest:access",
    ]);
  });

  it("keeps bytes", async () => {
    const outcome = await read(secret("bytes"));
    expect(outcome?.ok === true && [...outcome.secret.value.reveal()]).toEqual([0, 255, 128, 10]);
  });

  it("and the one before it are read as neighbours, with one read each", async () => {
    const { together } = opened.store;
    const joined = together?.join([secret("db"), previous].map((ref) => ({ ref, optional: false })));
    const before = opened.gcp.count(/:access$/);
    const outcome = joined === undefined ? undefined : await read(joined);
    const parts = outcome?.ok === true ? outcome.secret.together : undefined;
    expect(parts?.map((part) => Buffer.from(part?.value.reveal() ?? []).toString())).toEqual(["three", "two"]);
    expect(opened.gcp.count(/:access$/) - before).toBe(2);
    expect(
      [secret("db"), previous, secret("db", "1"), secret("db", "prod")].map((ref) => together?.unitOf(ref)),
    ).toEqual(["/db", "/db", undefined, undefined]);
  });
});

const accessFix =
  /^check that the secret exists, and grant the role: gcloud secrets add-iam-policy-binding db --project shop-prod --role roles\/secretmanager\.secretAccessor --member "principal:/;
const listed = `check the name and the version: gcloud secrets versions list db ${where}`;

const odd: readonly (readonly [what: string, answer: Answer, id: string, fix: string | RegExp])[] = [
  [
    "denied",
    googleError("PERMISSION_DENIED", "Permission 'secretmanager.versions.access' denied"),
    "LK0033",
    accessFix,
  ],
  ["not found", googleError("NOT_FOUND", "Secret not found"), "LK0034", listed],
  ["a perimeter", perimeterDenial, "LK0033", /VPC Service Controls perimeter .*look up AbC-dEf_1234567890/],
  [
    "an API that is off",
    apiDisabled("secretmanager.googleapis.com", "123456789012"),
    "LK0033",
    "enable the API: gcloud services enable secretmanager.googleapis.com --project 123456789012",
  ],
  [
    "billing that is off",
    billingDisabled("123456789012"),
    "LK0033",
    "link a billing account: gcloud billing projects link 123456789012 --billing-account ACCOUNT",
  ],
  [
    "an organization's policy",
    googleError("PERMISSION_DENIED", "no", { reason: "LOCATION_ORG_POLICY_VIOLATED" }),
    "LK0033",
    /organization policy of shop-prod/,
  ],
  [
    "a scope",
    googleError("PERMISSION_DENIED", "Request had insufficient authentication scopes.", {
      reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    }),
    "LK0033",
    /cloud-platform$/,
  ],
  [
    "a quota",
    googleError("RESOURCE_EXHAUSTED", "Quota exceeded", { reason: "RATE_LIMIT_EXCEEDED" }),
    "LK0031",
    /higher quota of secretmanager\.googleapis\.com/,
  ],
  ["429 without a word", { status: 429, body: "" }, "LK0031", /higher quota/],
  [
    "a token that is over",
    googleError("UNAUTHENTICATED", "invalid authentication credentials"),
    "LK0032",
    /the token is made anew/,
  ],
  ["an argument", googleError("INVALID_ARGUMENT", "Invalid resource field value"), "LK0037", /check the name/],
  ["a precondition of another kind", googleError("FAILED_PRECONDITION", "something else"), "LK0037", /check the name/],
  ["INTERNAL", googleError("INTERNAL", "Internal error"), "LK0030", /status\.cloud\.google\.com/],
  ["UNAVAILABLE", googleError("UNAVAILABLE", "The service is unavailable"), "LK0030", /status\.cloud\.google\.com/],
  ["DEADLINE_EXCEEDED", googleError("DEADLINE_EXCEEDED", "Deadline"), "LK0030", /status\.cloud\.google\.com/],
  ["a page of Google's front ends", frontEndPage, "LK0030", /proxy, ingress or balancer/],
  [
    "403 of a proxy",
    { status: 403, headers: { "content-type": "text/html" }, body: "<html>CANARY</html>" },
    "LK0030",
    /proxy, ingress or balancer/,
  ],
  ["404 of a gateway's JSON", { status: 404, body: { message: "CANARY" } }, "LK0030", /proxy, ingress or balancer/],
  ["401 without a body", { status: 401, body: "" }, "LK0030", /proxy, ingress or balancer/],
  ["407", { status: 407, body: "" }, "LK0030", /proxy, ingress or balancer/],
  ["503 without a body", { status: 503, body: "" }, "LK0030", /proxy, ingress or balancer/],
  [
    "an error that is a list",
    { status: 500, body: [{ error: { code: 500, status: "INTERNAL", message: "x" } }] },
    "LK0030",
    /status\.cloud/,
  ],
  [
    "an error whose status is a number",
    { status: 403, body: { error: { status: 7, message: "CANARY" } } },
    "LK0030",
    /proxy/,
  ],
  [
    "an error with another status than the answer's",
    { status: 403, body: { error: { code: 404, status: "NOT_FOUND", message: "CANARY" } } },
    "LK0030",
    /proxy/,
  ],
  ["an error of null", { status: 403, body: { error: null } }, "LK0030", /proxy/],
  ["204", { status: 204, body: "" }, "LK0030", /proxy/],
  ["a redirect", { status: 302, headers: { location: "http://127.0.0.1:1/" }, body: "" }, "LK0030", /proxy/],
  ["a page with status 200", { headers: { "content-type": "text/html" }, body: "<html>CANARY" }, "LK0030", /proxy/],
  ["no JSON", { body: "CANARY" }, "LK0036", /what answers/],
  [
    "half of its JSON",
    { headers: { "content-type": "application/json" }, body: '{"name":"projects/1/secrets/db/ver' },
    "LK0036",
    /what answers/,
  ],
  ["a list", { body: [] }, "LK0036", /what answers/],
  ["an empty object", { body: {} }, "LK0036", /what answers/],
  [
    "a payload of null",
    { body: { name: "projects/1/secrets/db/versions/1", payload: null } },
    "LK0036",
    /what answers|damaged/,
  ],
  [
    "a payload of a number",
    { body: { name: "projects/1/secrets/db/versions/1", payload: { data: 7 } } },
    "LK0036",
    /proxies before it/,
  ],
  [
    "a payload that is no base64",
    { body: { name: "projects/1/secrets/db/versions/1", payload: { data: "CANARY==!" } } },
    "LK0036",
    /proxies before it/,
  ],
  [
    "a payload cut off",
    { body: { name: "projects/1/secrets/db/versions/1", payload: { data: "aGVsbG8", dataCrc32c: "1" } } },
    "LK0036",
    /proxies before it/,
  ],
  [
    "a CRC that does not fit",
    { body: { name: "projects/1/secrets/db/versions/1", payload: { data: "aGVsbG8=", dataCrc32c: "1" } } },
    "LK0036",
    /proxies before it/,
  ],
  [
    "a CRC that is a number",
    { body: { name: "projects/1/secrets/db/versions/1", payload: { data: "aGVsbG8=", dataCrc32c: 2591144780 } } },
    "LK0036",
    /proxies before it/,
  ],
  ["no name", { body: { payload: { data: "aGVsbG8=" } } }, "LK0036", /proxies before it/],
  [
    "a name with a line break",
    { body: { name: "projects/1\n2", payload: { data: "aGVsbG8=" } } },
    "LK0036",
    /proxies before it/,
  ],
  ["a large body", { body: "x".repeat(9 * 1024 * 1024) }, "LK0038", /split/],
  ["nothing", "reset", "LK0030", /.*/],
];

describe("the size of a secret", () => {
  it("may be 64 KiB, as Google has it, and not a byte more", async () => {
    opened.gcp.addSecret("most", Buffer.alloc(65_536, "a"));
    opened.gcp.addSecret("more", Buffer.alloc(65_537, "a"));
    expect(textOf(await read(secret("most")))).toBe("a".repeat(65_536));
    const outcome = await read(secret("more"));
    const error = outcome?.ok === false ? outcome.error : expect.unreachable("no error");
    expect([error.id, error.message, error.details.fix]).toEqual([
      "LK0038",
      "projects/shop-prod/secrets/more/versions/latest has 65537 bytes, and Secret Manager holds 65536 at most",
      "check what answers at the endpoint of Secret Manager: it is not Google's",
    ]);
  });

  it("of a parameter may be 1 MiB, and what it refers to comes on top", async () => {
    const most = "a".repeat(1_048_576);
    opened.gcp.addSecret("long", Buffer.alloc(65_536, "b"));
    const reference = '__REF__("//secretmanager.googleapis.com/projects/shop-prod/secrets/long/versions/1")';
    opened.gcp.putParameter("most", "v1", `${most.slice(reference.length)}${reference}`, { format: "YAML" });
    const text = textOf(await read({ service: "parametermanager", parameter: "most", version: "v1" }));
    expect(text.length).toBe(1_048_576 - reference.length + 65_536);
  });
});

const parameterVersion = "projects/1/locations/global/parameters/app/versions/v1";
const oddParameters: readonly (readonly [what: string, path: RegExp, body: object])[] = [
  ["nothing rendered of a payload", /:render$/, { parameterVersion, payload: { data: "YQ==" } }],
  ["no version", /:render$/, { renderedPayload: "YQ==" }],
  ["a rendering that is no base64", /:render$/, { parameterVersion, renderedPayload: "CANARY!" }],
  ["a rendering that is a number", /:render$/, { parameterVersion, renderedPayload: 7 }],
  ["versions that are no list", /\/versions$/, { parameterVersions: "CANARY" }],
  ["a version that is none", /\/versions$/, { parameterVersions: [7] }],
  ["a version without a name", /\/versions$/, { parameterVersions: [{ createTime: "2026-01-01T00:00:00Z" }] }],
  ["a version without a time", /\/versions$/, { parameterVersions: [{ name: parameterVersion }] }],
  ["a version of no time", /\/versions$/, { parameterVersions: [{ name: parameterVersion, createTime: "CANARY" }] }],
  ["a page token that is a number", /\/versions$/, { parameterVersions: [], nextPageToken: 7 }],
];

describe("an answer that is no parameter", () => {
  it.each(oddParameters)("is a fault, and never absent or empty: %s", async (_, path, body) => {
    opened.gcp.answerNext(path, { body }, 30);
    const version = path.source.includes("render") ? { version: "v1" } : {};
    const outcome = await read({ service: "parametermanager", parameter: "app", ...version });
    const error = outcome?.ok === false ? outcome.error : expect.unreachable("no error");
    expect([error.id, error.describe()]).toEqual(["LK0036", expect.not.stringContaining("CANARY")]);
  });

  it("is too long where its versions have no end", async () => {
    opened.gcp.answerNext(/\/versions$/, { body: { parameterVersions: [], nextPageToken: "same" } }, 1_000);
    expect(textOf(await read({ service: "parametermanager", parameter: "app" }))).toBe("LK0036");
  });

  it("may be empty, if its payload is", async () => {
    opened.gcp.putParameter("nothing", "v1", "");
    expect(textOf(await read({ service: "parametermanager", parameter: "nothing", version: "v1" }))).toBe("");
  });
});

describe("an answer that is no secret", () => {
  it.each(odd)("is told: %s", async (_, answer, id, fix) => {
    const session = await opened.open();
    opened.gcp.answerNext(/:access$/, answer, 2);
    const [outcome] = await opened.read(session);
    const error = outcome?.ok === false ? outcome.error : expect.unreachable("no error");
    expect([error.id, error.details.login]).toEqual([id, undefined]);
    if (typeof fix === "string") expect(error.details.fix).toBe(fix);
    else expect(error.details.fix).toMatch(fix);
    expect(error.describe()).not.toMatch(/CANARY|ya29/);
    opened.gcp.server.requests.length = 0;
  });

  it.each([
    [secret("off", "1"), "disabled", `enable it: gcloud secrets versions enable 1 --secret off ${where}`],
    [secret("off", "2"), "destroyed", `add a version: gcloud secrets versions add off ${where} --data-file FILE`],
    [secret("nowhere"), "not there", `check the name and the version: gcloud secrets versions list nowhere ${where}`],
    [secret("db", "99"), "of a version that is not there", listed],
  ] as const)("is absent where it is %s", async (ref, _, fix) => {
    const outcome = await read(ref);
    expect(outcome?.ok === false && [outcome.error.id, outcome.error.details.fix]).toEqual(["LK0034", fix]);
  });

  it("is absent where there is no version before it", async () => {
    opened.gcp.addSecret("young", "x");
    const outcome = await read({ service: "secretmanager", secret: "young", version: "latest", previous: true });
    expect(textOf(outcome)).toBe("LK0034");
  });

  it("ends with the caller's time where nobody answers", async () => {
    const session = await opened.open();
    opened.gcp.answerNext(/:access$/, "hang", 1);
    const started = opened.store.open({
      identity: { namespace: "a", serviceAccount: "b", proved: false, tokens: new Map() },
      settings: { location: "a.b", identity: { by: "keyFile" } },
      found: new Map(),
      context: { signal: AbortSignal.timeout(100), count: () => undefined },
    });
    await expect(started).rejects.toMatchObject({ id: "LK0016" });
    const outcomes = await outcomesOf(session, [secret("db")], {
      signal: AbortSignal.timeout(100),
      count: () => undefined,
    });
    expect(outcomes.map(textOf)).toEqual(["LK0030 TIMEOUT"]);
  });
});

describe("CRC-32C", () => {
  /** https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4 */
  const vectors: readonly (readonly [string, Uint8Array, number])[] = [
    ["zeros", Buffer.alloc(32), 0x8a9136aa],
    ["ones", Buffer.alloc(32, 0xff), 0x62a8ab43],
    ["numbers", Buffer.from(Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e],
    ["numbers backwards", Buffer.from(Array.from({ length: 32 }, (_, at) => 31 - at)), 0x113fdb5c],
    ["digits", Buffer.from("123456789"), 0xe3069283],
    ["nothing", Buffer.alloc(0), 0],
  ];
  it.each(vectors)("is that of the RFC, and of another way to reckon it: %s", (_, bytes, crc) => {
    expect([crc32c(bytes), slowCrc32c(bytes)]).toEqual([crc, crc]);
  });
});
