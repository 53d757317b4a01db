import { createAddressPolicy } from "../../../src/address-policy.ts";
import { Redacted } from "../../../src/redacted.ts";
import type { GcpHost } from "../../../src/stores/gcp/host.ts";
import type { GcpAsked, GcpIdentity, GcpSettings } from "../../../src/stores/gcp/types.ts";
import { createStores } from "../../../src/stores/index.ts";
import type { CallContext, Found, Identity, Session, Store } from "../../../src/stores/store.ts";
import { clusterPool, federation, type GcpServer, startGcp } from "../../servers/gcp.ts";
import { createTokenIssuer } from "../../tokens.ts";
import { type Outcome, outcomesOf } from "../outcomes.ts";

/** A played Google Cloud with a store that asks it as the pod shop/web. */
export interface OpenedGcp {
  readonly gcp: GcpServer;
  readonly store: Store<GcpSettings, GcpAsked>;
  readonly token: string;
  readonly counted: string[];
  open(how?: OpenOptions): Promise<Session<GcpAsked>>;
  read(session: Session<GcpAsked>, ...refs: readonly GcpAsked[]): Promise<readonly Outcome[]>;
  stop(): Promise<void>;
}

/** Differences from a pod that reads as itself. */
export interface OpenOptions {
  readonly identity?: GcpIdentity;
  readonly location?: string;
  readonly project?: string;
  readonly found?: Found;
  readonly credentials?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A pod that reads as itself. */
export const asPod: GcpIdentity = { by: "pod", impersonate: { by: "nobody" }, keyFile: "ignored" };

/** The member that the played cluster's pod is. */
export const member = `serviceAccount:${clusterPool}[shop/web]`;

/** Starts both; `host` is what the operator says. */
export async function openGcp(
  host: (url: string) => GcpHost = () => ({}),
  allowed: readonly string[] = [],
): Promise<OpenedGcp> {
  const [gcp, issuer] = await Promise.all([startGcp(), createTokenIssuer()]);
  const token = await issuer.token({ namespace: "shop", serviceAccount: "web", audience: [clusterPool, federation] });
  const own: GcpHost = {
    endpoint: `${gcp.url}/at/global/{service}`,
    regionalEndpoint: `${gcp.url}/at/{location}/{service}`,
    metadataHost: new URL(gcp.url).host,
    ...host(gcp.url),
  };
  const stores = createStores({ addresses: createAddressPolicy(allowed), concurrency: 8, families: { gcp: own } });
  const store = (await stores.load("gcp-secret-manager")) as Store<GcpSettings, GcpAsked>;
  const counted: string[] = [];
  const context = (signal = AbortSignal.timeout(8_000)): CallContext => ({
    signal,
    count: (what) => counted.push(what),
  });
  const identity: Identity = {
    namespace: "shop",
    serviceAccount: "web",
    proved: true,
    pod: { name: "web-0", uid: "uid-0" },
    tokens: new Map([clusterPool, federation].map((audience) => [audience, new Redacted(token)])),
  };
  return {
    ...{ gcp, store, token, counted },
    open: ({
      identity: by = asPod,
      location = "global",
      project = "shop-prod",
      found = new Map(),
      credentials,
      signal,
    } = {}) => {
      const who =
        credentials === undefined
          ? identity
          : { ...identity, credentials: new Redacted(new Map(Object.entries(credentials))) };
      return store.open({
        identity: who,
        settings: { project, location, identity: by },
        found,
        context: context(signal),
      });
    },
    read: (session, ...refs) => outcomesOf(session, refs.length === 0 ? [secret("db")] : refs, context()),
    stop: async () => {
      await stores.shutdown();
      await gcp.stop();
    },
  };
}

/** A secret by its name. */
export function secret(name: string, version = "latest"): GcpAsked {
  return { service: "secretmanager", secret: name, version };
}

/** Returns what came of a read in a word: the text, or id and store code of the error. */
export function textOf(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "nothing";
  if (outcome.ok) return Buffer.from(outcome.secret.value.reveal()).toString();
  return [outcome.error.id, outcome.error.details.storeCode].filter((part) => part !== undefined).join(" ");
}
