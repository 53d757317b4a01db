import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dialectDefinition } from "../../src/dialects/index.ts";
import { namesOf } from "../../src/dialects/words.ts";
import { commonNames } from "../../src/plan/common-parameters.ts";
import { documentedClasses } from "../docs/blocks.ts";
import fc from "../property.ts";
import { scaled } from "../scale.ts";
import { defects } from "./defects.ts";
import { classOf, lintText, marks } from "./lint-of.ts";

const wrong = "- { objectName: a, secretPath: b }\n- { objectName: c, secretPath: d, method: 'G T' }\n";

describe("lint of a file", () => {
  it("reads several documents, lists and other kinds beside each other", async () => {
    const config = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\ndata: { provider: none }\n";
    const text = `# Source: chart/a.yaml\n${config}---\n${classOf("vault", { roleName: "r", objects: wrong })}---\n---\n`;
    const { findings, classes } = await lintText(text);
    expect([marks(findings), classes]).toEqual([["16 LK0003"], 1]);
    const object = classOf("vault", { roleName: "r", objects: wrong })
      .replace(/^(?=.)/gm, "    ")
      .replace("    ", "  - ");
    const list = await lintText(`apiVersion: v1\nkind: List\nitems:\n${object}`);
    expect([marks(list.findings), list.classes]).toEqual([["13 LK0003"], 1]);
  });

  it.each([
    ["literal", `|\n      ${wrong.replace("\n", "\n      ")}`, 9, 49, ""],
    ["literal, kept and indented", `|2+\n      ${wrong.replace("\n", "\n      ")}`, 9, 49, ""],
    ["quoted", JSON.stringify(wrong), 7, 5, " at line 2, column 43"],
    ["folded", `>-\n      ${wrong.replace("\n", "\n\n      ")}`, 7, 5, " at line 2, column 43"],
  ])("says where something is in a %s parameter", async (_, written, line, column, told) => {
    const text = classOf("vault", { objects: "X", roleName: "r" }).replace(
      "objects: X",
      `objects: ${written.trimEnd()}`,
    );
    const { findings } = await lintText(text);
    expect(findings.map((each) => [each.line, each.column, each.message])).toEqual([
      [line, column, `invalid method "G T"${told}`],
    ]);
  });

  it("says in the file's lines where the first of two is", async () => {
    const text = classOf("vault", { roleName: "r", objects: "- objectName: a\n  secretPath: b\n  objectName: c\n" });
    const [finding] = (await lintText(text)).findings;
    expect([finding?.line, finding?.message]).toEqual([11, 'key "objectName" appears twice (first at line 9)']);
  });

  it("reads JSON and lines that end as on Windows", async () => {
    const text = classOf("vault", { roleName: "r", objects: wrong });
    expect(marks((await lintText(text.replaceAll("\n", "\r\n"))).findings)).toEqual(["10 LK0003"]);
    const spec = { provider: "vault", parameters: { objects: wrong, roleName: "r" } };
    const object = {
      apiVersion: "secrets-store.csi.x-k8s.io/v1",
      kind: "SecretProviderClass",
      metadata: { name: "a" },
      spec,
    };
    expect(marks((await lintText(JSON.stringify(object))).findings)).toEqual(["1 LK0003"]);
  });

  it("goes on after a document that is no YAML, and sends a chart that is not rendered to Helm", async () => {
    const { findings } = await lintText(`a: [\n---\n${classOf("vault", { roleName: "r", objects: wrong })}`);
    expect(findings.map(({ id }) => id)).toEqual(["bad-yaml", "LK0003"]);
    const chart = await lintText("a: {{ .Values.a }\nb: {{- if x }}\n");
    expect(chart.findings[0]?.fix).toBe("render the chart first: helm template ... | latchkey lint -");
  });

  it("survives what no file should hold", async () => {
    const texts = [
      "[".repeat(5_000),
      "a: &a [*a]",
      "\u0000",
      "- ".repeat(3_000),
      `a: ${"{a: ".repeat(1_000)}`,
      "!!binary x: y",
      "? [a]\n: b",
    ];
    for (const text of texts) expect((await lintText(text)).classes).toBe(0);
  });

  it("survives any file: 3,000 defects cut, doubled and spoilt at random", async () => {
    const texts = fc.constantFrom(...defects.map(([, text]) => text));
    const edit = fc.record({
      at: fc.nat(2_000),
      length: fc.nat(12),
      put: fc.oneof(
        fc.constantFrom(
          "",
          "\n",
          "  ",
          "- ",
          ": ",
          "&a ",
          "*a",
          "<<: ",
          "{",
          "]",
          "|\n",
          ">-\n",
          "'",
          '"',
          "!!binary ",
          "---\n",
          "? ",
        ),
        fc.string({ unit: "binary", maxLength: 4 }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(texts, fc.array(edit, { minLength: 1, maxLength: 4 }), async (text, edits) => {
        const spoilt = edits.reduce(
          (all, { at, length, put }) => all.slice(0, at % all.length) + put + all.slice((at % all.length) + length),
          text,
        );
        const lines = spoilt.split(/\r?\n/).length;
        const { findings } = await lintText(spoilt);
        expect(findings.filter(({ line, column }) => line < 1 || line > lines + 1 || column < 1)).toEqual([]);
      }),
      { numRuns: scaled(3_000) },
    );
  }, 60_000);

  it("finds nothing in what the documentation shows but profiles that it cannot know, and what docs/install.md tells of itself", async () => {
    const examples = await documentedClasses();
    expect(examples.length).toBeGreaterThan(10);
    for (const { yaml, place } of examples) {
      const { findings } = await lintText(yaml);
      const told = place.startsWith("docs/install.md") ? ["unknown-profile", "plain-http"] : ["unknown-profile"];
      expect([place, findings.filter(({ id }) => !told.includes(id))]).toEqual([place, []]);
    }
  });

  it("reads 1,000 SecretProviderClasses", async () => {
    const one = classOf("latchkey", {
      stores: 'vault: { kind: vault, address: "https://vault:8200", role: shop }\n#\n',
      secrets:
        "- store: vault\n  name: secret/data/db\n  files:\n    - { path: user, key: user }\n    - { path: pass, key: pass, mode: '0400' }\n",
    });
    const all = Array.from({ length: 1_000 }, (_, index) => one.replace("name: web", `name: web-${index}`));
    expect(await lintText(all.join("---\n"))).toEqual({ findings: [], files: 1, classes: 1_000, others: 0 });
  });

  it("takes a region that nobody names for that of the ARNs, for the node has one", async () => {
    const objects =
      "- objectName: arn:aws:secretsmanager:us-east-1:123456789012:secret:a\n- objectName: b\n  objectType: x\n";
    expect(marks((await lintText(classOf("aws", { objects }))).findings)).toEqual(["10 LK0003"]);
  });
});

describe("the words of drop-in dialects", () => {
  it.each([
    ["aws", "aws"],
    ["vault", "vault"],
  ] as const)("of %s are those that it reads", async (name, folder) => {
    const files = [
      "settings",
      "objects",
      `${name}-dialect`,
      ...(name === "vault" ? ["tls", "checks", "auth", "flavour"] : []),
    ];
    const sources = files.map((file) =>
      readFile(join(import.meta.dirname, `../../src/dialects/${folder}/${file}.ts`), "utf8"),
    );
    const text = (await Promise.all(sources)).join("\n");
    const read = [...text.matchAll(/parameters\.get\("(\w+)"\)/g)].map(([, word = ""]) => word);
    const suffixes = [...text.matchAll(/(?:parameterOf\([\w.]+, [\w.]+, |parameter\(|file\()"(\w+)"/g)].map(
      ([, word]) => `vault${word}`,
    );
    const known = namesOf(dialectDefinition(name).words.parameters);
    const expected = new Set([...read, ...suffixes, ...commonNames].filter((word) => word !== "vaultRoleName"));
    expect(new Set(known)).toEqual(expected);
  });
});
