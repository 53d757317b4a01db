import { describe, expect, it } from "vitest";
import { catalogue, type ErrorId, ProviderError } from "../../../src/errors.ts";
import { planOf, problemsOf } from "../plan-of.ts";

const stores = `
aws: { kind: aws-secrets-manager, region: eu-west-1 }
other: { kind: aws-secrets-manager, region: eu-central-1, maxStale: 1h }
`;

function secrets(...lines: readonly string[]): string {
  return `- store: aws\n  name: a\n  files: [{ path: f }]\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

async function nextOf(...lines: readonly string[]) {
  const { secrets: wanted } = await planOf("latchkey", { stores, secrets: secrets(...lines) });
  return wanted[0]?.next;
}

const service = "secretsmanager";
const aws = (region: string) => ({ region, identity: { by: "webIdentity", roleArn: undefined } });

describe("fallback", () => {
  it("is where a secret lies too, in the terms of its store", async () => {
    expect(await nextOf("fallback:", "- { store: other, name: b }", "- { store: aws, name: c }")).toEqual({
      sources: [
        { store: "aws-secrets-manager", settings: aws("eu-central-1"), ref: { service, secretId: "b" } },
        { store: "aws-secrets-manager", settings: aws("eu-west-1"), ref: { service, secretId: "c" } },
      ],
      stale: "beforeNext",
      tryNext: expect.any(Function),
    });
  });

  it("is nothing where its list is empty", async () => {
    expect(await nextOf("fallback: []")).toBeUndefined();
  });

  it("is asked where its store could not be asked, and not after what a store said", async () => {
    const next = await nextOf("fallback: [{ store: other, name: b }]");
    const ids = Object.keys(catalogue) as ErrorId[];
    const after = ids.filter((id) => next?.tryNext(new ProviderError(id, "said")));
    expect(after).toEqual(["LK0006", "LK0009", "LK0012", "LK0017", "LK0030", "LK0031", "LK0039", "LK0041"]);
  });
});

describe("problems of fallback", () => {
  const rows: readonly (readonly [line: string, problems: readonly string[]])[] = [
    [
      "fallback: x",
      [
        "LK0003 secrets[0].fallback: a list is needed, not text at line 4, column 13. Fix: write a list: [{ store: ..., name: ... }]",
      ],
    ],
    ["fallback: [x]", ["LK0003 secrets[0].fallback[0]: a map is needed, not text at line 4, column 14"]],
    [
      "fallback: [{ name: b }]",
      [
        "LK0003 secrets[0].fallback[0]: store is missing or empty at line 4, column 14. Fix: write the name of an entry of `stores`: aws, other",
      ],
    ],
    [
      "fallback: [{ store: othr, name: b }]",
      ['LK0003 secrets[0].fallback[0].store: `stores` has no "othr" at line 4, column 23. Fix: did you mean "other"?'],
    ],
    [
      "fallback: [{ store: other, nam: b }]",
      [
        "LK0003 secrets[0].fallback[0].name: is missing at line 4, column 14",
        'LK0003 secrets[0].fallback[0].nam: unknown field "nam" at line 4, column 30. Fix: did you mean "name"?',
      ],
    ],
    [
      "fallback: [{ store: other, name: b, files: [] }]",
      [
        'LK0003 secrets[0].fallback[0].files: unknown field "files" at line 4, column 39. Fix: write it in an entry of secrets',
      ],
    ],
    [
      "fallback: [{ store: other, name: b, find: {} }]",
      ["LK0003 secrets[0].fallback[0].find: a fallback is one secret at line 4, column 39. Fix: write its name"],
    ],
  ];
  it.each(rows)("%s", async (line, problems) => {
    expect(await problemsOf("latchkey", { stores, secrets: secrets(line) })).toEqual(problems);
  });
});
