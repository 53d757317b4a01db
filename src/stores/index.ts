import { once } from "../once.ts";
import type { AwsFamily } from "./aws/family.ts";
import type { StoreHost } from "./host.ts";
import type { Store, StoreKind, Stores } from "./store.ts";

export { storeKinds } from "./store.ts";

/** The parts that the loaders of one process share. */
interface Shared {
  readonly host: StoreHost;
  /** The AWS stores have one way to the network and one kind of session. */
  readonly aws: () => Promise<AwsFamily>;
}

/** Every store, one line each; a store's module and its SDK are loaded on first use. */
const loaders: Readonly<Record<StoreKind, (shared: Shared) => Promise<Store>>> = {
  file: async ({ host }) => (await import("./file/index.ts")).createFileStore(host),
  vault: async ({ host }) => (await import("./vault/index.ts")).createVaultStore(host),
  "aws-secrets-manager": async ({ aws }) =>
    (await import("./aws-secrets-manager/index.ts")).createAwsSecretsManager(await aws()),
  "aws-parameter-store": async ({ aws }) =>
    (await import("./aws-parameter-store/index.ts")).createAwsParameterStore(await aws()),
};

/** The stores of one process. `load` throws nothing for a known kind. */
export function createStores(host: StoreHost): Stores {
  const loaded = new Map<StoreKind, Promise<Store>>();
  const aws = once(async () => (await import("./aws/family.ts")).createAwsFamily(host));
  return {
    load(kind) {
      const known = loaded.get(kind);
      if (known !== undefined) return known;
      const loading = loaders[kind]({ host, aws }).catch((thrown: unknown) => {
        loaded.delete(kind);
        throw thrown;
      });
      loaded.set(kind, loading);
      return loading;
    },
    async shutdown() {
      const stores = await Promise.all(loaded.values());
      await Promise.all(stores.map((store) => store.shutdown()));
    },
  };
}
