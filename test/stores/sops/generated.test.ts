import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProviderError } from "../../../src/errors.ts";
import { writeGoJson } from "../../../src/formats/go-json.ts";
import { parseJson } from "../../../src/formats/json.ts";
import { type DocumentFormat, readDocument } from "../../../src/stores/sops/document/document.ts";
import { plaintextOf } from "../../../src/stores/sops/document/plaintext.ts";
import { openByAge } from "../../../src/stores/sops/keys/age.ts";
import { dataKeyOf } from "../../../src/stores/sops/keys/unlock.ts";
import { scaled } from "../../scale.ts";
import { type AgePair, makeAgePair } from "./age.ts";
import { diceOf, formats, plainDocument } from "./documents.ts";
import { openSopsTool, type SopsTool } from "./tool.ts";

let pairs: readonly AgePair[];
let tool: SopsTool;

beforeAll(async () => {
  pairs = [await makeAgePair(), await makeAgePair("-pq"), await makeAgePair()];
  tool = await openSopsTool(pairs.map(({ file }) => file).join("\n"));
});

afterAll(async () => {
  await tool?.stop();
});

/** Rules that a creation rule of the tool can have. */
const rules: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { mac_only_encrypted: true },
  { unencrypted_suffix: "_unencrypted", mac_only_encrypted: true },
  { encrypted_suffix: "_enc" },
  { encrypted_regex: "^(pass|tok|KEY_1|key0)" },
  { unencrypted_regex: "^(user|plain|KEY_0)$", mac_only_encrypted: true },
  { encrypted_comment_regex: "sensitive" },
  { unencrypted_comment_regex: "public" },
];

/** The keys of a creation rule: of one kind, of several, and in groups with a threshold. */
function keysOf(kind: number): Readonly<Record<string, unknown>> {
  const [first, second, third] = pairs.map(({ recipient }) => recipient);
  if (kind === 0) return { age: first };
  if (kind === 1) return { age: second };
  if (kind === 2) return { key_groups: [{ age: [first, third] }] };
  const groups = [{ age: [first] }, { age: [second] }, { age: [third] }];
  return { key_groups: groups, shamir_threshold: kind === 3 ? 2 : 3 };
}

async function sealed(seed: number) {
  const dice = diceOf(seed);
  const format = formats[seed % formats.length] ?? "yaml";
  const rule = { path_regex: ".*", ...rules[dice(rules.length)], ...keysOf(dice(5)) };
  const config = JSON.stringify({ creation_rules: [rule] });
  const plain = plainDocument(format, dice);
  return { format, text: await tool.encryptBy(config, plain, format), rule };
}

/** Opens a document by some of the identities. */
async function open(text: string, format: DocumentFormat | undefined, identities: readonly string[]) {
  const document = readDocument(Buffer.from(text), format);
  const key = await dataKeyOf(document.metadata, async (wrapped) => {
    const opened = wrapped.by === "age" ? await openByAge(wrapped.wrapped, { identities, foreign: [] }) : undefined;
    if (opened === undefined) throw new ProviderError("LK0033", "no key fits");
    return opened;
  });
  return Buffer.from(plaintextOf(document, key));
}

const all = () => pairs.map(({ identity }) => identity);

describe("documents of the real tool", () => {
  it("open to the same bytes as the tool opens them to, in each format, by each kind of key and rule", async () => {
    const count = scaled(240, 24);
    for (let seed = 1; seed <= count; seed += 1) {
      const { format, text, rule } = await sealed(seed);
      const own = await open(text, seed % 2 === 0 ? format : undefined, all());
      const theirs = await tool.decrypt(text, format);
      const about = `seed ${seed}, ${format}, ${JSON.stringify(rule)}`;
      if (format === "binary") expect(own.equals(theirs), about).toBe(true);
      else expect(firstOf(own), about).toBe(writeGoJson(parseJson(theirs)));
    }
    // The tool is started twice for each document.
  }, 300_000);

  it("open by as many groups as the threshold says, and not by fewer", async () => {
    const config = { creation_rules: [{ path_regex: ".*", ...keysOf(3) }] };
    const text = await tool.encryptBy(JSON.stringify(config), "a: CANARY-shares\n", "yaml");
    const [first = "", second = "", third = ""] = all();
    for (const two of [
      [first, second],
      [second, third],
      [first, third],
    ]) {
      expect((await open(text, "yaml", two)).toString()).toBe('{"a":"CANARY-shares"}');
    }
    const error = await open(text, "yaml", [second]).catch((thrown: ProviderError) => thrown);
    expect([error instanceof ProviderError && error.id, String(error)]).toEqual([
      "LK0033",
      expect.stringContaining("1 of 2 shares"),
    ]);
  });
});

/** The first of several documents in a file, which is the one that the tool writes as JSON. */
function firstOf(own: Buffer): string {
  const text = own.toString();
  const value = parseJson(text);
  return Array.isArray(value) ? writeGoJson(value[0]) : text;
}

/** Ways to change a document without its key. */
const tamper: readonly (readonly [what: string, change: (text: string) => string])[] = [
  ["a bit of a value", (text) => flip(text, /data:([A-Za-z0-9+/])/)],
  ["a bit of a tag", (text) => flip(text, /tag:([A-Za-z0-9+/])/)],
  ["a bit of a nonce", (text) => flip(text, /iv:([A-Za-z0-9+/])/)],
  ["the type of a value", (text) => text.replace("type:str]", "type:int]")],
  ["a key's name", (text) => text.replace("second:", "secund:")],
  ["the order of values", (text) => text.replace(/^(first: .*\n)(second: .*\n)/m, "$2$1")],
  ["a value that was moved", (text) => text.replace(/^first: (.*)\nsecond: (.*)$/m, "first: $2\nsecond: $1")],
  ["a value that was left out", (text) => text.replace(/^second: .*\n/m, "")],
  ["a value that was put in plain", (text) => text.replace(/^first: .*$/m, "first: CANARY-mine")],
  ["a value that was emptied", (text) => text.replace(/^first: .*$/m, 'first: ""')],
  ["a plain value", (text) => text.replace("open_unencrypted: yes-open", "open_unencrypted: no-open")],
  ["an added plain value", (text) => text.replace("open_unencrypted:", "more_unencrypted: x\nopen_unencrypted:")],
  ["an added null key's value", (text) => text.replace("open_unencrypted:", "more: mine\nopen_unencrypted:")],
  ["the MAC", (text) => flip(text, /mac: ENC\[AES256_GCM,data:([A-Za-z0-9+/])/)],
  ["no MAC", (text) => text.replace(/^ +mac: .*\n/m, "")],
  ["an empty MAC", (text) => text.replace(/^( +)mac: .*$/m, '$1mac: ""')],
  ["the time of the change", (text) => text.replace(/lastmodified: "2/, 'lastmodified: "3')],
  ["an encrypted comment", (text) => flip(text, /#ENC\[AES256_GCM,data:([A-Za-z0-9+/])/)],
  ["a comment that was cut", (text) => text.replace(/#ENC.*$/m, (all) => all.slice(0, -20))],
  [
    "the rule of what is encrypted",
    (text) => text.replace("unencrypted_suffix: _unencrypted", "unencrypted_suffix: first"),
  ],
  ["a cover that is smaller", (text) => text.replace("version: 3", "mac_only_encrypted: true\n    version: 3")],
  [
    "the wrapped key",
    (text) => text.replace(/(-----BEGIN AGE ENCRYPTED FILE-----\s+\S{60})/, (all) => `${all.slice(0, -6)}AAAAAA`),
  ],
  ["a file that was cut", (text) => text.slice(0, text.length * 0.6)],
  ["a file without its end", (text) => text.slice(0, text.lastIndexOf("version:"))],
  ["a key that is there twice", (text) => text.replace(/^(first: .*\n)/m, "$1$1")],
  ["the marks of a merge", (text) => text.replace("second:", "<<<<<<< HEAD\nsecond:")],
  ["metadata twice", (text) => `${text}sops: {}\n`],
  ["no metadata", (text) => text.slice(0, text.indexOf("\nsops:"))],
  ["an unknown type", (text) => text.replace("type:str]", "type:odd]")],
  ["another algorithm", (text) => text.replace("ENC[AES256_GCM", "ENC[AES128_GCM")],
];

function flip(text: string, place: RegExp): string {
  const found = place.exec(text);
  if (found === null) return text;
  const at = found.index + found[0].length - 1;
  return `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
}

const plains = [
  "# CANARY-note\nfirst: CANARY-one\nsecond: CANARY-two\nnumber: 7\nyes: true\nempty: null\nopen_unencrypted: yes-open\nlist:\n    # inside CANARY\n    - CANARY-three\n",
  "# CANARY-a\n# CANARY-b\nfirst: CANARY-uno\nsecond: CANARY-due\nnumber: 70\nnested:\n    deep: [CANARY-x, 2]\nopen_unencrypted: yes-open\nlist:\n    # CANARY-in\n    - {a: CANARY-y}\n",
];

describe("a document that was changed", () => {
  it.each(plains.flatMap((plain, at) => tamper.map(([what, change]) => [at, what, plain, change] as const)))(
    "%i is refused: %s",
    async (_, what, plain, change) => {
      const [pair] = pairs;
      const text = await tool.encrypt(plain, "yaml", ["--age", pair?.recipient ?? "", "--filename-override", "x.yaml"]);
      expect((await open(text, "yaml", all())).toString()).toContain("CANARY");
      const changed = change(text);
      expect(changed, what).not.toBe(text);
      const error: unknown = await open(changed, "yaml", all()).then(
        (opened) => expect.unreachable(`it was opened: ${opened}`),
        (thrown: unknown) => thrown,
      );
      expect(String(error)).not.toMatch(/CANARY|AGE-SECRET|ENC\[/);
    },
  );

  it("is refused to an identity that it is not for", async () => {
    const [first, , third] = pairs;
    const text = await tool.encrypt("a: CANARY-1\n", "yaml", [
      "--age",
      first?.recipient ?? "",
      "--filename-override",
      "x.yaml",
    ]);
    await expect(open(text, "yaml", [third?.identity ?? ""])).rejects.toMatchObject({ id: "LK0033" });
  });
});
