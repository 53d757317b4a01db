import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type GcpServer, gcpEndpoints, startGcp } from "../servers/gcp.ts";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

let gcp: GcpServer;
let kubernetes: KubernetesApi;
let node: TestNode;

beforeAll(async () => {
  gcp = await startGcp();
  gcp.addSecret("db", "hunter2");
  const issuer = await createTokenIssuer();
  kubernetes = await startKubernetes(issuer);
  kubernetes.setServiceAccount("shop", "payments", {});
  kubernetes.setPod("shop", "web-0", { uid: "0000-0001", serviceAccount: "payments" });
  node = await startNode({
    issuer,
    flags: async (directory) => {
      const credentials = join(directory, "credentials");
      await mkdir(credentials);
      const own = { providers: "gcp", tokenRequests: "true", ...gcpEndpoints(gcp.url) };
      return { ...own, ...(await kubernetes.writeCredentials(credentials)) };
    },
  });
});

afterAll(async () => {
  await node?.stop();
  await Promise.all([gcp?.stop(), kubernetes?.stop()]);
});

it("asks the API for a token of the pool that the metadata server tells, where the driver sends none", async () => {
  const secrets = "- { resourceName: projects/shop-prod/secrets/db/versions/latest, path: a }";
  const { target } = await node.publish({ provider: "gcp", parameters: { secrets } });
  expect(await readFile(join(target, "a"), "utf8")).toBe("hunter2");
  expect(node.mounts().at(-1)).toMatchObject({ result: "ok", proved: true });
});
