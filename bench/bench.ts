import { measureMemory, measureMounts } from "./mount-figures.ts";
import { measureStart } from "./start.ts";
import { startStores } from "./stores.ts";
import { printTable } from "./table.ts";

// `npm run bench`: the figures that the project promises, each against what it is promised in relation to, in one run.

const stores = await startStores();
try {
  printTable([...(await measureStart()), ...(await measureMemory(stores)), ...(await measureMounts(stores))]);
} finally {
  await stores.stop();
}
