import { nameWord, prefixWord, type StoreWords } from "../words.ts";

const addresses = { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" }, minItems: 1 }] };
const namespace = { name: "namespace", about: "Namespace of the server." };

/** The descriptions of the fields of Vault and OpenBao stores. */
export const vaultWords: StoreWords = {
  settings: [
    { name: "flavour", about: "Product of the server; vault by default." },
    { name: "address", about: "URL of the server, or several that are tried in their order.", schema: addresses },
    { name: "auth", about: "How the pod logs in; jwt by default." },
    { name: "role", about: "Role of the auth method." },
    { name: "mount", about: "Mount of the auth method; kubernetes, approle or cert by default." },
    namespace,
    { name: "audience", about: "Audience of the service account token that logs in." },
    { name: "ca", about: "CA certificates as PEM text." },
    { name: "tlsServerName", about: "Name that the server's certificate must have." },
  ],
  refs: [
    nameWord,
    { name: "method", about: "HTTP method; GET by default." },
    { name: "args", about: "Body of the request.", schema: { type: "object" } },
    {
      name: "version",
      about: "previous: the version before the current one, of KV version 2.",
      schema: { const: "previous" },
    },
    namespace,
  ],
  find: [
    prefixWord,
    { name: "kv", about: "Version of the key-value engine, if the path does not tell it." },
    { name: "mount", about: "Mount of the engine, if the path does not tell it: team/data." },
    namespace,
  ],
};
