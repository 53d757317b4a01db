import type { StoreDefinition, StoreFamily } from "../definition.ts";
import type { StoreHost } from "../host.ts";
import { nameWord, prefixWord } from "../words.ts";
import { type SopsHost, sopsHost } from "./host.ts";
import { sopsOptions } from "./options.ts";

/** The parts of a document store: the operator's bounds and key files. */
export interface SopsParts {
  readonly host: StoreHost;
  readonly own: SopsHost;
}

const family: StoreFamily<SopsParts, SopsHost> = {
  name: "sops",
  options: sopsOptions,
  host: sopsHost,
  open: (host, own = {}) => ({ host, own }),
};

const service = { type: "object" };

/** Documents that are encrypted by SOPS. */
export const sops = {
  kind: "sops",
  family,
  words: {
    settings: [
      {
        name: "aws",
        about: "How the pod logs in at AWS KMS, as in a store of AWS without its region.",
        schema: service,
      },
      {
        name: "gcp",
        about: "How the pod logs in at Google Cloud KMS, as in a store of Google Cloud.",
        schema: service,
      },
      {
        name: "azure",
        about: "How the pod logs in at Azure Key Vault, as in a store of Azure without its vault.",
        schema: service,
      },
      { name: "vault", about: "How the pod logs in at the transit engine, as in a store of Vault.", schema: service },
    ],
    refs: [
      nameWord,
      { name: "ciphertext", about: "The encrypted document itself, instead of a name." },
      { name: "format", about: "Format of the document, if its name or text does not tell it." },
    ],
    find: [prefixWord],
  },
  mostAtOnce: () => 1,
  toNative: async () => (await import("./to-native.ts")).sopsToNative,
  load: async (parts, stores) => (await import("./index.ts")).createSopsStore(parts, stores),
} as const satisfies StoreDefinition<SopsParts>;
