import { inTurns } from "../../async/turns.ts";
import type {
  Expansion,
  KubernetesSecret,
  KubernetesSecretValue,
  Output,
  Plan,
  PlanWarning,
  TemplateOutput,
} from "../../plan/plan.ts";
import { named, Problems, quoted } from "../../plan/problems.ts";
import { pathErrors } from "../../plan/volume-paths.ts";
import { WantedList } from "../../plan/wanted-list.ts";
import type { Dialect, DialectInput } from "../dialect.ts";
import { fixForUnknown } from "../read-shape.ts";
import { fixForWord } from "../word-places.ts";
import type { ExpandSpec } from "./expand.ts";
import { notePasswords, withSecretIds } from "./key-store.ts";
import type { KubernetesSecretSpec } from "./kubernetes-secrets.ts";
import { nativeName } from "./name.ts";
import { readSecrets, type SecretSpec } from "./secrets.ts";
import { readStores } from "./stores.ts";
import { readTemplates, type TemplateSpec } from "./templates.ts";

/** `provider: latchkey`: strict, so a word that is not understood is an error that names it and the nearest known one. */
export const nativeDialect: Dialect = {
  name: nativeName,
  async plan(input) {
    const problems = new Problems();
    checkParameters(input, problems);
    const warnings: PlanWarning[] = [];
    const stores = await readStores(input, problems, warnings);
    const secrets = await readSecrets(input, stores, problems);
    const names = secrets.flatMap(({ name }) => (name === undefined ? [] : [name]));
    const { templates, kubernetesSecrets } = await readMakings(input, secrets, names, problems);
    const files = [...secrets.flatMap((secret) => secret.files), ...templates];
    notePasswords(makingsOf(secrets), names, problems);
    problems.take(pathErrors(files.map(({ path, place, at }) => ({ path, subject: `${place}.path`, at }))));
    return { ...(await makePlan(problems.settle(secrets), templates, kubernetesSecrets, input.mode)), warnings };
  },
};

/** Reads templates and Kubernetes Secrets, which combine several secrets; only they load the template engine. */
async function readMakings(
  input: DialectInput,
  secrets: readonly SecretSpec[],
  names: readonly string[],
  problems: Problems,
) {
  const [text = "", objects = ""] = ["templates", "kubernetesSecrets"].map((name) => input.parameters.get(name));
  if (text.trim() === "" && objects.trim() === "") return { templates: [], kubernetesSecrets: [] };
  const { createTemplateReader } = await import("./template-reader.ts");
  const reader = await createTemplateReader(names, input.texts);
  const templates = await readTemplates(input, reader, problems);
  if (objects.trim() === "") return { templates, kubernetesSecrets: [] };
  const { readKubernetesSecrets } = await import("./kubernetes-secrets.ts");
  const paths = new Set([...secrets.flatMap(({ files }) => files), ...templates].map(({ path }) => path));
  const isOpen = secrets.some(({ expand }) => expand !== undefined);
  const surroundings = { paths, isOpen, templates: reader };
  return { templates, kubernetesSecrets: await readKubernetesSecrets(input, surroundings, problems) };
}

function makingsOf(secrets: readonly SecretSpec[]) {
  return secrets.flatMap(({ files, expand }) => [...files, ...(expand === undefined ? [] : [expand])]);
}

const known = ["stores", "secrets", "templates", "kubernetesSecrets"];

function checkParameters({ parameters }: DialectInput, problems: Problems): void {
  for (const name of parameters.keys()) {
    if (known.includes(name)) continue;
    const own = problems.at({ parameter: name });
    const fix = problems.hint(
      () => fixForWord(name, { provider: nativeName, kind: "parameter", known }) ?? fixForUnknown(name, known),
    );
    own.add("LK0003", named(name), `unknown parameter ${quoted(name)}`, fix);
  }
}

async function makePlan(
  secrets: readonly SecretSpec[],
  templates: readonly TemplateSpec[],
  kubernetesSecrets: readonly KubernetesSecretSpec[],
  defaultMode: number,
): Promise<Omit<Plan, "warnings">> {
  const wanted = new WantedList();
  const outputs: Output[] = [];
  const expansions: Expansion[] = [];
  const names = new Map<string, string>();
  const ids = await inTurns(secrets, ({ place, source, next, find, bounds, optional, name, together, verify }) => {
    const id = source && wanted.add(place, source, { bounds, next, find, optional, together, verify });
    if (name !== undefined && id !== undefined) names.set(name, id);
    return id;
  });
  await inTurns(secrets, ({ files, expand }, index) => {
    const from = ids[index];
    if (from === undefined) return;
    for (const { path, place: subject, steps, mode = defaultMode, fallbackText } of files) {
      const fallback = fallbackText === undefined ? {} : { fallbackText };
      const select = { of: "value", steps: withSecretIds(steps, names) } as const;
      outputs.push({ path, mode, from, subject, select, version, ...fallback });
    }
    if (expand !== undefined) expansions.push(expansionOf(expand, from, names, defaultMode));
  });
  return {
    ...{ secrets: wanted.secrets, outputs },
    ...(expansions.length === 0 ? {} : { expansions }),
    ...(templates.length === 0 ? {} : { templates: templates.map((each) => templateOf(each, names, defaultMode)) }),
    ...(kubernetesSecrets.length === 0
      ? {}
      : { kubernetesSecrets: kubernetesSecrets.map((each) => kubernetesSecretOf(each, names)) }),
  };
}

const version = { by: "hmac", key: "native" } as const;

function expansionOf(
  { place, mode, steps, separator, pathOf }: ExpandSpec,
  from: string,
  names: ReadonlyMap<string, string>,
  defaultMode: number,
): Expansion {
  const select = { of: "value", steps: withSecretIds(steps, names) } as const;
  const joined = separator === undefined ? {} : { separator };
  return { from, subject: place, mode: mode ?? defaultMode, select, version, pathOf, ...joined };
}

function templateOf(
  { place, path, mode, text, names: used }: TemplateSpec,
  names: ReadonlyMap<string, string>,
  defaultMode: number,
): TemplateOutput {
  return { path, mode: mode ?? defaultMode, subject: place, text, names: usedOf(names, used), version };
}

function kubernetesSecretOf(
  { data, ...secret }: KubernetesSecretSpec,
  names: ReadonlyMap<string, string>,
): KubernetesSecret {
  const values = [...data].map(([key, spec]): [string, KubernetesSecretValue] => {
    if ("file" in spec) return [key, { kind: "file", path: spec.file }];
    const { text, names: used } = spec.template;
    return [key, { kind: "template", text, names: usedOf(names, used) }];
  });
  return { ...secret, data: new Map(values) };
}

function usedOf(names: ReadonlyMap<string, string>, used: readonly string[]): ReadonlyMap<string, string> {
  const known = used.map((name) => [name, names.get(name)] as const);
  return new Map(known.filter((each): each is readonly [string, string] => each[1] !== undefined));
}
