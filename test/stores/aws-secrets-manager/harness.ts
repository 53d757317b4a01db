import { createAddressPolicy } from "../../../src/address-policy.ts";
import { Redacted } from "../../../src/redacted.ts";
import { startMoto } from "../../servers/moto.ts";
import { startProxy } from "../../servers/proxy.ts";
import { createTokenIssuer } from "../../tokens.ts";
import type { StoreHarness } from "../contract.ts";

const region = "eu-west-1";
const denial = JSON.stringify({ __type: "AccessDeniedException", Message: "User: arn is not authorized" });

/** moto behind a proxy that can fail and, since moto judges nobody, deny. */
export async function start(): Promise<StoreHarness> {
  const [moto, issuer] = await Promise.all([startMoto(), createTokenIssuer()]);
  await moto.createSecret(region, "shop/one", "CANARY-aws-1");
  await moto.createSecret(region, "shop/two", new TextEncoder().encode("CANARY-aws-2\u0000é"));
  const proxy = await startProxy(moto.url);
  const token = await issuer.token({ namespace: "shop", serviceAccount: "web", audience: "sts.amazonaws.com" });
  const secrets = [
    { ref: { name: "shop/one" }, text: "CANARY-aws-1" },
    { ref: { name: "shop/two", versionStage: "AWSCURRENT" }, text: "CANARY-aws-2\u0000é" },
  ];
  return {
    host: { addresses: createAddressPolicy([]), concurrency: 4, aws: { endpointUrl: proxy.url } },
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
      await moto.putSecret(region, "shop/one", "CANARY-aws-3");
      secrets[0] = { ref: { name: "shop/one" }, text: "CANARY-aws-3" };
      return "CANARY-aws-3";
    },
    absent: { name: "shop/nowhere" },
    denied: {
      ref: { name: "shop/one" },
      during: (run) => {
        const headers = { "content-type": "application/x-amz-json-1.1" };
        proxy.inject({ kind: "answer", status: 400, headers, body: denial }, { times: 1 });
        return run();
      },
    },
    versioned: true,
    canaries: ["CANARY"],
    network: {
      hang: () => proxy.inject({ kind: "hang" }),
      refuse: proxy.refuse,
      heal: async () => {
        proxy.clearFaults();
        await proxy.accept();
      },
    },
    stop: async () => {
      await proxy.stop();
      await moto.stop();
    },
  };
}
