import { dialectDefinition } from "../dialects/index.ts";
import { ProviderError } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import type { JudgeSurroundings, Verdict } from "./verdict.ts";

/** Parameters as they are written, and for whom. */
interface Written {
  readonly provider: string;
  readonly texts: ReadonlyMap<string, string>;
  readonly namespace: string;
}

/** Finds the logins that the operator's settings do not allow: a mount is refused before anybody is asked. */
export async function operatorRefusals(
  plan: Plan,
  { provider, texts, namespace }: Written,
  { stores, operatorKnown }: JudgeSurroundings,
): Promise<readonly Verdict[]> {
  const parameter = (await dialectDefinition(provider).judging()).loginParameter?.(texts);
  const place = parameter === undefined ? {} : { at: { parameter }, subject: parameter };
  const asked = plan.secrets.flatMap(({ source, next }) => [
    { ...source, isFatal: operatorKnown },
    ...(next?.sources ?? []).map((other) => ({ ...other, isFatal: false })),
  ]);
  const all = asked.map(async ({ store, settings, isFatal }): Promise<readonly Verdict[]> => {
    const refusal = refusalOf(await stores.load(store), settings, namespace);
    if (refusal === undefined) return [];
    const { id, message, details } = refusal;
    const words = { ...place, id, message, fix: details.fix };
    if (!isFatal) return [{ severity: "warning", ...words }];
    return [{ severity: "error", ...words, refusal: refusal.about(parameter ?? "parameters"), isOperators: true }];
  });
  const verdicts = (await Promise.all(all)).flat();
  // Many secrets have one login; what fails the mount counts.
  const errorsFirst = [...verdicts].sort((a, b) => Number(b.severity === "error") - Number(a.severity === "error"));
  return [...new Map([...errorsFirst].reverse().map((each) => [each.message, each])).values()];
}

function refusalOf(
  store: Awaited<ReturnType<JudgeSurroundings["stores"]["load"]>>,
  settings: unknown,
  namespace: string,
): ProviderError | undefined {
  try {
    store.checkOperators?.(settings, namespace);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return error;
  }
}
