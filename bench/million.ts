import { measureManySecrets } from "./cached-figures.ts";
import { startStores } from "./stores.ts";
import { printTable } from "./table.ts";

// A million mounts of cached secrets, on a bundle that is built already: ten to fifteen minutes.

const stores = await startStores();
try {
  printTable(await measureManySecrets(stores, 1_000_000));
} finally {
  await stores.stop();
}
