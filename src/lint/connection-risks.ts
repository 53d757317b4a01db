import type { AddressPolicy } from "../address-policy.ts";
import type { DialectName } from "../config/dialect-names.ts";
import type { Plan } from "../dialects/plan.ts";
import { quoted } from "../dialects/problems.ts";
import { ProviderError } from "../errors.ts";
import type { VaultSettings } from "../stores/vault/types.ts";

/** A risk of the way to a store. */
interface ConnectionRisk {
  readonly rule: "plain-http" | "refused-address";
  readonly parameter: string;
  readonly message: string;
  readonly fix: string | undefined;
}

/** What is risky about the addresses that a SecretProviderClass names, and what a mount would refuse of them. */
export function connectionRisks(
  plan: Plan,
  dialect: DialectName,
  parameters: ReadonlyMap<string, string>,
  policy: AddressPolicy,
): readonly ConnectionRisk[] {
  const parameter = [...parameters].find(([name, text]) => places[dialect].test(name) && text !== "")?.[0];
  // An address that is not written is the operator's to set.
  if (parameter === undefined) return [];
  const sources = plan.secrets.flatMap(({ source, next }) => [source, ...(next?.sources ?? [])]);
  const chosen = sources.flatMap(({ store, settings }) =>
    store === "vault" ? addressesOf(settings as VaultSettings) : [],
  );
  return [...new Set(chosen)].flatMap((address) => risksOf(address, policy).map((risk) => ({ ...risk, parameter })));
}

/** The parameters that addresses are written in. */
const places: Readonly<Record<DialectName, RegExp>> = {
  latchkey: /^stores$/,
  vault: /^vaultAddress$/,
  openbao: /^(?:vault|bao|openbao)Address$/,
  aws: /^$/,
};

function addressesOf({ addresses, addressFrom }: VaultSettings): readonly string[] {
  return addressFrom === "pod" ? addresses : [];
}

function risksOf(address: string, policy: AddressPolicy): readonly Omit<ConnectionRisk, "parameter">[] {
  const refused = refusalOf(address, policy);
  if (refused !== undefined) return [refused];
  if (!address.startsWith("http://")) return [];
  const message = `tokens and secrets travel unencrypted to ${quoted(address)}`;
  return [{ rule: "plain-http", message, fix: "use https://, and name the CA where it is your own" }];
}

function refusalOf(address: string, policy: AddressPolicy): Omit<ConnectionRisk, "parameter"> | undefined {
  const host = address.startsWith("unix:") ? address : new URL(address).hostname.replace(/^\[|\]$/g, "");
  try {
    policy.checkHost(host);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { rule: "refused-address", message: error.message, fix: error.details.fix };
  }
}
