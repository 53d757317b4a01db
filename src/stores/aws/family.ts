import { LRUCache } from "lru-cache";
import { createHttpClient } from "../../http/client.ts";
import type { StoreHost } from "../host.ts";
import type { OpenRequest, Session, Store } from "../store.ts";
import { awsAudience } from "./errors.ts";
import type { AwsHost } from "./host.ts";
import { createHttpHandler } from "./http-handler.ts";
import { podIdentityAudience } from "./pod-identity.ts";
import { openAwsSession } from "./session.ts";
import type { AwsAsked, AwsSettings } from "./types.ts";
import { roleAnnotation } from "./web-identity.ts";

/** The part that all AWS stores have in common. */
export type AwsFamily = Pick<
  Store<AwsSettings, AwsAsked>,
  | "isLocal"
  | "endpoint"
  | "servers"
  | "place"
  | "audience"
  | "scope"
  | "effect"
  | "proof"
  | "needs"
  | "open"
  | "shutdown"
>;

/** The common part of the AWS stores: one way to the network, and sessions that read refs of every service. */
export function createAwsFamily(host: StoreHost, aws: AwsHost = {}): AwsFamily {
  // Endpoints are AWS's own or the operator's, so the address policy has no say.
  const http = createHttpClient({ tls: { caFile: aws.caFile }, proxies: host.proxies, warn: host.warn });
  // The node's own: no proxy, which would see the pods' tokens.
  const agent = createHttpClient();
  const way = { host: aws, handler: createHttpHandler(http), agent };
  const denied = new LRUCache<string, true>({ max: 1_000 });
  const deniedBatches = { has: (key: string) => denied.has(key), add: (key: string) => void denied.set(key, true) };
  const options = { concurrency: host.concurrency, deniedBatches };
  return {
    isLocal: () => false,
    // A node without an agent, or without that address of it, holds nobody back who needs none.
    endpoint: ({ region, identity }) =>
      identity.by === "podIdentity" ? `${region} EKS Pod Identity ${identity.address}` : region,
    servers: ({ region }) => [region],
    place: ({ region, identity }) =>
      identity.by === "podIdentity" ? `AWS in ${region}, with the node's EKS Pod Identity agent` : `AWS in ${region}`,
    audience: ({ identity }) => ({
      name: identity.by === "podIdentity" ? podIdentityAudience : awsAudience,
      chosen: true,
    }),
    scope: ({ identity }) => (identity.by === "podIdentity" ? (aws.podIdentityScope ?? "pod") : "serviceAccount"),
    effect: () => "read",
    proof: () => "token",
    needs: ({ identity }) => (needsRole(identity) ? [roleLookup] : []),
    open: (request: OpenRequest<AwsSettings>): Promise<Session<AwsAsked>> => openAwsSession(request, way, options),
    shutdown: async () => {
      http.close();
      agent.close();
    },
  };
}

const roleLookup = {
  kind: "serviceAccountAnnotation",
  name: roleAnnotation,
  instead: "name the role in the SecretProviderClass (roleArn)",
} as const;

function needsRole(identity: AwsSettings["identity"]): boolean {
  return identity.by === "webIdentity" && identity.roleArn === undefined;
}
