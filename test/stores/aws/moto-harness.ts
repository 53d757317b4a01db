import { createAddressPolicy } from "../../../src/address-policy.ts";
import { Redacted } from "../../../src/redacted.ts";
import { type Moto, startMoto } from "../../servers/moto.ts";
import { startProxy } from "../../servers/proxy.ts";
import { createTokenIssuer } from "../../tokens.ts";
import type { StoreHarness } from "../contract.ts";
import { proxiedNetwork } from "../proxied-network.ts";

const region = "eu-west-1";
const denial = JSON.stringify({ __type: "AccessDeniedException", Message: "User: arn is not authorized" });

/** The differences between the services: how secrets get into them, and how they are named. */
interface Service {
  /** Puts what `refs` name: `CANARY-aws-1`, and `CANARY-aws-2`, a zero and an é. */
  fill(moto: Moto, region: string): Promise<void>;
  /** Gives the first one another value. */
  rotate(moto: Moto, region: string, value: string): Promise<unknown>;
  readonly refs: readonly [object, object];
  readonly absent: object;
  /** A search that finds both, and what it finds. */
  readonly search: { readonly query: object; readonly names: readonly string[]; readonly nothing: object };
  /** Read in one call. */
  readonly together?: true;
}

/** moto behind a proxy that can fail and, since moto judges nobody, deny. */
export async function startAws({ fill, rotate, refs, absent, search, together }: Service): Promise<StoreHarness> {
  const [moto, issuer] = await Promise.all([startMoto(), createTokenIssuer()]);
  await fill(moto, region);
  const proxy = await startProxy(moto.url);
  const token = await issuer.token({ namespace: "shop", serviceAccount: "web", audience: "sts.amazonaws.com" });
  const secrets = [
    { ref: refs[0], text: "CANARY-aws-1" },
    { ref: refs[1], text: "CANARY-aws-2\u0000é" },
  ];
  const during = <T>(run: () => Promise<T>): Promise<T> => {
    const headers = { "content-type": "application/x-amz-json-1.1" };
    proxy.inject({ kind: "answer", status: 400, headers, body: denial }, { times: 1 });
    return run();
  };
  return {
    host: { addresses: createAddressPolicy([]), concurrency: 4, families: { aws: { endpointUrl: proxy.url } } },
    settings: { author: "pod", raw: { region } },
    identity: {
      namespace: "shop",
      serviceAccount: "web",
      proved: true,
      tokens: new Map([["sts.amazonaws.com", new Redacted(token)]]),
    },
    found: new Map([["eks.amazonaws.com/role-arn", "arn:aws:iam::123456789012:role/shop"]]),
    secrets,
    rotate: async () => {
      await rotate(moto, region, "CANARY-aws-3");
      secrets[0] = { ref: refs[0], text: "CANARY-aws-3" };
      return "CANARY-aws-3";
    },
    absent,
    search: { ...search, impossible: {}, denied: { query: search.query, during } },
    denied: { ref: refs[0], during },
    versioned: true,
    ...(together === undefined ? {} : { together }),
    canaries: ["CANARY"],
    network: proxiedNetwork(proxy),
    stop: async () => {
      await proxy.stop();
      await moto.stop();
    },
  };
}
