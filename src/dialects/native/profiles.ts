import type { Profile } from "../../config/profile.ts";
import { ProviderError } from "../../errors.ts";
import type { DialectInput } from "../dialect.ts";
import { quoted } from "../problems.ts";
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
      fix:
        fixForUnknown(name, names) ?? `the operator keeps no profile for namespace ${quoted(namespace)}; ask for one`,
    });
  }
  if (isUsable(profile, namespace)) return profile;
  throw new ProviderError("LK0021", `profile ${quoted(name)} may not be used from namespace ${quoted(namespace)}`, {
    fix: "use another profile, or have the operator add the namespace to this one",
  });
}

function isUsable(profile: Profile, namespace: string): boolean {
  return profile.namespaces === undefined || profile.namespaces.includes(namespace);
}
