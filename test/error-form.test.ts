import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { faultsOf, fixFaultsOf, verbs } from "./error-form.ts";
import { type ErrorText, errorTextsOf } from "./error-texts.ts";

const src = join(import.meta.dirname, "../src");

const names = (await readdir(src, { recursive: true })).filter(
  (name) => name.endsWith(".ts") && !name.includes("v1alpha1"),
);
const texts = (
  await Promise.all(names.map(async (name) => errorTextsOf(name, await readFile(join(src, name), "utf8"))))
).flat();

/** Code that stands for a text of a SecretProviderClass. */
const chosen = /^(?:\w+\.)*(?:name|text|path|key|value|namespace|secret|prefix|profile|region|object\w+|roleArn)$/;

/** Errors that are several, and have a fix each. */
const several = ["…problems"];

/** Returns what is wrong with one error of the sources. */
function wrongWith({ kind, message, fix, where, bare }: ErrorText): readonly string[] {
  const parts = [
    ...(message === undefined ? [] : faultsOf(message)),
    ...(typeof fix === "string" ? fixFaultsOf(fix) : []),
  ];
  const both = `${message ?? ""}. Fix: ${typeof fix === "string" ? fix : ""}`;
  const length = both.length > 400 ? [`${both.length} characters together`] : [];
  const names = where.startsWith("dialects/") ? bare.filter((each) => chosen.test(each)) : [];
  const unquoted = names.map((each) => `${each} without quotes`);
  return [...parts, ...length, ...unquoted, ...(lacksFix(kind, message, fix) ? ["nothing that says what to do"] : [])];
}

function lacksFix(kind: ErrorText["kind"], message: string | undefined, fix: ErrorText["fix"]): boolean {
  if (message === undefined || several.includes(message.replaceAll(" ", ""))) return false;
  if (kind === "ProviderError") return fix === undefined && !/\bmust\b/.test(message);
  return kind === "ConfigError" && !saysWhatToDo(message);
}

/** `--flag: what is wrong; what to do`, or a rule that says it: must, needs, allowed. */
function saysWhatToDo(message: string): boolean {
  const words = message.split(/[\s;:(,]+/);
  return /\b(?:must|needs|allowed|start)\b|…$/.test(message) || words.some((word) => verbs.has(word));
}

describe("errors of the sources", () => {
  it("are found", () => {
    const counts = new Map<string, number>();
    for (const { kind } of texts) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    for (const kind of ["ProviderError", "FormatError", "ConfigError", "fix"]) {
      expect([kind, (counts.get(kind) ?? 0) > 50]).toEqual([kind, true]);
    }
  });

  it("say what failed, why, and what to do, as one says it", () => {
    const wrong = texts.flatMap((text) => wrongWith(text).map((fault) => ({ ...text, fault })));
    expect(wrong).toEqual([]);
  });
});

describe("the form of an error", () => {
  it.each([
    ["is no JSON object", 'new ProviderError("LK0040", "the value is no JSON object", { fix: "store one" })'],
    ["has no fix", 'new ProviderError("LK0040", "the value is not a JSON object")'],
    ["has a fix that is no instruction", 'new ProviderError("LK0040", "x", { fix: "the value should be JSON" })'],
    ["says none of none", 'new ProviderError("LK0040", "x", { fix: "give none, or none at all" })'],
    ["ends with a full stop", 'new FormatError("text is needed.")'],
    ["begins with a capital", 'problems.add("LK0003", place, "Text is needed", "write it")'],
    ["is a flag without a cure", 'new ConfigError("--target: is full")'],
    ["is too long", `new ProviderError("LK0040", "${"long ".repeat(80)}", { fix: "write less" })`],
    [
      "shows a name without quotes",
      'problems.add("LK0003", place, `the volume has no file $' + '{text}`, "rename it")',
    ],
    ["is one of two", 'new ProviderError("LK0040", a ? "is wrong" : "is no text", { fix: "write it" })'],
  ])("is not that of one that %s", (_, code) => {
    expect(errorTextsOf("dialects/a.ts", `throw f(${code});`).flatMap(wrongWith)).not.toEqual([]);
  });

  it("is that of one in three parts", () => {
    const code =
      'new ProviderError("LK0040", `the value of ${' + 'quoted(name)} is not a JSON object`, { fix: "store one" })';
    expect(errorTextsOf("dialects/a.ts", code).flatMap(wrongWith)).toEqual([]);
  });
});
