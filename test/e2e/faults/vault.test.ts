import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../servers/faults.ts";
import type { TestNode } from "../node.ts";
import {
  contentOf,
  expectStale,
  expectThroughOutage,
  type Outage,
  patientFlags,
  podNumber,
  type Scene,
  vaultFault,
} from "./matrix.ts";
import { startVaultRig, type VaultRig } from "./vault-scene.ts";

let rig: VaultRig;
let node: TestNode;

beforeAll(async () => {
  rig = await startVaultRig();
});

afterEach(async () => {
  await rig.plain.accept();
  for (const proxy of [rig.plain, rig.secure]) {
    proxy.clearFaults();
    proxy.resetCounts();
  }
  await node?.stop();
});

afterAll(async () => {
  await rig?.stop();
});

async function scene(proxy: Scene["proxy"], flags: Record<string, string> = {}): Promise<Scene> {
  node = await rig.node(flags);
  return { node, proxy, volume: (name) => rig.volume(proxy.url, name), write: rig.write };
}

function injected(name: string, fault: Fault, says: RegExp): Outage {
  return { name, begin: () => rig.plain.inject(fault), end: () => rig.plain.clearFaults(), says };
}

const where = /LK00\d\d object "unknown", vault secret\/data\/unknown as shop\/payments: /.source;

const outages: readonly Outage[] = [
  {
    name: "refuses connections",
    begin: () => rig.plain.refuse(),
    end: () => rig.plain.accept(),
    says: new RegExp(`${where}.*\\(ECONNREFUSED\\)`),
  },
  injected("resets connections", { kind: "reset" }, new RegExp(`${where}.*\\(ECONNRESET\\)`)),
  injected("resets in the middle of a body", { kind: "resetMidBody", afterBytes: 10 }, /LK0030 .*\(ECONNRESET\)/),
  injected("hangs", { kind: "hang" }, /LK0030 .*did not answer in time|LK0006/),
  injected("drips", { kind: "drip", bytes: 1, everyMs: 200 }, /LK0030 .*did not answer in time|LK0006/),
  injected("answers 429", vaultFault(429, "slow down"), /LK0031 /),
  injected("answers 429 with Retry-After", vaultFault(429, "slow down", { "retry-after": "1" }), /LK0031 /),
  injected("answers 502", { kind: "answer", status: 502, body: "<html>" }, /LK0030 .*status 502/),
  {
    name: "is sealed",
    begin: () => rig.bao.seal(),
    end: () => rig.bao.unseal(),
    says: /LK0041 .*\(status 503\): .*sealed/,
  },
  injected(
    "redirects to a name that DNS no longer knows",
    { kind: "answer", status: 307, headers: { location: "http://active.invalid/v1/" } },
    /LK0030 .*the name active\.invalid cannot be resolved/,
  ),
];

describe("while OpenBao cannot be asked, known secrets are served and unknown ones get a final error", () => {
  it.each(outages)("as it $name", async (outage) => {
    await expectThroughOutage(await scene(rig.plain), outage);
  });

  it("as its certificate has expired", async () => {
    rig.showCertificate("good");
    await expectThroughOutage(await scene(rig.secure), {
      name: "shows an expired certificate",
      begin: () => rig.showCertificate("expired"),
      end: () => rig.showCertificate("good"),
      says: /LK0039 .*\(CERT_HAS_EXPIRED\).* renew the server's certificate, or correct the clock of this node/,
    });
  });

  it("as its own name cannot be resolved (nothing is known here: DNS cannot be switched off in a test)", async () => {
    node = await rig.node();
    const error = await node.publishError(rig.volume("http://nothing.invalid:8200", "unknown"));
    expect(error).toMatchObject({ code: "FAILED_PRECONDITION", uncertain: false });
    expect(error.message).toMatch(/LK0030 .*the name nothing\.invalid cannot be resolved/);
  });
});

describe("while OpenBao answers 500 on one path", () => {
  it("nothing stale is served for that path, and all others go on", async () => {
    const { volume, write } = await scene(rig.plain, patientFlags);
    await Promise.all([write("known", "old"), write("other", "good")]);
    const mounted = await node.publish(volume("known"));
    rig.plain.inject(vaultFault(500, "internal error"), { path: "/v1/secret/data/known" });

    for (let pod = 1; pod <= 4; pod += 1) {
      const error = await node.publishError({ ...volume("known"), pod: podNumber(pod) });
      expect(error).toMatchObject({ code: "INTERNAL", uncertain: false });
      expect(error.message).toMatch(/LK0036 object "known", .*status 500/);
    }
    const { target } = await node.publish({ ...volume("other"), pod: podNumber(5) });
    expect(await contentOf(target, "other")).toBe("good");
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok", fetched: 1, stale: 0 });

    const again = await node.publish(volume("known"));
    expect(again).toMatchObject({ remount: true, changed: false, masked: { code: "INTERNAL" } });
    expect(await contentOf(mounted.target)).toBe("old");
    expect(node.mounts().at(-1)).toMatchObject({ result: "LK0036", reason: "fault" });

    rig.plain.clearFaults();
    await write("known", "new");
    expect(await contentOf((await node.publish(volume("known"))).target)).toBe("new");
  });

  it("the value that was known before is served when the store goes away altogether", async () => {
    const { volume, write } = await scene(rig.plain);
    await write("known", "old");
    await node.publish(volume("known"));
    rig.plain.inject(vaultFault(500, "internal error"), { path: "/v1/secret/data/known" });
    expect((await node.publishError({ ...volume("known"), pod: podNumber(1) })).code).toBe("INTERNAL");
    await rig.plain.refuse();
    await node.publish({ ...volume("known"), pod: podNumber(1) });
    expectStale(node);
  });
});

describe("while clocks differ", () => {
  it("a token of OpenBao that has ended is replaced by one fresh login", async () => {
    node = await rig.node(patientFlags);
    await rig.write("known", "old");
    const volume = rig.volume(rig.plain.url, "known", "short");
    await node.publish(volume);
    await sleep(2_100);
    const { target } = await node.publish({ ...volume, pod: podNumber(1) });
    expect(await contentOf(target)).toBe("old");
    expect(node.mounts().at(-1)).toMatchObject({ result: "ok", fetched: 1, storeCalls: { login: 1, read: 1 } });
  });
});
