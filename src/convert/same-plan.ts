import { canonicalText } from "../cache/keys.ts";
import type { Plan, Source } from "../plan/plan.ts";
import type { Step } from "../plan/step.ts";
import { saidInNative } from "./native-secret.ts";

/** The files that two plans make otherwise: from another secret, by other steps or with another mode. */
export function differingFiles(before: Plan, after: Plan): readonly string[] {
  const [a, b] = [filesOf(before), filesOf(after)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path));
}

/** Each file by path, in a text that is equal for equal files. */
function filesOf({ outputs, secrets, expansions = [] }: Plan): ReadonlyMap<string, string> {
  const sources = new Map(
    secrets.map(({ id, source, next }) => [id, [source, ...(next?.sources ?? [])].map(sourceText)]),
  );
  const text = (from: string, mode: number, steps: readonly Step[]) =>
    JSON.stringify([sources.get(from), mode, saidInNative(steps).map(stepText)]);
  return new Map([
    ...outputs.map(({ path, from, mode, select }) => [path, text(from, mode, select.steps)] as const),
    ...expansions.map((each) => [`${each.pathOf("*")}`, text(each.from, each.mode, each.select.steps)] as const),
  ]);
}

function sourceText({ store, settings, ref }: Source): string {
  // Who wrote an address does not change what is read there.
  const { addressFrom, trustFrom, ...own } = settings as Readonly<Record<string, unknown>>;
  return `${store} ${canonicalText(own)} ${canonicalText(ref)}`;
}

/** Of what is no text the drop-in dialect makes an error, the native one JSON. */
function stepText(step: Step): unknown {
  if (step.kind === "textKey" && step.format === "json") return ["key", [step.key]];
  if (step.kind === "key") return ["key", step.path];
  return step.kind === "jmesPath" ? ["jmesPath", step.text] : step;
}
