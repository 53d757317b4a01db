import type { Profile } from "../../config/profile.ts";
import { ProviderError } from "../../errors.ts";
import { matchesWildcard } from "../../formats/wildcard.ts";
import { quoted } from "../../plan/problems.ts";
import type { DialectInput } from "../dialect.ts";
import { fixForUnknown } from "../read-shape.ts";

/**
 * The operator's profile of a name, for pods of this namespace. Throws `LK0020` for an unknown one (naming only those
 * that this namespace may use) and `LK0021` for one that is kept for other namespaces.
 */
export function findProfile({ operator, namespace }: DialectInput, name: string): Profile {
  const profile = operator.profiles.get(name);
  if (profile === undefined) {
    const usable = [...operator.profiles.values()].filter((known) => isUsable(known, namespace));
    const names = usable.map((known) => known.name);
    throw new ProviderError("LK0020", `there is no profile ${quoted(name)}`, {
      fix: fixForUnknown(name, names) ?? `ask the operator for a profile: namespace ${quoted(namespace)} has none`,
    });
  }
  if (isUsable(profile, namespace)) return profile;
  throw new ProviderError("LK0021", `profile ${quoted(name)} may not be used from namespace ${quoted(namespace)}`, {
    fix: "use another profile, or have the operator add the namespace to this one",
  });
}

function isUsable({ namespaces }: Profile, namespace: string): boolean {
  return namespaces === undefined || namespaces.some((pattern) => matchesWildcard(pattern, namespace));
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const namespaceName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Throws `LK0021` for a secret whose name begins with none of the profile's prefixes. `secret` is what the store will see:
 * each store's schemas refuse what a server could read in another way (`unclearPath`).
 */
export function checkPrefix({ name, prefixes }: Profile, secret: string, namespace: string): void {
  // A name that Kubernetes does not allow could lead a prefix elsewhere.
  const known = prefixes?.filter((prefix) => !prefix.includes("{namespace}") || namespaceName.test(namespace));
  const own = known?.map((prefix) => prefix.replaceAll("{namespace}", namespace));
  if (own === undefined || own.some((prefix) => secret.startsWith(prefix))) return;
  throw new ProviderError("LK0021", `profile ${quoted(name)} does not reach ${quoted(secret)}`, {
    fix:
      own.length === 0
        ? `${quoted(namespace)} is not the name of a namespace, so no prefix is made with it`
        : `choose a secret with a name that begins with ${own.map(quoted).join(" or ")}, or have the operator add its prefix`,
  });
}
