import { createAddressPolicy } from "../address-policy.ts";
import { createStores } from "../stores/index.ts";
import type { Stores } from "../stores/store.ts";

/** Stores that are asked for nothing but their schemas. */
export function schemaStores(): Stores {
  return createStores({ addresses: createAddressPolicy([]), concurrency: 1 });
}
