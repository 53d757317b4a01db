import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RecordedRequest, type ScriptedServer, startScripted } from "../servers/scripted.ts";
import { goodCredentials, roleArn, smAnswer, smError, stsAnswer } from "../stores/aws/scripted-aws.ts";
import { startNode, type TestNode } from "./node.ts";

const provider = "aws";
const audiences = ["sts.amazonaws.com"];
const sm = "objectType: secretsmanager";
const good = { region: "eu-west-1", roleArn, objects: `- {objectName: a, ${sm}}` };
const regions = { failoverRegion: "eu-central-1" };
const arn = (service: string, region: string) => `arn:aws:${service}:${region}:123456789012:secret:a`;

let aws: ScriptedServer;
let node: TestNode;

beforeAll(async () => {
  aws = await startScripted(answer);
  node = await startNode({ flags: { awsEndpointUrl: aws.url, refresh: "0s", denyMemory: "0s" } });
});

afterAll(async () => {
  await node?.stop();
  await aws?.stop();
});

/** Every secret is there, none of the parameters is. */
function answer({ headers, body }: RecordedRequest) {
  const target = String(headers["x-amz-target"] ?? "");
  if (target === "") return stsAnswer(goodCredentials);
  const { SecretId, Names } = JSON.parse(body);
  if (Names !== undefined) return smAnswer({ Parameters: [], InvalidParameters: Names });
  if (SecretId === "text") return smAnswer({ SecretString: "CANARY no JSON", VersionId: "v" });
  if (SecretId.length > 2_048) return smError(400, "ValidationException", "too long");
  return smAnswer({ SecretString: '{"k":"CANARY","n":1,"o":{},"l":[1,2]}', VersionId: "v" });
}

const object = (more: string) => `- {objectName: a, ${sm}, ${more}}`;
const jmes = (path: string, name = "a") =>
  `- {objectName: ${name}, ${sm}, jmesPath: [{path: ${JSON.stringify(path)}, objectAlias: x}]}`;

/** The text of `objects`, where nothing else is odd. */
const oddObjects: readonly (readonly [objects: string, code?: string])[] = [
  ["hello"],
  ["{a: b}"],
  ["5"],
  ["- "],
  ["- text"],
  ["- [a]"],
  ["- {}"],
  ["- {objectName: }"],
  ["- {objectName: [a]}"],
  ["- {objectName: {a: b}}"],
  ["- {objectName: a}"],
  ["- {objectName: a, objectType: ssm}"],
  ["- {objectName: a, objectType: SecretsManager}"],
  ["- {objectName: 'arn:aws:secretsmanager'}"],
  [`- {objectName: '${arn("secretsmanager", "us-east-1")}'}`],
  [`- {objectName: '${arn("secretsmanager", "")}'}`],
  [`- {objectName: '${arn("s3", "eu-west-1")}'}`],
  [`- {objectName: '${arn("ssm", "eu-west-1")}', ${sm}}`],
  ["- {objectName: a, objectType: ssmparameter, objectVersion: 1, objectVersionLabel: l}"],
  ["- {objectName: 'a:1', objectType: ssmparameter}", "NOT_FOUND"],
  ["- {objectName: 'arn:aws:ssm:eu-west-1:999999999999:parameter/x:1'}", "NOT_FOUND"],
  ["- {objectName: ':::', objectType: ssmparameter}", "NOT_FOUND"],
  [object("filePermission: 0600")],
  [object('filePermission: "0888"')],
  [object('filePermission: "06440"')],
  [object("filePermission: [1]")],
  [object("jmesPath: k")],
  [object("jmesPath: {path: k}")],
  [object("jmesPath: [null]")],
  [object("jmesPath: [{path: k}]")],
  [object("jmesPath: [{objectAlias: x}]")],
  [object("jmesPath: [{path: k, objectAlias: x, filePermission: 9}]")],
  [object("jmesPath: [{path: k, objectAlias: x, stringify: maybe}]")],
  [object("jmesPath: [{path: k, objectAlias: x}, {path: n, objectAlias: x}]")],
  [jmes("foo(")],
  [jmes("foo(k)")],
  [jmes("`k`")],
  [jmes("l[::0]")],
  [jmes("x".repeat(5_000))],
  [jmes("(".repeat(2_000))],
  [jmes(`${"a.".repeat(200)}a`)],
  [jmes("merge('a')")],
  [jmes("merge(@, 'a')")],
  [jmes("n")],
  [jmes("o")],
  [jmes("&k")],
  [jmes("k", "text")],
  [jmes("nothing"), "NOT_FOUND"],
  [jmes("k.length"), "NOT_FOUND"],
  [jmes(`${"[@, @][] | ".repeat(90)}@`), "FAILED_PRECONDITION"],
  [object("objectAlias: ..")],
  [object("objectAlias: .")],
  [object("objectAlias: ..data")],
  [object("objectAlias: .._x")],
  [object('objectAlias: "a\\0b"')],
  [object(`objectAlias: ${"x".repeat(300)}`)],
  [object("decode: hex")],
  [object("decode: base64")],
  [object("allKeys: maybe")],
  [`[{objectName: a, ${sm}}, {objectName: a, ${sm}}]`],
  [`[{objectName: a, ${sm}, objectAlias: x}, {objectName: b, ${sm}, objectAlias: x}]`],
  ["- {objectName: a"],
  ["- objectName: a\n\tobjectType: b"],
  ["&a [*a]"],
  ["[".repeat(20_000)],
  ["!!binary AP8="],
  [`- {objectName: ${"x".repeat(70_000)}, ${sm}, objectAlias: x}`],
  ["- {objectName: a}\n".repeat(3_000)],
];

/** Other parameters that a SecretProviderClass or a pod's volumeAttributes can set. */
const oddParameters: readonly (readonly [parameters: Readonly<Record<string, string>>, code?: string])[] = [
  [{ region: "" }],
  [{ region: "evil.example/#" }],
  [{ region: "EU-WEST-1" }],
  [{ region: "x".repeat(64) }],
  [{ pathTranslation: "--" }],
  [{ pathTranslation: "é" }],
  [{ pathTranslation: "False", objects: `- {objectName: ../a, ${sm}}` }],
  [{ pathTranslation: "False", objects: `- {objectName: a//b, ${sm}}` }],
  [{ pathTranslation: "False", objects: `- {objectName: a/, ${sm}}` }],
  [{ pathTranslation: "\0", objects: `- {objectName: a/b, ${sm}}` }],
  [{ usePodIdentity: "yes" }],
  [{ usePodIdentity: "true" }],
  [{ roleArn: "role" }],
  [{ roleArn: "arn:aws:iam::1:role/x" }],
  [{ assumeRoleArn: "role" }],
  [{ assumeRoleExternalId: "x1" }],
  [{ assumeRoleArn: roleArn, assumeRoleExternalId: "!" }],
  [{ assumeRoleArn: roleArn, assumeRoleSessionTags: "team" }],
  [{ failoverRegion: "eu-west-1" }],
  [{ failoverRegion: "a b" }],
  [{ failoverRegions: "eu-central-1,@" }],
  [{ objects: object("failoverObject: {objectName: b}"), ...regions }],
  [{ objects: object("objectAlias: f, failoverObject: {objectName: b}") }],
  [{ objects: object("failoverObject: b"), ...regions }],
  [{ objects: object("objectAlias: f, failoverObject: {objectName: b, objectVersion: 1}"), ...regions }],
  [{ objects: object(`objectAlias: f, failoverObject: {objectName: '${arn("ssm", "eu-west-1")}'}`), ...regions }],
];

const cases = [
  ...oddObjects.map(([objects, code]) => [{ objects }, code] as const),
  ...oddParameters.map(([parameters, code]) => [parameters, code] as const),
].map(
  ([parameters, code = "INVALID_ARGUMENT"]) => [JSON.stringify(parameters).slice(0, 90), code, parameters] as const,
);

describe(`${cases.length} odd SecretProviderClasses of the aws dialect`, () => {
  it.each(cases)("%s is %s, with a cause and no value", async (what, code, parameters) => {
    const volume = `odd-${cases.findIndex(([name]) => name === what)}`;
    const error = await node.publishError({ provider, audiences, volume, parameters: { ...good, ...parameters } });
    expect([error.code, error.uncertain]).toEqual([code, false]);
    expect(error.message).toMatch(/LK00\d\d /);
    expect(error.message.length).toBeLessThan(9_000);
    expect(error.message).not.toContain("CANARY");
  });

  it("leave a process behind that mounts what is right, names of every object's members included", async () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
    const objects = names.map((name) => `- {objectName: ${name}, ${sm}, unknown: x}`).join("\n");
    const { podStatus } = await node.publish({ provider, audiences, parameters: { ...good, objects } });
    expect(podStatus.status.objects.map(({ id }) => id).sort()).toEqual([...names].sort());
    expect(JSON.stringify(node.log)).not.toContain("CANARY");
  });
});
