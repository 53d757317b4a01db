import { ConfigError } from "../../config/config-error.ts";
import { flagOf } from "../../config/options.ts";
import { valuesOf } from "../../config/values-of.ts";
import type { StoreFamily } from "../definition.ts";
import type { GcpFamily } from "./family.ts";
import { type GcpHost, gcpHost } from "./host.ts";
import { gcpOptions } from "./options.ts";

/** The stores of Google Cloud: one way to the network, one way to know this cluster, and one kind of session. */
export const gcpFamily: StoreFamily<GcpFamily, GcpHost> = {
  name: "gcp",
  options: gcpOptions,
  check: (config) => {
    const { gcpIdentityPool, gcpIdentityProvider, gcpWorkloadIdentityProvider } = valuesOf(gcpOptions, config);
    if ((gcpIdentityPool === undefined) !== (gcpIdentityProvider === undefined)) {
      throw new ConfigError(`set both ${flagOf("gcpIdentityPool")} and ${flagOf("gcpIdentityProvider")}`);
    }
    if (gcpIdentityPool !== undefined && gcpWorkloadIdentityProvider !== undefined) {
      throw new ConfigError(
        `${flagOf("gcpIdentityPool")} and ${flagOf("gcpWorkloadIdentityProvider")} cannot both be set; give one of them`,
      );
    }
  },
  tls: (config) => {
    const { gcpCaBundle } = valuesOf(gcpOptions, config);
    return gcpCaBundle === undefined ? [] : [{ option: "gcpCaBundle", settings: { caFile: gcpCaBundle } }];
  },
  ownFiles: (config) => [valuesOf(gcpOptions, config).gcpCredentialsFile],
  host: gcpHost,
  open: async (host, own) => (await import("./family.ts")).createGcpFamily(host, own),
};
