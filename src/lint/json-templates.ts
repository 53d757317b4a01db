import type { Plan } from "../plan/plan.ts";
import type { Verdict } from "./verdict.ts";

/** A template, and where its text goes. */
interface Target {
  readonly parameter: string;
  readonly subject: string;
  /** Name of the file or key. */
  readonly name: string;
  readonly text: string;
  readonly names: ReadonlyMap<string, string>;
}

/** Values that templates put into JSON as they are: the first one with a quote breaks it, and nobody can log in. */
export function jsonTemplateVerdicts(plan: Plan): readonly Verdict[] {
  return targetsOf(plan).flatMap(({ parameter, subject, name, text, names }): readonly Verdict[] => {
    const bare = /(?:\.json|\.dockerconfigjson|\.dockercfg)$/.test(name) ? bareValue(text, names) : undefined;
    if (bare === undefined) return [];
    const message = `it writes ${bare} into JSON as it is: a quote or a backslash in it breaks the JSON`;
    const fix = `write {{ ${bare} | json }} without quotes around it`;
    return [{ severity: "warning", id: "weakness", at: { parameter }, subject, message, fix }];
  });
}

function targetsOf({ templates = [], kubernetesSecrets = [] }: Plan): readonly Target[] {
  const files = templates.map(({ path, ...rest }) => ({ ...rest, parameter: "templates", name: path }));
  const keys = kubernetesSecrets.flatMap(({ subject, data }) =>
    [...data].flatMap(([name, value]): readonly Target[] => {
      if (value.kind === "file") return [];
      return [{ ...value, parameter: "kubernetesSecrets", subject: `${subject}.data.${name}`, name }];
    }),
  );
  return [...files, ...keys];
}

/** Filters whose text holds nothing that JSON would take for its own. */
const safe = /\|\s*(?:json|jsonify|base64_encode|url_encode|form_encode)\b/;

/** The first path of a secret that stands between quotes without a safe filter. */
function bareValue(text: string, names: ReadonlyMap<string, string>): string | undefined {
  for (const [, output = ""] of text.matchAll(/"\{\{-?([^}"]{1,500})-?\}\}"/g)) {
    const path = /^\s*([\w-]+(?:\.[\w-]+)*)/.exec(output)?.[1] ?? "";
    if (names.has(path.split(".")[0] ?? "") && !safe.test(output)) return path;
  }
  return undefined;
}
