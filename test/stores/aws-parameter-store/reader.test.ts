import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RecordedRequest } from "../../servers/scripted.ts";
import { parameter, type ScriptedAws, smAnswer, smError, startScriptedAws, textOf } from "../aws/scripted-aws.ts";

let aws: ScriptedAws;
beforeEach(async () => {
  aws = await startScriptedAws();
});
afterEach(() => aws.stop());

const namesIn = ({ body }: Pick<RecordedRequest, "body">): readonly string[] => JSON.parse(body).Names;

/** Every name is there but those that start with `no`; versions are 7. */
function everything(request: RecordedRequest) {
  const names = namesIn(request);
  const known = names.filter((name) => !name.startsWith("no"));
  return smAnswer({
    Parameters: known.map((name) => {
      const [Name = "", selector] = name.startsWith("arn:") ? [name] : name.split(":");
      return { Name, Selector: selector && `:${selector}`, Value: `value of ${name}`, Version: 7, Type: "String" };
    }),
    InvalidParameters: names.filter((name) => name.startsWith("no")),
  });
}

describe("parameters", () => {
  test("are read decrypted, ten by one request, in their order", async () => {
    aws.answer({ ssm: everything });
    const session = await aws.open();
    const names = Array.from({ length: 23 }, (_, at) => `/shop/p${at}`);
    const outcomes = await aws.read(session, ...names.map((name) => parameter(name)));
    expect(outcomes.map(textOf)).toEqual(names.map((name) => `value of ${name}`));
    expect(outcomes[0]).toMatchObject({ ok: true, secret: { version: "7" } });
    expect(aws.asked("GetParameters")).toEqual(
      [names.slice(0, 10), names.slice(10, 20), names.slice(20)].map((Names) => ({ Names, WithDecryption: true })),
    );
    expect(aws.counted).toEqual(["login", "read", "read", "read"]);
  });

  test("of one name with several selectors are asked for apart, and each gets its own value", async () => {
    aws.answer({ ssm: everything });
    const refs = [parameter("p"), parameter("p", "3"), parameter("p", "live"), parameter("p"), parameter("q")];
    const outcomes = await aws.read(await aws.open(), ...refs);
    expect(outcomes.map(textOf)).toEqual([
      ...["value of p", "value of p:3", "value of p:live", "value of p", "value of q"],
    ]);
    expect(aws.asked("GetParameters")).toEqual(
      [["p", "q"], ["p:3"], ["p:live"]].map((Names) => ({ Names, WithDecryption: true })),
    );
    expect(outcomes.map((outcome) => outcome.ok && outcome.secret.immutable)).toEqual([
      ...[undefined, true, undefined, undefined, undefined],
    ]);
  });

  test("that do not exist are absent, and the others are there", async () => {
    aws.answer({ ssm: everything });
    const outcomes = await aws.read(await aws.open(), parameter("a"), parameter("nothing", "4"));
    expect(outcomes.map(textOf)).toEqual(["value of a", "LK0034 InvalidParameters"]);
    expect(outcomes[1]?.ok === false && outcomes[1].error.message).toBe(
      "Parameter Store in eu-west-1 has no nothing:4: invalid parameters: nothing:4",
    );
  });

  test("by ARN are told by their ARN", async () => {
    const arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/a";
    aws.answer({ ssm: smAnswer({ Parameters: [{ Name: "/shop/a", ARN: arn, Value: "v", Version: 1 }] }) });
    const [outcome] = await aws.read(await aws.open(), parameter(arn));
    expect(textOf(outcome)).toBe("v");
  });

  test("that one denial refuses together are asked for one by one", async () => {
    aws.answer({
      ssm: (request) =>
        namesIn(request).includes("secret") ? smError(400, "AccessDeniedException") : everything(request),
    });
    const outcomes = await aws.read(await aws.open(), parameter("a"), parameter("secret"), parameter("b"));
    expect(outcomes.map(textOf)).toEqual(["value of a", "LK0033 AccessDeniedException", "value of b"]);
    expect(outcomes[1]?.ok === false && outcomes[1].error.details.fix).toBe(
      "give arn:aws:iam::123456789012:role/shop ssm:GetParameters on secret in eu-west-1",
    );
    expect(aws.asked("GetParameters").length).toBe(4);
  });

  test.each([
    ["ThrottlingException", 400, "LK0031 ThrottlingException"],
    ["ExpiredTokenException", 400, "LK0032 ExpiredTokenException"],
    ["InternalServerError", 500, "LK0030 InternalServerError"],
    ["InvalidKeyId", 400, "LK0033 InvalidKeyId"],
  ])("that %s refuses together fail together, or each by itself", async (code, status, said) => {
    aws.answer({ ssm: smError(status, code) });
    const outcomes = await aws.read(await aws.open(), parameter("a"), parameter("b"));
    expect(outcomes.map(textOf)).toEqual([said, said]);
  });

  const odd: readonly [what: string, body: unknown, said: string][] = [
    ["nothing", {}, "LK0036"],
    ["null", "null", "LK0036"],
    ["null parameters", { Parameters: null }, "LK0036"],
    ["a null parameter", { Parameters: [null] }, "LK0036"],
    ["a foreign parameter", { Parameters: [{ Name: "b", Value: "CANARY" }] }, "LK0036"],
    ["a parameter without a name", { Parameters: [{ Value: "CANARY" }] }, "LK0036"],
    ["another name that is missing", { InvalidParameters: ["b"] }, "LK0036"],
    ["a name that is missing", { Parameters: [], InvalidParameters: [null, "a"] }, "LK0034 InvalidParameters"],
    ["no value", { Parameters: [{ Name: "a", Version: 1 }] }, "LK0036"],
    ["a number for a value", { Parameters: [{ Name: "a", Value: 1 }] }, "LK0036"],
    ["text that is no JSON", "CANARY", "LK0036 200"],
  ];
  test.each(odd)("answered by %s are a clear error", async (_, body, said) => {
    aws.answer({ ssm: smAnswer(body) });
    const [outcome] = await aws.read(await aws.open(), parameter("a"));
    expect(textOf(outcome)).toBe(said);
    expect(outcome?.ok === false && outcome.error.describe()).not.toContain("CANARY");
  });

  test("without a version are read all the same", async () => {
    aws.answer({ ssm: smAnswer({ Parameters: [{ Name: "a", Value: "v", Version: "x" }] }) });
    const [outcome] = await aws.read(await aws.open(), parameter("a"));
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome?.ok === true && outcome.secret.version).toBeUndefined();
  });
});
