import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

let issuer: TokenIssuer;
let bao: OpenBao;
let directory: string;
let node: TestNode;

beforeAll(async () => {
  [issuer, bao] = await Promise.all([createTokenIssuer(), startOpenBao()]);
  await letEverybodyRead(bao, issuer.publicKeyPem());
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-spread-"));
  await chmod(directory, 0o700);
});

afterEach(async () => {
  await node?.stop();
  for (const each of [directory, `${directory}-kubelet`]) await rm(each, { recursive: true, force: true });
});

afterAll(async () => {
  await bao?.stop();
});

async function start(more: Readonly<Record<string, string>> = {}): Promise<void> {
  node = await startNode({
    issuer,
    flags: async (own) => {
      await writeFile(join(own, "key"), "k".repeat(32));
      const kept = { cacheDir: directory, cacheKeyFile: join(own, "key"), allowDiskCache: "true" };
      return { allowAddress: "127.0.0.1", refresh: "0s", ...kept, ...more };
    },
  });
}

const objects = "- { objectName: password, secretPath: secret/data/db, secretKey: password }";

const classes = (more: Readonly<Record<string, string>> = {}) => ({
  vault: { vaultAddress: bao.address, roleName: "all", objects, ...more },
  latchkey: {
    stores: `vault: { kind: vault, address: "${bao.address}", role: all }`,
    secrets: "- { store: vault, name: secret/data/db, files: [{ path: password, key: password }] }",
    ...more,
  },
});

/** The password that a pod sees. Its volume outlives a restart of Latchkey. */
async function mount(provider: string, parameters: Readonly<Record<string, string>>, name: string): Promise<string> {
  const pod = { name, uid: `uid-${name}`, namespace: "shop", serviceAccount: "payments" };
  const tokens = await issuer.tokens({ ...pod, podName: name, podUid: pod.uid }, ["vault"]);
  const targetRoot = `${directory}-kubelet`;
  const { target } = await node.driver.publish({ provider, parameters, tokens, pod, targetRoot });
  return await readFile(join(target, "password"), "utf8");
}

describe.each(["vault", "latchkey"] as const)("a new version in dialect %s", (provider) => {
  beforeEach(async () => {
    await putKv2(bao, "db", { password: "p1" });
  });

  it("waits for the pod's time where the operator spreads, and new pods have it at once", async () => {
    await start({ spread: "24h" });
    const parameters = classes()[provider];
    expect(await mount(provider, parameters, "old")).toBe("p1");
    await putKv2(bao, "db", { password: "p2" });
    expect([await mount(provider, parameters, "old"), await mount(provider, parameters, "new")]).toEqual(["p1", "p2"]);
  });

  it("waits where its SecretProviderClass spreads, and notBefore ends that", async () => {
    await start();
    const parameters = classes({ spread: "24h" })[provider];
    await mount(provider, parameters, "old");
    await putKv2(bao, "db", { password: "p2" });
    expect(await mount(provider, parameters, "old")).toBe("p1");
    const notBefore = new Date(Date.now() - 60_000).toISOString();
    expect(await mount(provider, { ...parameters, notBefore }, "old")).toBe("p2");
  });

  it("reaches the canary first", async () => {
    await start({ spread: "24h", canary: "100%", canaryHold: "24h" });
    const all = classes()[provider];
    await mount(provider, all, "old");
    await putKv2(bao, "db", { password: "p2" });
    expect(await mount(provider, classes({ canary: "0%" })[provider], "old")).toBe("p1");
    expect(await mount(provider, all, "old")).toBe("p2");
  });

  it("stays with a volume that has taken it, whatever its SecretProviderClass says then", async () => {
    await start();
    await mount(provider, classes({ spread: "24h", canary: "100%" })[provider], "old");
    await putKv2(bao, "db", { password: "p2" });
    for (const canary of ["100%", "100%", "0%"]) {
      expect(await mount(provider, classes({ spread: "24h", canary })[provider], "old")).toBe("p2");
    }
  });

  it("waits over a restart for the pods that had the older one, and not for those that had it", async () => {
    await start({ spread: "24h" });
    const parameters = classes()[provider];
    await mount(provider, parameters, "old");
    await putKv2(bao, "db", { password: "p2" });
    await mount(provider, parameters, "old");
    await mount(provider, parameters, "new");
    await node.stop();
    await start({ spread: "24h" });
    expect([await mount(provider, parameters, "old"), await mount(provider, parameters, "new")]).toEqual(["p1", "p2"]);
  });
});

describe("secrets that name one `together`", () => {
  const secretsOf = (together: string) =>
    ["a", "b"]
      .map((name) => `- { store: v, name: secret/data/${name}, ${together} files: [{ path: ${name}, key: k }] }`)
      .join("\n");
  const native = (together: string) => ({
    stores: `v: { kind: vault, address: "${bao.address}", role: all, spread: 3s }`,
    secrets: secretsOf(together),
  });

  /** Mounts a volume until all is new; gives every state of its two files that was seen. */
  async function states(parameters: Readonly<Record<string, string>>, pod: string): Promise<ReadonlySet<string>> {
    const seen = new Set<string>();
    while (!seen.has("2 2")) {
      const { target } = await node.publish({
        provider: "latchkey",
        parameters,
        audiences: ["vault"],
        pod: { uid: pod },
      });
      const read = async (name: string) => await readFile(join(target, name), "utf8");
      seen.add(`${await read("a")} ${await read("b")}`);
    }
    return seen;
  }

  async function rotate(pod: string, together: string): Promise<ReadonlySet<string>> {
    for (const name of ["a", "b"]) await putKv2(bao, name, { k: 1 });
    await start();
    const parameters = native(together);
    await node.publish({ provider: "latchkey", parameters, audiences: ["vault"], pod: { uid: pod } });
    for (const name of ["a", "b"]) await putKv2(bao, name, { k: 2 });
    return await states(parameters, pod);
  }

  it("change at once in a volume", async () => {
    expect([...(await rotate("pod-together", "together: db,"))]).toEqual(["1 1", "2 2"]);
  });

  it("change each at its own time otherwise", async () => {
    expect((await rotate("pod-apart", "")).size).toBe(3);
  });
});
