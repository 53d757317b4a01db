import { createAddressPolicy } from "../../../src/address-policy.ts";
import { Redacted } from "../../../src/redacted.ts";
import { clusterPool, clusterProvider, denial, type GcpServer, startGcp } from "../../servers/gcp.ts";
import { startProxy } from "../../servers/proxy.ts";
import { createTokenIssuer } from "../../tokens.ts";
import type { StoreHarness } from "../contract.ts";
import { proxiedNetwork } from "../proxied-network.ts";

/** The differences between the services. */
interface Service {
  /** Puts what `refs` name: `CANARY-gcp-1`, and `CANARY-gcp-2`, a zero and an é. */
  fill(gcp: GcpServer): void;
  /** Gives the first one another value. */
  rotate(gcp: GcpServer, value: string): void;
  readonly refs: readonly [object, object];
  readonly absent: object;
  readonly search: { readonly query: object; readonly names: readonly string[]; readonly nothing: object };
  readonly calls?: number;
  /** The subject of a denial. */
  readonly path: string;
}

/** The played Google Cloud behind a proxy that can fail and deny. */
export async function startHarness({
  fill,
  rotate,
  refs,
  absent,
  search,
  calls,
  path,
}: Service): Promise<StoreHarness> {
  const [gcp, issuer] = await Promise.all([startGcp(), createTokenIssuer()]);
  fill(gcp);
  const proxy = await startProxy(gcp.url);
  const token = await issuer.token({ namespace: "shop", serviceAccount: "web", audience: clusterPool });
  const secrets = [
    { ref: refs[0], text: "CANARY-gcp-1" },
    { ref: refs[1], text: "CANARY-gcp-2\u0000é" },
  ];
  const refusal = denial(path);
  const during = <T>(run: () => Promise<T>): Promise<T> => {
    const { status = 403, body } = typeof refusal === "string" ? {} : refusal;
    const headers = { "content-type": "application/json" };
    proxy.inject({ kind: "answer", status, headers, body: JSON.stringify(body) }, { times: 1 });
    return run();
  };
  const own = { endpoint: proxy.url, regionalEndpoint: proxy.url };
  return {
    host: { addresses: createAddressPolicy([]), concurrency: 4, families: { gcp: own } },
    settings: {
      author: "pod",
      raw: { project: "shop-prod", identityPool: clusterPool, identityProvider: clusterProvider },
    },
    identity: {
      namespace: "shop",
      serviceAccount: "web",
      proved: true,
      tokens: new Map([[clusterPool, new Redacted(token)]]),
    },
    found: new Map(),
    secrets,
    rotate: async () => {
      rotate(gcp, "CANARY-gcp-3");
      secrets[0] = { ref: refs[0], text: "CANARY-gcp-3" };
      return "CANARY-gcp-3";
    },
    absent,
    search: { ...search, impossible: {}, denied: { query: search.query, during } },
    denied: { ref: refs[0], during },
    versioned: true,
    ...(calls === undefined ? {} : { calls }),
    canaries: ["CANARY"],
    network: proxiedNetwork(proxy),
    stop: async () => {
      await proxy.stop();
      await gcp.stop();
    },
  };
}
