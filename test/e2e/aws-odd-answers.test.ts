import { afterAll, beforeAll, describe, expect, it } from "vitest";
import fc from "../property.ts";
import { scaled } from "../scale.ts";
import { type Answer, type RecordedRequest, type ScriptedServer, startScripted } from "../servers/scripted.ts";
import { goodCredentials, roleArn, smAnswer, smError, stsAnswer, stsError } from "../stores/aws/scripted-aws.ts";
import { startNode, type TestNode } from "./node.ts";

/** Every gRPC code that a mount may end with (docs/architecture.md), but OK. */
const final = /^(INVALID_ARGUMENT|NOT_FOUND|PERMISSION_DENIED|FAILED_PRECONDITION|INTERNAL|UNAUTHENTICATED)$/;

type Part = "sts" | "sm" | "ssm" | "agent";

const goodAgent: Answer = { body: { AccessKeyId: "CANARY-id", SecretAccessKey: "CANARY-key", Token: "CANARY-token" } };
const goodAnswers: Readonly<Record<Part, Answer>> = {
  sts: stsAnswer(goodCredentials),
  sm: smAnswer({ SecretString: "CANARY", VersionId: "v" }),
  ssm: smAnswer({ Parameters: [{ Name: "p", Value: "CANARY", Version: 1 }] }),
  agent: goodAgent,
};

let aws: ScriptedServer;
let node: TestNode;
let answers: Readonly<Record<Part, Answer>>;
let mounted = 0;

function partOf({ path, headers }: RecordedRequest): Part {
  if (path === "/v1/credentials") return "agent";
  const target = String(headers["x-amz-target"] ?? "");
  return target === "" ? "sts" : target.startsWith("AmazonSSM.") ? "ssm" : "sm";
}

beforeAll(async () => {
  answers = goodAnswers;
  aws = await startScripted((request) => answers[partOf(request)]);
  const flags = {
    awsEndpointUrl: aws.url,
    awsPodIdentityUrl: aws.url,
    refresh: "0s",
    maxStale: "0s",
    denyMemory: "0s",
    // What may pass is not asked for again and again.
    mountTimeout: "1s",
  };
  node = await startNode({ flags });
});

afterAll(async () => {
  await node?.stop();
  await aws?.stop();
});

/** Mounts one object of what is asked, in a region of its own: no breaker and no login knows it. */
async function mount(part: Part, answer: Answer): Promise<{ readonly code: string; readonly message: string }> {
  answers = { ...goodAnswers, [part]: answer };
  mounted += 1;
  const type = part === "ssm" ? "ssmparameter" : "secretsmanager";
  const login = part === "agent" ? { usePodIdentity: "true" } : { roleArn };
  const parameters = { region: `r${mounted}`, ...login, objects: `- { objectName: p, objectType: ${type} }` };
  const audiences = ["sts.amazonaws.com", "pods.eks.amazonaws.com"];
  return await node.publish({ provider: "aws", audiences, parameters, volume: `v${mounted}` }).then(
    () => ({ code: "OK", message: "" }),
    ({ code, message }: { readonly code: string; readonly message: string }) => ({ code, message }),
  );
}

const html: Answer = { headers: { "content-type": "text/html" }, body: "<html>CANARY</html>" };
const large: Answer = { body: Buffer.alloc(9 * 1024 * 1024, "CANARY") };
const truncated = goodCredentials.slice(0, 120);
const deepJson = `{"SecretString":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
const deepXml = `${"<a>".repeat(20_000)}CANARY${"</a>".repeat(20_000)}`;
const entities = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "CANARY"><!ENTITY b "${"&a;".repeat(1_000)}">]><x>${"&b;".repeat(1_000)}</x>`;

/** The answers of each part, with those that end today's provider first. */
const odd: readonly (readonly [what: string, part: Part, answer: Answer])[] = [
  ["200 without a body", "sm", { status: 200 }],
  ["an empty object", "sm", smAnswer("{}")],
  ["null", "sm", smAnswer("null")],
  ["a list", "sm", smAnswer('["CANARY"]')],
  ["text", "sm", smAnswer('"CANARY"')],
  ["cut JSON", "sm", smAnswer('{"SecretString":"CANARY')],
  ["deep JSON", "sm", smAnswer(deepJson)],
  ["a number", "sm", smAnswer({ SecretString: 5 })],
  ["an object", "sm", smAnswer({ SecretString: { toString: "CANARY" } })],
  ["no base64", "sm", smAnswer({ SecretBinary: { CANARY: 1 } })],
  ["HTML", "sm", html],
  ["too much", "sm", large],
  ["204", "sm", { status: 204 }],
  ["a redirect", "sm", { status: 302, headers: { location: "http://169.254.169.254/" } }],
  ["a broken connection", "sm", "reset"],
  ["a code that is not text", "sm", smAnswer({ __type: { a: 1 }, message: "CANARY" }, 400)],
  ["__proto__ as its code", "sm", smError(400, "__proto__", "no")],
  ["a code of 100,000 characters", "sm", smError(400, "X".repeat(100_000), "no")],
  ["a message of 100,000 characters", "sm", smError(400, "AccessDeniedException", "x".repeat(100_000))],
  ["418", "sm", { status: 418 }],
  ["599", "sm", { status: 599, body: "CANARY" }],
  ["200 without a body", "ssm", { status: 200 }],
  ["an empty object", "ssm", smAnswer("{}")],
  ["null", "ssm", smAnswer("null")],
  ["parameters that are text", "ssm", smAnswer({ Parameters: "CANARY" })],
  ["parameters that are null", "ssm", smAnswer({ Parameters: [null, 5, "CANARY"] })],
  ["another name", "ssm", smAnswer({ Parameters: [{ Name: "q:1", Value: "CANARY" }] })],
  ["a name that is a list", "ssm", smAnswer({ Parameters: [{ Name: ["p"], Value: "CANARY" }] })],
  ["no value", "ssm", smAnswer({ Parameters: [{ Name: "p" }] })],
  ["a value that is an object", "ssm", smAnswer({ Parameters: [{ Name: "p", Value: { a: "CANARY" } }] })],
  ["an invalid list", "ssm", smAnswer({ InvalidParameters: 7 })],
  ["HTML", "ssm", html],
  ["too much", "ssm", large],
  ["200 without a body", "sts", { status: 200 }],
  ["an empty object", "sts", { body: {} }],
  ["an empty result", "sts", stsAnswer("")],
  ["cut XML", "sts", stsAnswer(truncated)],
  ["deep XML", "sts", { headers: { "content-type": "text/xml" }, body: deepXml }],
  ["entities", "sts", { headers: { "content-type": "text/xml" }, body: entities }],
  ["an end that is not a time", "sts", stsAnswer(goodCredentials.replace("2099-01-01T00:00:00Z", "CANARY"))],
  ["two lists of credentials", "sts", stsAnswer(`${goodCredentials}${goodCredentials}`)],
  ["HTML", "sts", html],
  ["too much", "sts", large],
  ["a code with a space", "sts", stsError(400, "Access Denied")],
  ["an error without a code", "sts", { status: 400, headers: { "content-type": "text/xml" }, body: "<Error/>" }],
  ["a broken connection", "sts", "reset"],
  ["200 without a body", "agent", { status: 200 }],
  ["an empty object", "agent", { body: {} }],
  ["null", "agent", { body: "null" }],
  ["a list", "agent", { body: '["CANARY"]' }],
  ["numbers", "agent", { body: { AccessKeyId: 1, SecretAccessKey: 2, Token: 3 } }],
  ["no token", "agent", { body: { AccessKeyId: "CANARY", SecretAccessKey: "CANARY" } }],
  ["text with status 400", "agent", { status: 400, body: "CANARY" }],
  ["a redirect", "agent", { status: 302, headers: { location: "http://169.254.169.254/" } }],
  ["too much", "agent", large],
  ["a broken connection", "agent", "reset"],
];

describe(`${odd.length} odd answers of AWS`, () => {
  it.each(odd)("%s of %s is a final status, with a cause and no value", async (_, part, answer) => {
    const { code, message } = await mount(part, answer);
    expect(code).toMatch(final);
    expect(message).toMatch(/LK00\d\d object "p"/);
    expect(message.length).toBeLessThan(1_500);
    expect(message).not.toContain("CANARY");
  });

  it("leave a process behind that mounts, and no value in its log", async () => {
    for (const part of ["sm", "ssm", "agent"] as const) {
      expect(await mount(part, goodAnswers[part])).toEqual({ code: "OK", message: "" });
    }
    expect(JSON.stringify(node.log)).not.toContain("CANARY");
  });
});

const key = fc.constantFrom(
  ...[
    "SecretString",
    "SecretBinary",
    "VersionId",
    "Parameters",
    "InvalidParameters",
    "Name",
    "ARN",
    "Value",
    "Version",
  ],
  ...["__type", "message", "Message", "code", "Credentials", "AccessKeyId", "Token", "Expiration", "__proto__"],
);
const json = fc.letrec((tie) => ({
  node: fc.oneof({ maxDepth: 3 }, fc.constantFrom("p", "", null, 0, -1, true), tie("list"), tie("map")),
  list: fc.array(tie("node"), { maxLength: 3 }),
  map: fc.dictionary(key, tie("node"), { maxKeys: 5 }),
})).node;
const xml = fc
  .array(fc.constantFrom(..."<a> </a> <Credentials> </Credentials> <Code> &amp; &x; <!-- ]]> text".split(" ")))
  .map((parts) => parts.join(""));
const generated: fc.Arbitrary<Answer> = fc.record({
  status: fc.constantFrom(200, 200, 200, 201, 204, 400, 403, 404, 413, 500),
  headers: fc.constantFrom({}, { "content-type": "application/x-amz-json-1.1" }, { "x-amzn-errortype": "a:b#c,d" }),
  body: fc.oneof(
    json.map((value) => JSON.stringify(value) ?? ""),
    xml,
    fc.string(),
    fc.uint8Array({ maxLength: 64 }),
  ),
});

describe("generated answers of AWS", () => {
  it.each(["sm", "ssm", "sts", "agent"] as const)(
    "of %s each end with a gRPC status",
    async (part) => {
      await fc.assert(
        fc.asyncProperty(generated, async (answer) => {
          expect((await mount(part, answer)).code).toMatch(new RegExp(`^OK$|${final.source}`));
        }),
        { numRuns: scaled(150), endOnFailure: true },
      );
      expect((await node.driver.version("aws")).version).toBe("v1alpha1");
    },
    60_000,
  );
});
