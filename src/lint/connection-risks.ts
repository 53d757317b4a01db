import type { AddressPolicy } from "../address-policy.ts";
import { dialectDefinition } from "../dialects/index.ts";
import { ProviderError } from "../errors.ts";
import type { Plan, Source } from "../plan/plan.ts";
import { quoted } from "../plan/problems.ts";
import type { JudgeSurroundings, Verdict } from "./verdict.ts";

/** An address that a SecretProviderClass chose. */
interface Chosen {
  readonly address: string;
  /** It is asked before any other, so that without it there is no mount. */
  readonly isFirst: boolean;
}

/** Finds the risks of the addresses that a SecretProviderClass names, and the addresses that a mount refuses. */
export async function connectionRisks(
  plan: Plan,
  dialect: string,
  texts: ReadonlyMap<string, string>,
  { addresses, operatorKnown, stores }: JudgeSurroundings,
): Promise<readonly Verdict[]> {
  const parameter = (await dialectDefinition(dialect).judging()).addressParameter?.(texts);
  // An address that is not written is the operator's to set.
  if (parameter === undefined) return [];
  const asked = plan.secrets.flatMap(({ source, next }) => [
    { source, isFirst: true },
    ...(next?.sources ?? []).map((other) => ({ source: other, isFirst: false })),
  ]);
  const named = (await Promise.all(asked.map((each) => addressesOf(each.source, each.isFirst, stores)))).flat();
  const chosen = new Map<string, Chosen>();
  for (const each of named) {
    if (each.isFirst || !chosen.has(each.address)) chosen.set(each.address, each);
  }
  return [...chosen.values()].flatMap((each) => risksOf(each, parameter, addresses, operatorKnown));
}

async function addressesOf(
  { store, settings, ref }: Source,
  isFirst: boolean,
  stores: JudgeSurroundings["stores"],
): Promise<readonly Chosen[]> {
  const loaded = await stores.load(store);
  const others = (loaded.asks?.(settings, ref) ?? []).map((other) => addressesOf(other, false, stores));
  const own = (loaded.chosenAddresses?.(settings) ?? []).map((address, index) => {
    return { address, isFirst: isFirst && index === 0 };
  });
  return [...own, ...(await Promise.all(others)).flat()];
}

function risksOf(
  { address, isFirst }: Chosen,
  parameter: string,
  policy: AddressPolicy,
  operatorKnown: boolean,
): readonly Verdict[] {
  const place = { at: { parameter }, subject: parameter } as const;
  const refused = refusalOf(address, policy);
  if (refused !== undefined) {
    const { message, details } = refused;
    const words = { ...place, message, fix: details.fix };
    if (!isFirst || !operatorKnown) return [{ severity: "warning", id: "refused-address", ...words }];
    return [{ severity: "error", id: refused.id, ...words, refusal: refused.about(parameter), isOperators: true }];
  }
  if (!address.startsWith("http://")) return [];
  const message = `tokens and secrets travel unencrypted to ${quoted(address)}`;
  const fix = "use https://, and name the CA where it is your own";
  return [{ severity: "warning", id: "plain-http", ...place, message, fix }];
}

/** The error that a mount answers for an address; undefined for one that the policy lets pass before it is looked up. */
function refusalOf(address: string, policy: AddressPolicy): ProviderError | undefined {
  const host = address.startsWith("unix:") ? address : new URL(address).hostname.replace(/^\[|\]$/g, "");
  try {
    policy.checkHost(host);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return error;
  }
}
