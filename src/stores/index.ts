import { awsKms } from "./aws-kms/definition.ts";
import { awsParameterStore } from "./aws-parameter-store/definition.ts";
import { awsSecretsManager } from "./aws-secrets-manager/definition.ts";
import { azureKeyVault } from "./azure-key-vault/definition.ts";
import { azureKeys } from "./azure-keys/definition.ts";
import type { KeyServiceDefinition, StoreDefinition, StoreFamily } from "./definition.ts";
import { file } from "./file/definition.ts";
import { gcpKms } from "./gcp-kms/definition.ts";
import { gcpParameterManager } from "./gcp-parameter-manager/definition.ts";
import { gcpSecretManager } from "./gcp-secret-manager/definition.ts";
import type { StoreHost } from "./host.ts";
import { sealedSecrets } from "./sealed-secrets/definition.ts";
import { sops } from "./sops/definition.ts";
import type { Store, Stores } from "./store.ts";
import { vault } from "./vault/definition.ts";
import { vaultTransit } from "./vault/transit-definition.ts";

/** Every kind of store. */
const registry = [
  // One line each.
  file,
  vault,
  awsSecretsManager,
  awsParameterStore,
  gcpSecretManager,
  gcpParameterManager,
  azureKeyVault,
  sops,
  sealedSecrets,
] as const;

/** The key services that stores of ciphertext ask. */
export const keyServices: readonly KeyServiceDefinition[] = [
  // One line each.
  vaultTransit,
  awsKms,
  gcpKms,
  azureKeys,
];

/** The kinds of store that Latchkey can read. */
export type StoreKind = (typeof registry)[number]["kind"];

/** The definition of each kind. */
export const storeDefinitions: readonly StoreDefinition[] = registry;

/** Their names. */
export const storeKinds: readonly StoreKind[] = registry.map(({ kind }) => kind);

/** Their families. */
export const storeFamilies: readonly StoreFamily[] = [...new Set(storeDefinitions.map(({ family }) => family))];

/** Whether there is such a kind of store. */
export function isStoreKind(text: string): text is StoreKind {
  return storeKinds.some((kind) => kind === text);
}

/** Returns what is known of a kind before it is loaded. Throws if there is none. */
export function storeDefinition(kind: string): StoreDefinition {
  const found = storeDefinitions.find((each) => each.kind === kind);
  if (found === undefined) throw new Error(`there is no kind of store ${JSON.stringify(kind)}`);
  return found;
}

/** Returns how a kind is loaded, which may also be a key service. Throws if there is none. */
export function loadableDefinition(kind: string): KeyServiceDefinition {
  const found = [...storeDefinitions, ...keyServices].find((each) => each.kind === kind);
  if (found === undefined) throw new Error(`there is no kind of store ${JSON.stringify(kind)}`);
  return found;
}

/** Kinds of one family share their logins: equal settings, one session that reads refs of each. */
export function familyOf(kind: string): string {
  return loadableDefinition(kind).family.name;
}

/** The stores of one process. A module and its SDK are loaded on first use. */
export function createStores(host: StoreHost): Stores {
  const loaded = new Map<string, Promise<Store>>();
  const opened = new Map<StoreFamily, Promise<unknown>>();
  const load = async ({ family, load: loadStore }: KeyServiceDefinition): Promise<Store> =>
    await loadStore(
      await remembered(opened, family, async () => await family.open(host, host.families?.[family.name])),
      { load: loadKind },
    );
  const loadKind = (kind: string): Promise<Store> =>
    remembered(loaded, kind, async () => await load(loadableDefinition(kind)));
  return {
    load: loadKind,
    async shutdown() {
      const stores = await Promise.all(loaded.values());
      await Promise.all(stores.map((store) => store.shutdown()));
    },
  };
}

/** The value of a key, made once; a failure is forgotten. */
function remembered<K, V>(known: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const found = known.get(key);
  if (found !== undefined) return found;
  const making = make().catch((thrown: unknown) => {
    known.delete(key);
    throw thrown;
  });
  known.set(key, making);
  return making;
}
