import type { KubernetesApi } from "../../src/kubernetes/api.ts";
import { createLogger } from "../../src/log.ts";
import { Metrics } from "../../src/metrics.ts";
import type { KubernetesSecret } from "../../src/plan/plan.ts";
import { Redacted } from "../../src/redacted.ts";
import type { Offer, Offered, OfferedSource, Unproved } from "../../src/sync/offer.ts";
import type { SyncResult } from "../../src/sync/secret-sync.ts";
import { SecretSyncer } from "../../src/sync/secret-syncer.ts";
import { until } from "../cache/until.ts";
import { VirtualTime } from "../cache/virtual-time.ts";
import type { KubernetesApi as TestCluster } from "../servers/kubernetes.ts";
import { openTestApi } from "../servers/kubernetes-client.ts";

const minute = 60_000;

/** A cluster with a class `web` in each namespace of the test's. Stop it when done. */
export interface SyncCluster {
  readonly cluster: TestCluster;
  readonly parameters: Readonly<Record<string, string>>;
  /** A node of it. */
  node(
    policy?: Partial<ConstructorParameters<typeof SecretSyncer>[0]["policy"]>,
    over?: Partial<KubernetesApi>,
    time?: VirtualTime,
  ): SyncNode;
  /** The client of its API, for what a test puts over it. */
  readonly api: KubernetesApi;
  /** Requests that changed something, or tried to. */
  writes(): readonly string[];
  reads(): readonly string[];
  stop(): Promise<void>;
}

/** The parts of an offer that a test chooses; the rest is usual. */
interface Wish {
  readonly values?: Readonly<Record<string, string | Uint8Array>>;
  readonly spec?: Partial<KubernetesSecret>;
  readonly serviceAccount?: string;
  readonly namespace?: string;
  readonly proved?: boolean;
  readonly unproved?: Unproved;
  readonly isFirst?: boolean;
  readonly provider?: string;
  readonly secretProviderClass?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** How old each source's answer is, in milliseconds, by its ref. */
  readonly ages?: Readonly<Record<string, number>>;
  /** The text that each source held, by its ref. */
  readonly held?: Readonly<Record<string, string>>;
  readonly source?: Partial<OfferedSource["source"]>;
  readonly issued?: true;
}

/** One node's syncer with a clock of its own. */
export interface SyncNode {
  readonly syncer: SecretSyncer;
  readonly time: VirtualTime;
  readonly results: readonly SyncResult[];
  readonly log: readonly Readonly<Record<string, unknown>>[];
  offer(wish?: Wish): Offered;
  /** Offers, and waits until nothing of it waits; a failure that is tried again counts as an end. */
  sync(wish?: Wish): Promise<Offered["state"]>;
}

/** Starts a cluster that has the class `web` in each of these namespaces. */
export async function startSyncCluster(namespaces: readonly string[] = ["shop"]): Promise<SyncCluster> {
  const { server: cluster, api, stop } = await openTestApi();
  const nodes: SyncNode[] = [];
  const parameters = { secrets: "[]", kubernetesSecrets: "[...]" };
  for (const namespace of namespaces) cluster.setClass(namespace, "web", { provider: "latchkey", parameters });
  const called = (isRead: boolean) =>
    cluster.requests
      .filter(({ method }) => (method === "GET") === isRead)
      .map(({ method, path }) => `${method} ${path}`);
  return {
    cluster,
    parameters,
    api,
    node: (policy = {}, over = {}, time = new VirtualTime()) => {
      const node = startNode({ ...api, ...over }, parameters, policy, time);
      nodes.push(node);
      return node;
    },
    writes: () => called(false),
    reads: () => called(true),
    async stop() {
      await Promise.all(nodes.map(({ syncer }) => syncer.close()));
      await stop();
    },
  };
}

function startNode(
  api: KubernetesApi,
  parameters: Readonly<Record<string, string>>,
  policy: object,
  time: VirtualTime,
): SyncNode {
  const results: SyncResult[] = [];
  const log: Record<string, unknown>[] = [];
  const metrics = new Metrics();
  metrics.listen("secretSynced", ({ result }) => results.push(result as SyncResult));
  const syncer = new SecretSyncer({
    ...{ api, clock: time, random: () => 0.5, recheckMs: 10 * minute },
    policy: { namespaces: ["*"], systemNamespaces: ["kube-*"], metadataPrefixes: [], ...policy },
    key: new Redacted<Uint8Array>(Buffer.alloc(32, "k")),
    log: createLogger("debug", { write: (line) => log.push(JSON.parse(line)) }),
    metrics,
  });
  const offer = (wish: Wish = {}) => syncer.offer(offerOf(wish, parameters, time));
  const sync = async (wish: Wish = {}) => {
    const before = results.length;
    const offered = offer(wish);
    await until(() => offered.state !== "queued" || results.slice(before).includes("failed"));
    await offered.tried;
    return offered.state;
  };
  return { syncer, time, results, log, offer, sync };
}

function offerOf(wish: Wish, parameters: Readonly<Record<string, string>>, time: VirtualTime): Offer {
  const { values = { password: "p1" }, ages = {}, held = { db: JSON.stringify(values) } } = wish;
  const identity = { namespace: wish.namespace ?? "shop", serviceAccount: wish.serviceAccount ?? "web" };
  const sources = Object.entries(held).map(([ref, text]): OfferedSource => {
    const value = new Redacted<Uint8Array>(Buffer.from(text));
    return {
      source: { store: "vault", settings: {}, ref, ...wish.source },
      secret: { value, ...(wish.issued === undefined ? {} : { issued: wish.issued }) },
      fetchedAt: time.wall() - (ages[ref] ?? 0),
    };
  });
  return {
    identity: {
      ...{ ...identity, proved: wish.proved ?? true },
      ...(wish.unproved === undefined ? {} : { unproved: wish.unproved }),
    },
    isFirst: wish.isFirst ?? false,
    provider: wish.provider ?? "latchkey",
    secretProviderClass: wish.secretProviderClass ?? "web",
    parameters: new Map(Object.entries(wish.parameters ?? parameters)),
    secrets: [
      {
        spec: secretOf(wish.spec, Object.keys(values)),
        values: new Map(Object.entries(values).map(([key, value]) => [key, Buffer.from(value)])),
        sources,
      },
    ],
  };
}

/** A Secret as a SecretProviderClass names it. */
export function secretOf(
  over: Partial<KubernetesSecret> = {},
  keys: readonly string[] = ["password"],
): KubernetesSecret {
  return {
    ...{ name: "db", subject: "kubernetesSecrets[0]", type: "Opaque", immutable: false },
    ...{ labels: new Map(), annotations: new Map() },
    data: new Map(keys.map((key) => [key, { kind: "file" as const, path: key }])),
    ...over,
  };
}

/** Lets virtual time pass, and requests end, until something is so. */
export async function passUntil(node: SyncNode, isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await node.time.advance(1_000);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
