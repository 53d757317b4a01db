import type { Store, StoreHost, StoreKind, Stores } from "./store.ts";

export { storeKinds } from "./store.ts";

/** Every store, one line each; a store's module and its SDK are loaded on first use. */
const loaders: Readonly<Record<StoreKind, (host: StoreHost) => Promise<Store>>> = {
  file: async (host) => (await import("./file/index.ts")).createFileStore(host),
  vault: async (host) => (await import("./vault/index.ts")).createVaultStore(host),
  "aws-secrets-manager": async (host) => (await import("./aws-secrets-manager/index.ts")).createAwsStore(host),
};

/** The stores of one process. `load` throws nothing for a known kind. */
export function createStores(host: StoreHost): Stores {
  const loaded = new Map<StoreKind, Promise<Store>>();
  return {
    load(kind) {
      const store = loaded.get(kind) ?? loaders[kind](host);
      loaded.set(kind, store);
      return store;
    },
    async shutdown() {
      const stores = await Promise.all(loaded.values());
      await Promise.all(stores.map((store) => store.shutdown()));
    },
  };
}
