import { describe, expect, it } from "vitest";
import { LeaseFixture, type LeaseRules, refusal, someAt } from "./lease-fixture.ts";

const second = 1_000;
const minute = 60 * second;

const short: LeaseRules = { life: 24 * second, longest: 2 * minute };
const long: LeaseRules = { life: 60 * minute, longest: 24 * 60 * minute };

describe("a lease", () => {
  it("is renewed at two thirds of its life, and served as before", async () => {
    const node = new LeaseFixture();
    node.issue("web", long);
    await node.time.advance(35 * minute);
    expect(node.renewals).toBe(0);
    await node.time.advance(5 * minute);
    expect([node.renewals, node.events]).toEqual([1, ["renewed web"]]);
    const { freshUntil = 0, expiresAt = 0 } = node.kept.get("shared/web") ?? {};
    expect(expiresAt - node.time.now()).toBeGreaterThan(55 * minute);
    expect(expiresAt - freshUntil).toBe(20 * minute);
  });

  it("is renewed until its greatest life, and replaced while a third of its life is left", async () => {
    const node = new LeaseFixture();
    const issuedAt = node.time.now();
    node.issue("web", short);
    await node.time.advance(115 * second);
    expect(node.renewals).toBeGreaterThanOrEqual(6);
    const { freshUntil = 0, expiresAt = 0 } = node.kept.get("shared/web") ?? {};
    expect(expiresAt - issuedAt).toBe(120 * second);
    expect(freshUntil - issuedAt).toBeLessThanOrEqual(112 * second + 3 * second);
    await node.time.advance(10 * second);
    expect(node.events.at(-1)).toBe("lost web");
  });

  it("that cannot be renewed is replaced at two thirds of its life", () => {
    const node = new LeaseFixture();
    const freshUntil = node.issue("web", { ...long, renewable: false });
    expect(freshUntil - node.time.now()).toBe(40 * minute);
  });

  it("is replaced by the answer that a later mount asked for, and the old one is renewed no more", async () => {
    const node = new LeaseFixture();
    node.issue("web", { ...long, renewable: false });
    await node.time.advance(41 * minute);
    node.issue("web", { ...long, renewable: false });
    expect([node.events, node.leases.size]).toEqual([["replaced web"], 1]);
  });

  it("ends with its login where that cannot be renewed for so long", async () => {
    const node = new LeaseFixture();
    const login = { life: 30 * minute, longest: 30 * minute };
    const freshUntil = node.issue("web", { ...long, login });
    expect(freshUntil - node.time.now()).toBe(20 * minute);
    await node.time.advance(21 * minute);
    const { expiresAt = 0 } = node.kept.get("shared/web") ?? {};
    expect(expiresAt - node.time.now()).toBeLessThanOrEqual(9 * minute);
  });

  it("has its login renewed with it", async () => {
    const node = new LeaseFixture();
    node.issue("web", { ...long, login: { life: 60 * minute, longest: 24 * 60 * minute } });
    await node.time.advance(5 * 60 * minute);
    expect(node.events.every((event) => event === "renewed web")).toBe(true);
    expect(node.events.length).toBeGreaterThanOrEqual(7);
  });

  it("is tried again in an outage, until its end", async () => {
    const node = new LeaseFixture();
    node.issue("web", long);
    node.failures.push(refusal("LK0030"), refusal("LK0031"), refusal("LK0030"));
    await node.time.advance(44 * minute);
    expect([node.events, node.failures.length]).toEqual([["renewed web"], 0]);
  });

  it("whose renewal is refused is served to its end, and replaced before", async () => {
    const node = new LeaseFixture();
    const issuedAt = node.time.now();
    node.issue("web", long);
    node.failures.push(refusal("LK0033"));
    await node.time.advance(40 * minute);
    const { freshUntil = 0, expiresAt = 0 } = node.kept.get("shared/web") ?? {};
    expect(node.events).toEqual(["refused web"]);
    expect(freshUntil - issuedAt).toBeLessThanOrEqual(40 * minute);
    expect(expiresAt - issuedAt).toBe(60 * minute);
  });

  it("that the store does not know is served to nobody", async () => {
    const node = new LeaseFixture();
    node.issue("web", long);
    node.failures.push(refusal("LK0034"));
    await node.time.advance(40 * minute);
    expect([node.events, node.kept.size, node.leases.size]).toEqual([["lost web"], 0, 0]);
  });

  it("that the cache no longer has is renewed no more", async () => {
    const node = new LeaseFixture();
    node.issue("web", long);
    node.kept.clear();
    await node.time.advance(5 * 60 * minute);
    expect([node.renewals, node.leases.size]).toEqual([1, 0]);
  });

  it("without an end needs nothing", async () => {
    const node = new LeaseFixture();
    node.issue("web", { life: Number.POSITIVE_INFINITY, longest: 1 });
    await node.time.advance(10 * 60 * minute);
    expect([node.renewals, node.leases.size]).toEqual([0, 0]);
  });

  it("is revoked by nobody when the process ends", async () => {
    const node = new LeaseFixture();
    node.issue("web", long);
    node.leases.close();
    await node.time.advance(2 * 60 * minute);
    expect([node.revoked, node.renewals, node.time.timers]).toEqual([[], 0, 0]);
  });
});

describe("twenty pods of one node", () => {
  const pods = Array.from({ length: 20 }, (_, index) => `pod-${index}`);

  it("change at times of their own where leases cannot be renewed", () => {
    const node = new LeaseFixture();
    const times = pods.map((pod) => node.issue(pod, { ...long, renewable: false })).sort((a, b) => a - b);
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(second);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThanOrEqual(20 * second);
  });

  it("change at times of their own when their greatest life comes, once it is known", async () => {
    const node = new LeaseFixture();
    node.issue("first", short);
    await node.time.advance(121 * second);
    for (const pod of pods) node.issue(pod, short);
    await node.time.advance(110 * second);
    const times = pods.map((pod) => node.kept.get(`shared/${pod}`)?.freshUntil ?? 0).sort((a, b) => a - b);
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(0.5 * second);
    for (const pod of pods) expect(node.kept.get(`shared/${pod}`)?.expiresAt).toBeGreaterThan(node.time.now());
  });

  it("do not renew in step", async () => {
    const node = new LeaseFixture();
    for (const pod of pods) node.issue(pod, long);
    const counts: number[] = [];
    for (let at = 0; at < 60; at += 1) {
      const before = node.renewals;
      await node.time.advance(minute / 6 + 34 * minute * Number(at === 0));
      counts.push(node.renewals - before);
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(4);
  });
});

describe("a pod that is gone", () => {
  it("loses its login with what hangs on it, and nobody else loses anything", async () => {
    const node = new LeaseFixture();
    node.issue("web", long);
    node.issue("other", long);
    await node.leases.end("web");
    expect([node.events, node.revoked, [...node.kept.keys()]]).toEqual([
      ["revoked web"],
      ["login 1"],
      ["shared/other"],
    ]);
  });

  it("keeps a login that another pod has something of", async () => {
    const node = new LeaseFixture();
    const session = node.session(long);
    node.issue("web", long, session);
    node.issue("other", long, session);
    await node.leases.end("web");
    expect([node.revoked, [...node.kept.keys()]]).toEqual([[], ["shared/other"]]);
    await node.leases.end("other");
    expect(node.revoked).toEqual(["login 1"]);
  });

  it("is seen by the kubelet's directory at the next look", async () => {
    const node = new LeaseFixture();
    node.issue("web", long);
    node.there.set("web", true);
    await node.time.advance(30 * minute);
    expect(node.revoked).toEqual([]);
    node.there.set("web", false);
    await node.time.advance(16 * second);
    expect(node.revoked).toEqual(["login 1"]);
  });

  it("is known by its silence while others are remounted", async () => {
    const node = new LeaseFixture();
    node.issue("web", long);
    node.issue("job", long);
    for (let at = 0; at < 12; at += 1) {
      if (at < 3) node.leases.mounted("job");
      node.leases.mounted("web");
      await node.time.advance(2 * minute);
    }
    expect(node.revoked).toEqual(["login 2"]);
  });

  it("that was never remounted is known by the gaps of others", async () => {
    const node = new LeaseFixture();
    node.issue("job", long);
    node.leases.mounted("job");
    for (let at = 0; at < 12; at += 1) {
      node.leases.mounted("web");
      await node.time.advance(2 * minute);
    }
    expect(node.revoked).toEqual(["login 1"]);
  });
});

describe("a pod that runs", () => {
  it("loses nothing while the driver mounts nothing at all", async () => {
    const node = new LeaseFixture();
    for (const pod of ["web", "other"]) node.issue(pod, long);
    for (let at = 0; at < 4; at += 1) {
      for (const pod of ["web", "other"]) node.leases.mounted(pod);
      await node.time.advance(2 * minute);
    }
    await node.time.advance(10 * 60 * minute);
    expect(node.revoked).toEqual([]);
  });

  it("loses nothing where nobody tells whether it lives", async () => {
    const node = new LeaseFixture();
    node.issue("web", long);
    node.leases.mounted("web");
    await node.time.advance(20 * 60 * minute);
    expect([node.revoked, node.leases.size]).toEqual([[], 1]);
  });

  it("goes on with what an earlier process held", async () => {
    const node = new LeaseFixture();
    const now = node.time.now();
    const span = { issuedAt: now - 30 * minute, endsAt: now + 30 * minute, life: 60 * minute };
    const held = { key: "shared/web", sharedKey: "shared", pod: { name: "web", uid: "web" }, spread: 0, span };
    node.issue("other", long);
    const [{ lease } = expect.unreachable()] = node.leases.list();
    node.kept.set("shared/web", { freshUntil: 0, expiresAt: span.endsAt });
    node.leases.restore({ ...held, name: "database/creds/shop", lease }, node.session(long), someAt);
    await node.time.advance(25 * minute);
    expect(node.events).toContain("renewed web");
  });
});
