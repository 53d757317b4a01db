import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createAuthority } from "../servers/certificates.ts";
import { startForwardProxy } from "../servers/forward-proxy.ts";
import { startGcp } from "../servers/gcp.ts";
import { startKubernetes } from "../servers/kubernetes.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode } from "./node.ts";

const account = "payments@shop-prod.iam.gserviceaccount.com";

/** Everything of one universe, with no address but the names that Latchkey makes: a proxy leads them all to the played Google Cloud. */
async function startUniverse(domain: string, flags: Record<string, string>, pool: string) {
  const hosts = [
    ...["sts", "iamcredentials", "secretmanager", "parametermanager"].map((service) => `${service}.${domain}`),
    ...["secretmanager", "parametermanager"].map((service) => `${service}.europe-west1.rep.${domain}`),
  ];
  const [issuer, authority] = await Promise.all([createTokenIssuer(), createAuthority()]);
  const gcp = await startGcp({ tls: { tls: await authority.issue(hosts) } });
  const metadata = await startGcp();
  const [proxy, kubernetes] = [await startForwardProxy({ to: gcp.url }), await startKubernetes(issuer)];
  const provider = `https://container.${domain}/v1/projects/shop-prod/locations/europe-west1/clusters/shop`;
  gcp.state.pools.set(`identitynamespace:${pool}:${provider}`, pool);
  gcp.state.accounts.set(account, new Set([`serviceAccount:${pool}[shop/payments]`]));
  gcp.addSecret("db", "global");
  gcp.addSecret("db", "regional", { location: "europe-west1" });
  gcp.putParameter("app", "v1", "parameter", { location: "europe-west1" });
  kubernetes.setServiceAccount("shop", "payments", { annotations: { "iam.gke.io/gcp-service-account": account } });
  const node = await startNode({
    issuer,
    flags: async (directory) => {
      const credentials = join(directory, "credentials");
      await mkdir(credentials);
      const gcpCaBundle = join(directory, "google.pem");
      await writeFile(gcpCaBundle, authority.caPem);
      return {
        ...{ providers: "gcp", refresh: "0s", httpsProxy: proxy.url, proxyBypass: "127.0.0.1", gcpCaBundle },
        ...{ gcpMetadataHost: new URL(metadata.url).host, ...flags },
        ...(await kubernetes.writeCredentials(credentials)),
      };
    },
  });
  return {
    ...{ node, proxy, hosts },
    stop: async () => {
      await node.stop();
      await Promise.all([proxy.stop(), gcp.stop(), metadata.stop(), kubernetes.stop()]);
    },
  };
}

const secrets = `
- { resourceName: projects/shop-prod/secrets/db/versions/latest, path: global }
- { resourceName: projects/shop-prod/locations/europe-west1/secrets/db/versions/1, path: regional }
- { resourceName: projects/shop-prod/locations/europe-west1/parameters/app/versions/v1, path: parameter }
`;

const otherPool = "shop-prod.svc.id.universe.test";
const otherProvider = "https://container.universe.test/v1/projects/shop-prod/locations/europe-west1/clusters/shop";
const universes: readonly (readonly [domain: string, flags: Record<string, string>, pool: string])[] = [
  ["googleapis.com", {}, "shop-prod.svc.id.goog"],
  // The pool by the metadata server, the cluster by the universe's own name.
  ["universe.test", { gcpUniverseDomain: "universe.test" }, "shop-prod.svc.id.goog"],
  [
    "universe.test",
    { gcpUniverseDomain: "universe.test", gcpIdentityPool: otherPool, gcpIdentityProvider: otherProvider },
    otherPool,
  ],
];

describe("Google Cloud by its own names", () => {
  it.each(universes)("is asked in the universe %s, with %j", async (domain, flags, pool) => {
    const universe = await startUniverse(domain, flags, pool);
    const { node, proxy, hosts } = universe;
    const { target } = await node.publish({ provider: "gcp", parameters: { secrets }, audiences: [pool] });
    for (const path of ["global", "regional", "parameter"]) {
      expect(await readFile(join(target, path), "utf8")).toBe(path);
    }
    const asked = new Set(proxy.requests.map(({ method, target: host }) => `${method} ${host}`));
    // Nobody had a parameter that is global.
    const expected = hosts.filter((host) => host !== `parametermanager.${domain}`);
    expect([...asked].sort()).toEqual(expected.map((host) => `CONNECT ${host}:443`).sort());
    await universe.stop();
  });

  it("names the pool and the cluster that the exchange was for, where the universe knows another pool", async () => {
    const universe = await startUniverse("universe.test", { gcpUniverseDomain: "universe.test" }, otherPool);
    const error = await universe.node.publishError({
      ...{ provider: "gcp", parameters: { secrets }, audiences: ["shop-prod.svc.id.goog"] },
    });
    expect(error.message).toMatch(/LK0032 .*exchanging the token of shop\/payments .*invalid_target/s);
    expect(error.message).toContain("has the workload pool shop-prod.svc.id.goog");
    expect(error.message).toContain("https://container.universe.test/v1/projects/shop-prod/locations/europe-west1");
    await universe.stop();
  });
});
