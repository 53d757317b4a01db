import type { StoreFamily } from "../definition.ts";
import type { AwsFamily } from "./family.ts";
import { type AwsHost, awsHost } from "./host.ts";
import { awsOptions } from "./options.ts";

/** The AWS stores: one way to the network and one kind of session. */
export const awsFamily: StoreFamily<AwsFamily, AwsHost> = {
  name: "aws",
  options: awsOptions,
  judged: [{ option: "awsRegion", kind: "aws-secrets-manager", field: "region" }],
  host: awsHost,
  open: async (host, own) => (await import("./family.ts")).createAwsFamily(host, own),
};
