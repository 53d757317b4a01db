import type { Config } from "../../config/config.ts";
import { valuesOf } from "../../config/values-of.ts";
import type { StoreDefinition, StoreFamily } from "../definition.ts";
import type { StoreHost } from "../host.ts";
import { nameWord, prefixWord } from "../words.ts";
import { sealedOptions } from "./options.ts";

/** The operator's settings for every SealedSecret. */
interface SealedHost {
  /** Files or directories with keys, where a profile names none. */
  readonly keys: readonly string[];
}

/** The parts of the store: the operator's bounds and keys. */
export interface SealedParts {
  readonly host: StoreHost;
  readonly own: SealedHost;
}

const family: StoreFamily<SealedParts, SealedHost> = {
  name: "sealed-secrets",
  options: sealedOptions,
  host: sealedHost,
  open: (host, own = { keys: [] }) => ({ host, own }),
};

/** SealedSecrets, opened by the controller's keys. */
export const sealedSecrets = {
  kind: "sealed-secrets",
  family,
  words: {
    settings: [],
    refs: [
      nameWord,
      {
        name: "encryptedData",
        about: "Encrypted values by key, as in `spec.encryptedData` of the SealedSecret that has this name.",
        schema: { type: "object", additionalProperties: { type: "string" } },
      },
      { name: "scope", about: "Scope that the values were sealed in; strict by default." },
    ],
    find: [prefixWord],
  },
  manifests: async () => (await import("./native-manifests.ts")).nativeManifests,
  mostAtOnce: () => 1,
  toNative: async () => (await import("./to-native.ts")).sealedToNative,
  load: async (parts) => (await import("./index.ts")).createSealedStore(parts),
} as const satisfies StoreDefinition<SealedParts>;

function sealedHost(config: Config): SealedHost {
  const { sealedSecretsKeys } = valuesOf(sealedOptions, config);
  return { keys: sealedSecretsKeys === undefined ? [] : [sealedSecretsKeys] };
}
