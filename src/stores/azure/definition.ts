import type { StoreFamily } from "../definition.ts";
import type { AzureFamily } from "./family.ts";
import { type AzureHost, azureHost } from "./host.ts";
import { azureOptions } from "./options.ts";

/** The Azure stores: one way to the network, one kind of login. */
export const azureFamily: StoreFamily<AzureFamily, AzureHost> = {
  name: "azure",
  options: azureOptions,
  host: azureHost,
  open: async (host, own) => (await import("./family.ts")).createAzureFamily(host, own),
};
