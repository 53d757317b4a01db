import type { FormatError } from "../formats/format-error.ts";
import { named } from "../plan/problems.ts";
import { isSecretProviderClass } from "./class-head.ts";
import type { Finding } from "./finding.ts";
import { KnownClasses } from "./known-classes.ts";
import { type KubernetesObject, objectsOf } from "./kubernetes-objects.ts";
import { type LintSurroundings, lintClass, titleOf } from "./lint-class.ts";
import { podProblems } from "./pods.ts";
import { unkeptSecrets } from "./unkept-secrets.ts";
import { readYamlFile } from "./yaml-file.ts";

/** One file to lint. */
export interface LintFile {
  /** As it was named. */
  readonly file: string;
  readonly text: string;
}

/** The result of linting. */
export interface LintReport {
  /** By file in the order given, then line and column. */
  readonly findings: readonly Finding[];
  readonly files: number;
  readonly classes: number;
  /** Kubernetes objects of other kinds. */
  readonly others: number;
}

/**
 * Lints the SecretProviderClasses of files, and the pods of the same files that use them. Dials nobody. `watch` is told of each
 * object that is come to, with its file and the file's index.
 */
export async function lintFiles(
  files: readonly LintFile[],
  surroundings: LintSurroundings,
  watch: (file: string, index: number) => void = () => undefined,
): Promise<LintReport> {
  const findings: Finding[] = [];
  const known = new KnownClasses(surroundings.namespace);
  const others: (readonly [KubernetesObject, string])[] = [];
  const fileOf = new Map<KubernetesObject, string>();
  let classes = 0;
  for (const [index, { file, text }] of files.entries()) {
    watch(file, index);
    const { documents, errors } = readYamlFile(text);
    findings.push(...errors.map((error) => badYaml(file, error, text)));
    for (const object of documents.flatMap((document) => objectsOf(document))) {
      if (!isSecretProviderClass(object)) {
        others.push([object, file]);
        if (object.kind === "Secret") known.addOwn(object);
        continue;
      }
      classes++;
      watch(file, index);
      const result = await lintClass(object, file, surroundings);
      findings.push(...result.findings);
      fileOf.set(object, file);
      const first = known.add(result);
      if (first !== undefined) findings.push(repeated(object, file, first.object));
    }
  }
  findings.push(...others.flatMap(([object, file]) => lintPods(object, file, known)));
  findings.push(...unkeptSecrets(others, known, (object) => fileOf.get(object) ?? ""));
  const count = others.filter(([{ kind, apiVersion }]) => kind !== "" && apiVersion !== "").length;
  if (classes + count + findings.length === 0) findings.push(...files.slice(0, 1).map(noClass));
  return { findings: sorted(findings, files), files: files.length, classes, others: count };
}

/** A pipe that broke, values instead of manifests: a run that checked nothing must not pass for a clean one. */
function noClass({ file }: LintFile): Finding {
  return {
    ...{ severity: "error", id: "no-class", file, line: 1, column: 1, object: "" },
    message: "there is no SecretProviderClass in the input, nor any other object of Kubernetes: nothing was checked",
    fix: "name the manifests, or pipe Helm's output: helm template ... | latchkey lint -",
  };
}

function badYaml(
  file: string,
  { problem, position: { line = 1, column = 1 }, fix: own }: FormatError,
  text: string,
): Finding {
  const isTemplate = /\{\{[-\s]/.test(text);
  const fix = isTemplate ? "render the chart first: helm template ... | latchkey lint -" : own;
  return { severity: "error", id: "bad-yaml", file, line, column, object: "", message: problem, fix };
}

function repeated(object: KubernetesObject, file: string, first: KubernetesObject): Finding {
  const message = `the name ${named(object.name)} is already taken at line ${first.at.line}: the last one applied wins`;
  const fix = "rename one of them, or give them namespaces";
  return { severity: "error", id: "repeated-class", file, ...object.at, object: titleOf(object), message, fix };
}

function lintPods(object: KubernetesObject, file: string, known: KnownClasses): readonly Finding[] {
  return podProblems(object, known).map(({ rule, at, ...words }) => {
    return { id: rule, file, ...at, object: titleOf(object), ...words };
  });
}

function sorted(findings: readonly Finding[], files: readonly LintFile[]): readonly Finding[] {
  const order = new Map(files.map(({ file }, index) => [file, index]));
  const rank = (finding: Finding) => order.get(finding.file) ?? 0;
  return findings.toSorted((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
}
