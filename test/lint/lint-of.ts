import { createAddressPolicy } from "../../src/address-policy.ts";
import type { Finding } from "../../src/lint/finding.ts";
import type { LintSurroundings } from "../../src/lint/lint-class.ts";
import { type LintReport, lintFiles } from "../../src/lint/lint-files.ts";
import { inputOf, type Surroundings } from "../dialects/plan-of.ts";

/** Returns what lint judges with, if the operator said nothing else. */
export function surroundings(around: Surroundings = {}): LintSurroundings {
  const { operator, stores } = inputOf(new Map(), around);
  return {
    ...{ operator, stores, namespace: "default", operatorKnown: around.profiles !== undefined },
    addresses: createAddressPolicy([]),
  };
}

/** Lints one text as the file `a.yaml`. */
export async function lintText(text: string, around: Surroundings = {}): Promise<LintReport> {
  return await lintFiles([{ file: "a.yaml", text }], surroundings(around));
}

/** Returns what was found, short: `12 LK0003`, each once, in order. */
export function marks(findings: readonly Finding[]): readonly string[] {
  return [...new Set(findings.map(({ line, id }) => `${line} ${id}`))];
}

/** Returns each finding as a sentence: `warning weakness templates[0]: what is wrong: what to do`. */
export function sentences(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ severity, id, subject, message, fix }) => `${severity} ${id} ${subject}: ${message}: ${fix}`);
}

/** Returns the marks that a text says should be found: each line's ids behind `# <-`, in order. */
export function planted(text: string): readonly string[] {
  return text.split("\n").flatMap((line, index) => {
    const ids =
      /# <- (.+)$/
        .exec(line)?.[1]
        ?.trim()
        .split(/\s*,\s*/) ?? [];
    return ids.map((id) => `${index + 1} ${id}`);
  });
}

/** A SecretProviderClass: parameters of one line as they are, others as literal blocks. */
export function classOf(provider: string, parameters: Readonly<Record<string, string>>, more = ""): string {
  const written = Object.entries(parameters).map(([name, text]) => {
    if (!text.includes("\n")) return `    ${name}: ${text}\n`;
    return `    ${name}: |\n${text.replace(/^(?=.)/gm, "      ")}`;
  });
  const head = `apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: { name: web, namespace: shop }\n`;
  return `${head}spec:\n  provider: ${provider}\n${more}  parameters:\n${written.join("")}`;
}
