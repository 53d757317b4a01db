import type { Config } from "../../config/config.ts";
import { ConfigError } from "../../config/config-error.ts";
import { flagOf } from "../../config/options.ts";
import { valuesOf } from "../../config/values-of.ts";
import type { DialectDefinition } from "../definition.ts";
import { type Flavour, openbaoFlavour, vaultFlavour } from "./flavour.ts";
import { type OperatorVault, operatorVault } from "./operator.ts";
import { versionKeyNames, versionKeyOptions } from "./options.ts";
import { ignoredBy, peerOf } from "./peer.ts";
import { vaultWords } from "./words.ts";

/** `provider: vault`. */
export const vault = {
  ...commonOf(vaultFlavour),
  name: "vault",
  load: async () => (await import("./vault-dialect.ts")).vaultDialect,
  judging: async () => (await import("./judging.ts")).vaultJudging,
} as const satisfies DialectDefinition<OperatorVault>;

/** `provider: openbao`. */
export const openbao = {
  ...commonOf(openbaoFlavour),
  name: "openbao",
  load: async () => (await import("./vault-dialect.ts")).openbaoDialect,
  judging: async () => (await import("./judging.ts")).openbaoJudging,
} as const satisfies DialectDefinition<OperatorVault>;

function commonOf(flavour: Flavour): Omit<DialectDefinition<OperatorVault>, "name" | "load" | "judging"> {
  const options = versionKeyOptions(flavour);
  const versionKey = versionKeyNames(flavour.name);
  return {
    peer: peerOf(flavour),
    options,
    words: vaultWords(flavour),
    audiences: `"${flavour.audience}", or the audience that its SecretProviderClasses name`,
    ignored: ignoredBy(flavour),
    versionKey,
    operator: (config) => operatorVault(config, flavour.name),
    check: (config: Config) => {
      const { [versionKey.file]: file, [versionKey.secret]: secret } = valuesOf(options, config);
      if (file === undefined || secret === undefined) return;
      throw new ConfigError(
        `${flagOf(versionKey.file)} and ${flagOf(versionKey.secret)} cannot both be set; keep one of them`,
      );
    },
  };
}
