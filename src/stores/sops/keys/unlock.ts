import { ProviderError, toProviderError } from "../../../errors.ts";
import { FormatError } from "../../../formats/format-error.ts";
import type { Metadata, WrappedKey } from "../document/metadata.ts";
import { combineShares } from "./shamir.ts";

/** Opens one wrapped key. Throws a `ProviderError`. */
export type Unwrap = (key: WrappedKey) => Promise<Uint8Array>;

/** As long as AES-256 wants it. */
const keyBytes = 32;

/**
 * The data key of a document: of each group one key is enough, and of several groups as many as the document says. Keys are
 * asked in their order, those that lie on the node first. Throws the error that speaks for all that failed.
 */
export async function dataKeyOf({ groups, threshold }: Metadata, unwrap: Unwrap): Promise<Uint8Array> {
  const shares: Uint8Array[] = [];
  const failures: ProviderError[] = [];
  for (const group of byNearness(groups)) {
    if (shares.length === threshold) break;
    const share = await openGroup(group, unwrap, failures);
    if (share !== undefined) shares.push(share);
  }
  if (shares.length < threshold) throw failureOf(failures, { have: shares.length, need: threshold });
  const key = groups.length === 1 ? shares[0] : combineShares(shares);
  if (key?.length === keyBytes) return key;
  throw new FormatError("the unwrapped key is not a data key: it must have 32 bytes");
}

/** Groups that a key of the node may open first: they cost no call. */
function byNearness(groups: Metadata["groups"]): Metadata["groups"] {
  const isNear = (group: readonly WrappedKey[]) => group.some(({ by }) => by === "age");
  return [...groups].sort((one, other) => Number(isNear(other)) - Number(isNear(one)));
}

async function openGroup(
  group: readonly WrappedKey[],
  unwrap: Unwrap,
  failures: ProviderError[],
): Promise<Uint8Array | undefined> {
  for (const key of group) {
    try {
      return await unwrap(key);
    } catch (thrown) {
      failures.push(toProviderError(thrown));
    }
  }
  return undefined;
}

/** An outage comes first: nobody said no. Of refusals, a key service's says more than that no key of the node fits. */
function failureOf(
  failures: readonly ProviderError[],
  { have, need }: { readonly have: number; readonly need: number },
): ProviderError {
  const [first] = failures;
  if (first === undefined) {
    return new ProviderError("LK0040", "the document has a group without a key", {
      fix: "make its keys anew (sops updatekeys)",
    });
  }
  const rank = ({ reason, id }: ProviderError) =>
    reason === "outage" || reason === "throttled"
      ? 0
      : id === "LK0004"
        ? 3
        : reason === "denied" && id !== "LK0033"
          ? 1
          : 2;
  const [chief = first, ...rest] = [...failures].sort((one, other) => rank(one) - rank(other));
  const shares = need > 1 ? `${have} of ${need} shares of the data key could be opened: ` : "";
  const others = rest
    .slice(0, 3)
    .map(({ message }) => `; ${message}`)
    .join("");
  return new ProviderError(chief.id, `${shares}${chief.message}${others}`, chief.details);
}
