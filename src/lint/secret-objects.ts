import type { Plan } from "../dialects/plan.ts";
import { quoted } from "../dialects/problems.ts";
import type { YamlNode, YamlPosition } from "../formats/yaml-node.ts";
import { nearest } from "../nearest.ts";
import { fieldsOf, itemsOf, textOf } from "./kubernetes-objects.ts";

/** Something wrong with `secretObjects`. */
interface SecretObjectProblem {
  readonly rule: "bad-secret-object" | "no-such-file";
  readonly at: YamlPosition;
  readonly subject: string;
  readonly message: string;
  readonly fix: string | undefined;
}

/** The files that a plan is sure to make, or undefined where the store has a say in their names. */
export function filesOf(plan: Plan | undefined): readonly string[] | undefined {
  if (plan === undefined || (plan.expansions ?? []).length > 0) return undefined;
  return [...plan.outputs, ...(plan.templates ?? [])].map(({ path }) => path);
}

/**
 * What the driver would refuse when it makes Kubernetes Secrets of the mounted files
 * (https://secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret).
 */
export function secretObjectProblems(
  node: YamlNode | undefined,
  plan: Plan | undefined,
): readonly SecretObjectProblem[] {
  const files = filesOf(plan);
  const names = new Set<string>();
  return itemsOf(node).flatMap((item, index) => {
    const place = `secretObjects[${index}]`;
    const fields = fieldsOf(item);
    const name = textOf(fields, "secretName");
    const missing = ["secretName", "type"].filter((field) => textOf(fields, field) === "");
    const data = itemsOf(fields.get("data")?.value);
    const problems = missing.map((field) => bad(item.at, `${place}.${field}`, `${field} is missing`, `write ${field}`));
    if (data.length === 0)
      problems.push(
        bad(item.at, `${place}.data`, "data is missing or empty", "write data: [{ objectName: ..., key: ... }]"),
      );
    if (name !== "" && names.size === names.add(name).size) {
      const at = fields.get("secretName")?.value.at ?? item.at;
      problems.push(
        bad(
          at,
          `${place}.secretName`,
          `${quoted(name)} is there twice: one overwrites the other`,
          "rename one of them",
        ),
      );
    }
    return [...problems, ...data.flatMap((entry, at) => entryProblems(entry, `${place}.data[${at}]`, files))];
  });
}

function entryProblems(
  entry: YamlNode,
  place: string,
  files: readonly string[] | undefined,
): readonly SecretObjectProblem[] {
  const fields = fieldsOf(entry);
  const missing = ["objectName", "key"].filter((field) => textOf(fields, field) === "");
  const problems = missing.map((field) => bad(entry.at, `${place}.${field}`, `${field} is missing`, `write ${field}`));
  const name = textOf(fields, "objectName");
  if (name === "" || files === undefined || files.includes(name)) return problems;
  const close = nearest(name, files);
  const fix = close === undefined ? "name the path of a file of this volume" : `did you mean ${quoted(close)}?`;
  const at = fields.get("objectName")?.value.at ?? entry.at;
  const message = `the volume has no file ${quoted(name)}, so no Secret is made`;
  return [...problems, { rule: "no-such-file", at, subject: `${place}.objectName`, message, fix }];
}

function bad(at: YamlPosition, subject: string, message: string, fix: string): SecretObjectProblem {
  return { rule: "bad-secret-object", at, subject, message, fix };
}
