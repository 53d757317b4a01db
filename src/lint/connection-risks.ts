import type { AddressPolicy } from "../address-policy.ts";
import type { DialectName } from "../config/dialect-names.ts";
import type { Plan, Source } from "../dialects/plan.ts";
import { quoted } from "../dialects/problems.ts";
import { addressParameter } from "../dialects/vault/flavour.ts";
import { ProviderError } from "../errors.ts";
import type { VaultSettings } from "../stores/vault/types.ts";
import type { JudgeSurroundings, Verdict } from "./judge.ts";

/** An address that a SecretProviderClass chose. */
interface Chosen {
  readonly address: string;
  /** It is asked before any other, so that without it there is no mount. */
  readonly isFirst: boolean;
}

/** Finds the risks of the addresses that a SecretProviderClass names, and the addresses that a mount refuses. */
export function connectionRisks(
  plan: Plan,
  dialect: DialectName,
  texts: ReadonlyMap<string, string>,
  { addresses, operatorKnown }: JudgeSurroundings,
): readonly Verdict[] {
  const parameter = placeOf(dialect, texts);
  // An address that is not written is the operator's to set.
  if (parameter === undefined) return [];
  const named = plan.secrets.flatMap(({ source, next }) => [
    ...addressesOf(source, true),
    ...(next?.sources ?? []).flatMap((other) => addressesOf(other, false)),
  ]);
  const chosen = new Map<string, Chosen>();
  for (const each of named) {
    if (each.isFirst || !chosen.has(each.address)) chosen.set(each.address, each);
  }
  return [...chosen.values()].flatMap((each) => risksOf(each, parameter, addresses, operatorKnown));
}

/** The parameter that addresses are written in; undefined where none are. */
function placeOf(dialect: DialectName, texts: ReadonlyMap<string, string>): string | undefined {
  if (dialect === "latchkey") return "stores";
  if (dialect === "aws") return undefined;
  const { name, text } = addressParameter(dialect, texts);
  return text === "" ? undefined : name;
}

/** AWS has no addresses but those that the operator says or the region makes. */
function addressesOf({ store, settings }: Source, isFirst: boolean): readonly Chosen[] {
  if (store !== "vault") return [];
  const { addresses, addressFrom } = settings as VaultSettings;
  if (addressFrom !== "pod") return [];
  return addresses.map((address, index) => ({ address, isFirst: isFirst && index === 0 }));
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
    return [{ severity: "error", id: refused.id, ...words, refusal: refused.about(parameter) }];
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
