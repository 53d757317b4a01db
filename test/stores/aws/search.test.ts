import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awsSearch } from "../../../src/stores/aws/search.ts";
import type { AwsRef } from "../../../src/stores/aws/types.ts";
import { type ScriptedAws, smAnswer, startScriptedAws } from "./scripted-aws.ts";

let aws: ScriptedAws;
beforeAll(async () => {
  aws = await startScriptedAws();
});
afterAll(() => aws.stop());

/** Sets what both services answer: one body to every page, or one to each in turn. */
function answerWith(...bodies: readonly unknown[]): void {
  let page = 0;
  const next = () => smAnswer(bodies[Math.min(page++, bodies.length - 1)]);
  aws.answer({ sm: next, ssm: next });
}

const names = (...all: readonly string[]) => all.map((Name) => ({ Name }));
const listed = (list: unknown, NextToken?: unknown) => ({ SecretList: list, Parameters: list, NextToken });

/** The names that are found, or the error; and the pages that were asked for. */
async function find(query: object, service: AwsRef["service"]) {
  const before = aws.server.requests.length;
  const session = await aws.open();
  const search = awsSearch(service).parse(query) as unknown as AwsRef;
  const [outcome] = await aws.read(session, search);
  const pages = aws.server.requests.slice(before).filter(({ headers }) => headers["x-amz-target"] !== undefined);
  const asked = pages.map(({ body }) => JSON.parse(body) as { readonly Filters?: unknown });
  if (outcome?.ok !== true) return { asked, error: outcome?.error };
  return { asked, names: JSON.parse(Buffer.from(outcome.secret.value.reveal()).toString()) as unknown };
}

describe.each(["secretsmanager", "ssm"] as const)("a search in %s", (service) => {
  const noLists: readonly (readonly [what: string, body: unknown])[] = [
    ["an empty object", {}],
    ["null", "null"],
    ["no body", ""],
    ["a list that is text", listed("/a")],
    ["a list that is null", listed(null)],
    ["an entry that is null", listed([null])],
    ["an entry that is text", listed(["/a"])],
    ["an entry without a name", listed([{}])],
    ["a name that is a number", listed([...names("/a"), { Name: 5 }])],
    ["a token that is an object", listed([], {})],
  ];
  it.each(noLists)("takes %s for no list, and not for an empty one", async (_, body) => {
    answerWith(body);
    const { asked, error } = await find({ prefix: "/a" }, service);
    expect([error?.id, error?.reason, asked.length]).toEqual(["LK0036", "fault", 1]);
  });

  it("goes from page to page, also through empty ones", async () => {
    answerWith(listed(names("/b"), "1"), listed([], "2"), listed(names("/a", "other")));
    expect((await find({ prefix: "/" }, service)).names).toEqual(["/a", "/b"]);
  });

  it("asks for no page twice", async () => {
    answerWith(listed(names("/a"), "same"));
    const { asked, error } = await find({ prefix: "/" }, service);
    expect([error?.id, asked.length]).toEqual(["LK0036", 2]);
  });
});

describe("what is asked of Secrets Manager", () => {
  it("is a name as services make it for the secrets that they own", async () => {
    answerWith(listed(names("rds!db-1", "rds")));
    const { asked, names: found } = await find({ prefix: "rds!" }, "secretsmanager");
    expect([asked[0]?.Filters, found]).toEqual([[{ Key: "name", Values: ["rds!"] }], ["rds!db-1"]]);
    // At the beginning it would turn the filter round.
    expect(awsSearch("secretsmanager").safeParse({ prefix: "!rds" }).success).toBe(false);
  });

  it.each(["équipe", "!team", "a,b"])("leaves the tag %s, which its filter does not take, to Latchkey", async (key) => {
    answerWith(
      listed([
        { Name: "a", Tags: [{ Key: key, Value: "x" }] },
        { Name: "b", Tags: [] },
      ]),
    );
    const { asked, names: found } = await find({ tags: { [key]: "x" } }, "secretsmanager");
    expect([asked[0]?.Filters, found]).toEqual([[], ["a"]]);
  });
});
