import { createHttpClient } from "../../http/client.ts";
import type { StoreHost } from "../host.ts";
import type { Lookup, OpenRequest, Session, Store, TokenAudience } from "../store.ts";
import { audienceOf, Cluster } from "./cluster.ts";
import type { GcpHost } from "./host.ts";
import { keptFacts } from "./kept-facts.ts";
import { accountAnnotation, delegatesAnnotation } from "./log-in.ts";
import { metadataReader } from "./metadata.ts";
import { openGcpSession } from "./session.ts";
import type { GcpAsked, GcpSettings } from "./types.ts";
import type { GcpWay } from "./way.ts";

/** The part that all stores of Google Cloud have in common. */
export type GcpFamily = Pick<
  Store<GcpSettings, GcpAsked>,
  | "isLocal"
  | "endpoint"
  | "servers"
  | "place"
  | "audience"
  | "learnAudience"
  | "scope"
  | "effect"
  | "proof"
  | "needs"
  | "open"
  | "shutdown"
>;

/** The common part of the stores of Google Cloud: one way to the network, and sessions that read refs of every service. */
export function createGcpFamily(host: StoreHost, own: GcpHost = {}): GcpFamily {
  const { proxies, warn } = host;
  // Endpoints are Google's own or the operator's, so the address policy has no say, but for those that a key file names.
  const http = createHttpClient({ tls: { caFile: own.caFile }, proxies, warn });
  const podHttp = createHttpClient({ tls: { caFile: own.caFile }, proxies, warn, addresses: host.addresses });
  const onNode = createHttpClient();
  const metadata = metadataReader(onNode, own.metadataHost);
  const cluster = new Cluster(
    own,
    keptFacts(metadata, () => host.records?.()),
  );
  const way: GcpWay = { host: own, http, podHttp, metadata, cluster };
  return {
    isLocal: () => false,
    // What is wrong with one way to log in holds nobody back who logs in by another.
    endpoint: ({ location, identity: { by } }) => `${location} ${by}`,
    // The same servers, whoever the identity is.
    servers: ({ location }) => [location],
    place: ({ location }) => (location === "global" ? "Google Cloud" : `Google Cloud in ${location}`),
    audience: ({ identity }) => audienceFor(identity, cluster),
    learnAudience: async ({ identity }) => {
      if (identity.by !== "pod" || identity.pool !== undefined || cluster.known !== undefined) return;
      await cluster.pool().catch(() => undefined);
    },
    scope: () => "serviceAccount",
    effect: () => "read",
    proof: ({ identity }) => (identity.by === "keyFile" ? "credentials" : "token"),
    needs: ({ identity }) => (followsAnnotation(identity, own) ? annotations : []),
    open: (request: OpenRequest<GcpSettings>): Promise<Session<GcpAsked>> =>
      openGcpSession(request, way, host.concurrency),
    shutdown: async () => {
      for (const client of [http, podHttp, onNode]) client.close();
    },
  };
}

/** A pod whose account has none of them acts as itself. */
const annotations: readonly Lookup[] = [accountAnnotation, delegatesAnnotation].map((name) => ({
  kind: "serviceAccountAnnotation",
  instead: "start Latchkey with --gcp-impersonation none",
  name,
  optional: true,
}));

function followsAnnotation(identity: GcpSettings["identity"], { impersonation }: GcpHost): boolean {
  return identity.by === "pod" && identity.impersonate.by === "annotation" && impersonation !== "none";
}

/** Undefined as long as nobody has told which pool knows this cluster. */
function audienceFor(identity: GcpSettings["identity"], cluster: Cluster): TokenAudience | undefined {
  if (identity.by !== "pod") return undefined;
  const pool = identity.pool ?? cluster.known;
  return pool === undefined ? undefined : { name: audienceOf(pool), chosen: true };
}
