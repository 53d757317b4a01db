import type { VaultFlavour } from "../../stores/vault/types.ts";

/** Whose SecretProviderClasses are read: the two providers differ in names and defaults, and in little else. */
export interface Flavour {
  /** Name of the dialect, of its version key, and of what the operator set for it. */
  readonly name: VaultFlavour;
  readonly product: string;
  /** The prefixes of its parameters' names; the first that is present counts, even if it is empty. */
  readonly prefixes: readonly [string, ...string[]];
  /** True where the role too can have a prefix. */
  readonly prefixedRole: boolean;
  /** Whose token is taken where no audience is named. */
  readonly audience: string;
}

/** HashiCorp's provider. */
export const vaultFlavour: Flavour = {
  name: "vault",
  product: "Vault",
  prefixes: ["vault"],
  prefixedRole: false,
  audience: "vault",
};

/** OpenBao's provider, which takes Vault's names too. */
export const openbaoFlavour: Flavour = {
  name: "openbao",
  product: "OpenBao",
  prefixes: ["bao", "openbao", "vault"],
  prefixedRole: true,
  audience: "openbao",
};

/** A parameter as the SecretProviderClass has it; one that is not there has an empty text and its first name. */
export interface Parameter {
  readonly name: string;
  readonly text: string;
  readonly present: boolean;
}

/** The name endings of the parameters that stand on one line. */
const singleSuffixes = [
  ...["Address", "Namespace", "AuthMethod", "AuthMountPath", "KubernetesMountPath", "RoleName", "SkipTLSVerify"],
  ...["CACertPath", "CADirectory", "TLSServerName", "TLSClientCertPath", "TLSClientKeyPath"],
];

/** The names of all parameters that stand on one line: all but lists of objects and certificates. */
export function singleParameters({ prefixes }: Flavour): readonly string[] {
  return [
    "roleName",
    "audience",
    ...prefixes.flatMap((prefix) => singleSuffixes.map((suffix) => `${prefix}${suffix}`)),
  ];
}

/** The parameter `Address` as `vaultAddress`, `baoAddress`, ... */
export function parameterOf({ prefixes }: Flavour, parameters: ReadonlyMap<string, string>, suffix: string): Parameter {
  const names = prefixes.map((prefix) => `${prefix}${suffix}`);
  const name = names.find((known) => parameters.has(known));
  return {
    name: name ?? `${prefixes[0]}${suffix}`,
    text: parameters.get(name ?? "") ?? "",
    present: name !== undefined,
  };
}

/** The role: with a prefix where the flavour has it and it is present, else plain. */
export function roleOf(flavour: Flavour, parameters: ReadonlyMap<string, string>): Parameter {
  const prefixed = parameterOf(flavour, parameters, "RoleName");
  if (flavour.prefixedRole && prefixed.present) return prefixed;
  return { name: "roleName", text: parameters.get("roleName") ?? "", present: parameters.has("roleName") };
}
