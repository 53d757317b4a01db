import { measureAttacks } from "./attack-figures.ts";
import { measureAws } from "./aws-figures.ts";
import { measureAzure } from "./azure-figures.ts";
import { measureCached, measureManySecrets } from "./cached-figures.ts";
import { measureGcp } from "./gcp-figures.ts";
import { measureLimits } from "./limit-figures.ts";
import { measureMemory } from "./memory-figures.ts";
import { measureMounts } from "./mount-figures.ts";
import { measureOutage, measureStorms } from "./outage-figures.ts";
import { measureSops } from "./sops-figures.ts";
import { measureStart } from "./start.ts";
import { startStores } from "./stores.ts";
import { printTable } from "./table.ts";

// `npm run bench`: the figures that the project promises, each against what it is promised in relation to, in one run.
// `node bench/gcp-figures.ts`, `node bench/azure-figures.ts` and `node bench/sops-figures.ts` measure their stores alone; `node bench/million.ts` mounts cached secrets a million times.

const stores = await startStores();
try {
  printTable([
    ...(await measureStart()),
    ...(await measureMemory(stores)),
    ...(await measureMounts(stores)),
    ...(await measureStorms(stores)),
    ...(await measureAws(stores)),
    ...(await measureGcp()),
    ...(await measureAzure()),
    ...(await measureSops()),
    ...(await measureOutage(stores)),
    ...(await measureCached(stores)),
    ...(await measureManySecrets(stores)),
    ...(await measureAttacks(stores)),
    ...(await measureLimits(stores)),
  ]);
} finally {
  await stores.stop();
}
