import { describe, expect, it } from "vitest";
import * as z from "zod";
import { VolumeLocks } from "../../src/deliver/volume-locks.ts";
import { createLookups } from "../../src/fetch/lookup.ts";
import { createLogger } from "../../src/log.ts";
import type { MountCall } from "../../src/mount/mount-call.ts";
import { MountedTargets } from "../../src/mount/mounted-targets.ts";
import { Mounter } from "../../src/mount/mounter.ts";
import type { WireRequest } from "../../src/mount/request.ts";
import { Redacted } from "../../src/redacted.ts";
import type { Store } from "../../src/stores/store.ts";
import { FetchFixture } from "../fetch/fake-stores.ts";
import { RecordedMetrics } from "../recorded-metrics.ts";

const key = new Redacted<Uint8Array>(Buffer.alloc(32));
const servers = { mount: "kubernetes", tls: {} };

/** A node before a store that tells the asker's name and how often it was read. */
function startNode(maxReplyBytes = 1_000) {
  const { cache, time: clock } = new FetchFixture();
  let [reads, encoded] = [0, 0];
  const store: Store = {
    ...{ kind: "vault", settings: () => z.unknown(), ref: z.unknown(), nameOf: () => "db", isLocal: () => false },
    search: { query: z.unknown(), prefixOf: () => "", refOf: (_, name) => name },
    ...{
      endpoint: () => "one",
      place: () => "one",
      audience: () => undefined,
      needs: () => [],
      shutdown: async () => undefined,
    },
    ...{ scope: () => "serviceAccount", effect: () => "read", proof: () => "token" },
    open: async ({ identity }) => ({
      read: async () => {
        reads += 1;
        const value = new Redacted<Uint8Array>(Buffer.from(`{"k":"${identity.serviceAccount} ${reads}"}`));
        return { value };
      },
      close: async () => undefined,
    }),
  };
  const metrics = new RecordedMetrics();
  const mounter = new Mounter({
    targets: new MountedTargets(clock),
    ...{ cache, clock, metrics, lookups: createLookups(undefined, clock), log: createLogger("off") },
    stores: { load: async () => store, shutdown: async () => undefined },
    verifier: { verify: async () => ({ kind: "proved", serviceAccountUid: "uid" }) },
    operator: { profiles: new Map(), inlineStores: true, dialects: { vault: servers } },
    versionKeys: { current: () => key, load: async () => undefined },
    delivery: { by: "driver", maxReplyBytes, locks: new VolumeLocks(), kubeletDir: "/", allowDisk: false },
    bounds: { refresh: 120_000, minRefresh: 0, maxStale: 86_400_000 },
    encode: ({ files }) => {
      encoded += 1;
      return Buffer.from(files.map(({ path, contents }) => `${path}: ${Buffer.from(contents)}`).join());
    },
  });
  const mount = async (serviceAccount = "payments", file = "f", more: Partial<WireRequest> = {}) => {
    const attributes = {
      "csi.storage.k8s.io/pod.namespace": "shop",
      "csi.storage.k8s.io/serviceAccount.name": serviceAccount,
      "csi.storage.k8s.io/serviceAccount.tokens": '{"vault":{"token":"t"}}',
      ...{ roleName: "r", vaultAddress: "https://vault" },
      objects: `- { objectName: ${file}, secretPath: p, secretKey: k }`,
    };
    const usual = { attributes: JSON.stringify(attributes), secrets: "", targetPath: "/t", permission: "420" };
    const request = { ...usual, ...more };
    const call: MountCall = {
      ...{ request, signal: new AbortController().signal },
      reserve: () => undefined,
    };
    return (await mounter.mount("vault", call)).toString();
  };
  return { cache, clock, mount, metrics, counts: () => ({ reads, encoded }) };
}

describe("a volume that is mounted again", () => {
  it("gets the reply of before, while its secrets are the same and fresh", async () => {
    const node = startNode();
    const replies = [await node.mount(), await node.mount(), await node.mount(), await node.mount()];
    expect([new Set(replies), node.counts()]).toEqual([new Set(["f: payments 1"]), { reads: 1, encoded: 2 }]);
  });

  it("gets what is new when a secret was fetched again", async () => {
    const node = startNode();
    for (let count = 0; count < 3; count += 1) await node.mount();
    await node.clock.advance(180_000);
    expect([await node.mount(), await node.mount()]).toEqual(["f: payments 2", "f: payments 2"]);
  });

  it("gets nothing from before when the cache has dropped a secret", async () => {
    const node = startNode();
    for (let count = 0; count < 3; count += 1) await node.mount();
    await node.cache.drop(() => true);
    expect(await node.mount()).toBe("f: payments 2");
  });

  it("gets nothing of another identity or another SecretProviderClass", async () => {
    const node = startNode();
    for (let count = 0; count < 3; count += 1) await node.mount();
    for (let count = 0; count < 3; count += 1) {
      expect(await node.mount("orders")).toBe("f: orders 2");
      expect(await node.mount("payments", "g")).toBe("g: payments 1");
    }
  });

  it("is refused each time where the reply is too large", async () => {
    const node = startNode(5);
    for (let count = 0; count < 3; count += 1) {
      await expect(node.mount()).rejects.toMatchObject({ id: "LK0005" });
    }
  });
});

describe("the metrics of mounts", () => {
  it("tell how each ended, and which were of volumes that had files", async () => {
    const node = startNode();
    await node.mount();
    await node.mount();
    const proof = { token: true, proved: true, unproved: undefined };
    const told = { dialect: "vault", namespace: "shop", ...proof, error: undefined, ms: expect.any(Number) };
    expect(node.metrics.mounts).toEqual([
      { ...told, remount: false, files: 1, bytes: 10 },
      { ...told, remount: true, files: 1, bytes: 10 },
    ]);
    expect(node.metrics.calls).toEqual(["vault login ok", "vault read ok"]);
  });

  it("take the driver's word for files that another process has mounted", async () => {
    const node = startNode(5);
    await node.mount().catch(() => undefined);
    await node.mount("payments", "f", { currentObjectVersion: [{ id: "f", version: "1" }] }).catch(() => undefined);
    await node.mount("payments", "f", { attributes: "{" }).catch(() => undefined);
    expect(
      node.metrics.mounts.map(({ error, remount, namespace, bytes }) => [error?.id, remount, namespace, bytes]),
    ).toEqual([
      ["LK0005", false, "shop", 0],
      ["LK0005", true, "shop", 0],
      ["LK0002", false, undefined, 0],
    ]);
  });
});
