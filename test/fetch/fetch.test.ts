import { describe, expect, it } from "vitest";
import { Redacted } from "../../src/redacted.ts";
import type { Identity } from "../../src/stores/store.ts";
import { FetchFixture, outcomeOf, refuses, someIdentity } from "./fake-stores.ts";

interface Asker {
  readonly what: string;
  readonly identity: Identity;
  readonly settings?: unknown;
  readonly ref?: unknown;
}

const credentials = (...pairs: readonly (readonly [string, string])[]) => new Redacted(new Map(pairs));
const { serviceAccountUid: _, ...withoutUid } = someIdentity;

/** Each differs from each other in what must keep them apart. */
const askers: readonly Asker[] = [
  { what: "an identity", identity: someIdentity },
  { what: "another namespace", identity: { ...someIdentity, namespace: "bank" } },
  { what: "another service account", identity: { ...someIdentity, serviceAccount: "orders" } },
  { what: "names that join alike", identity: { ...someIdentity, namespace: "shopp", serviceAccount: "ayments" } },
  { what: "names with a slash", identity: { ...someIdentity, namespace: "shop/payments", serviceAccount: "" } },
  { what: "a service account made again", identity: { ...someIdentity, serviceAccountUid: "sa-uid-2" } },
  { what: "a service account without a uid", identity: withoutUid },
  { what: "credentials", identity: { ...someIdentity, credentials: credentials(["user", "a"]) } },
  { what: "other credentials", identity: { ...someIdentity, credentials: credentials(["user", "b"]) } },
  { what: "no credentials in them", identity: { ...someIdentity, credentials: credentials() } },
  { what: "credentials split otherwise", identity: { ...someIdentity, credentials: credentials(["use", "ra"]) } },
  { what: "another address", identity: someIdentity, settings: { address: "https://other" } },
  { what: "another role", identity: someIdentity, settings: { address: "https://vault", role: "admin" } },
  { what: "another ref", identity: someIdentity, ref: { path: "api" } },
  { what: "a version of the ref", identity: someIdentity, ref: { path: "db", query: "version=1" } },
];

const pairs = askers.flatMap((one, index) => askers.slice(index + 1).map((other) => ({ one, other })));
const forged: Identity = { ...someIdentity, proved: false };

describe("two askers who differ", () => {
  it.each(pairs)("each get their own: $one.what and $other.what", async ({ one, other }) => {
    const node = new FetchFixture();
    for (const asker of [one, other, one, other]) await node.fetch(asker.identity, asker);
    expect(node.reads).toBe(2);
    const alone = async (asker: Asker) => outcomeOf(await new FetchFixture().fetch(asker.identity, asker));
    const answers = [await node.fetch(one.identity, one), await node.fetch(other.identity, other)].map(outcomeOf);
    expect(answers).toEqual([await alone(one), await alone(other)]);
  });

  it("drop nothing of each other when one is denied its login", async () => {
    const node = new FetchFixture();
    for (const asker of askers) await node.fetch(asker.identity, asker);
    const kept = node.cache.list().length;
    node.reading = refuses("LK0032");
    await node.fetch({ ...someIdentity, namespace: "intruder" });
    expect([kept, node.cache.list().length]).toEqual([askers.length, askers.length]);
  });
});

describe("two askers who are the same", () => {
  const same: readonly (readonly [string, Asker, Asker])[] = [
    ["two pods", { what: "", identity: someIdentity }, { what: "", identity: withPod("other", "pod-uid-2") }],
    [
      "settings in another order",
      { what: "", identity: someIdentity, settings: { a: 1, b: 2 } },
      { what: "", identity: someIdentity, settings: { b: 2, a: 1 } },
    ],
    [
      "credentials in another order",
      { what: "", identity: { ...someIdentity, credentials: credentials(["a", "1"], ["b", "2"]) } },
      { what: "", identity: { ...someIdentity, credentials: credentials(["b", "2"], ["a", "1"]) } },
    ],
  ];
  it.each(same)("are fetched for once: %s", async (_, one, other) => {
    const node = new FetchFixture();
    const answers = await Promise.all([one, other].map((asker) => node.fetch(asker.identity, asker)));
    expect([node.reads, node.logins, new Set(answers.map(outcomeOf)).size]).toEqual([1, 1, 1]);
  });
});

describe("a secret that its author wants for the pod alone", () => {
  it("is fetched by each pod, with a login of its own", async () => {
    const node = new FetchFixture();
    const other = { ...someIdentity, pod: { name: "pod-2", uid: "pod-uid-2" } };
    for (const identity of [someIdentity, other, someIdentity]) await node.fetch(identity, { share: "pod" });
    expect([node.reads, node.logins]).toEqual([2, 2]);
    await node.fetch(someIdentity);
    expect([node.reads, node.logins]).toEqual([3, 3]);
  });
});

describe("credentials of nodePublishSecretRef", () => {
  const withSecret = (secret: string): Identity => {
    return { ...forged, credentials: new Redacted(new Map([["secret_id", secret]])) };
  };

  it("prove who has them where a login is made from nothing else", async () => {
    const node = new FetchFixture();
    node.proof = "credentials";
    await node.fetch(withSecret("one"));
    node.reading = refuses("LK0030");
    expect(outcomeOf(await node.fetch(withSecret("one")))).not.toBe("LK0030");
    expect(outcomeOf(await node.fetch(withSecret("two")))).toBe("LK0030");
    expect(outcomeOf(await node.fetch(forged))).toBe("LK0030");
    expect([node.logins, node.cache.list().length]).toEqual([3, 1]);
  });

  it("prove nothing where a login is made from a token", async () => {
    const node = new FetchFixture();
    await node.fetch(withSecret("one"));
    await node.fetch(withSecret("one"));
    expect([node.logins, node.reads, node.cache.list()]).toEqual([2, 2, []]);
  });
});

describe("an identity that is not proved", () => {
  it("gets what the store gives it, though it copies everything of one that is", async () => {
    const node = new FetchFixture();
    const good = outcomeOf(await node.fetch(someIdentity));
    node.reading = refuses("LK0032");
    expect([outcomeOf(await node.fetch(forged)), outcomeOf(await node.fetch(someIdentity))]).toEqual(["LK0032", good]);
    expect([node.logins, node.cache.list().length]).toEqual([2, 1]);
  });

  it("leaves nothing behind, and shares no login", async () => {
    const node = new FetchFixture();
    await Promise.all([node.fetch(forged), node.fetch(forged)]);
    expect([node.logins, node.reads, node.cache.list()]).toEqual([2, 2, []]);
    await node.fetch(someIdentity);
    expect([node.logins, node.reads]).toEqual([3, 3]);
  });

  it("gets nothing while the store is away", async () => {
    const node = new FetchFixture();
    await node.fetch(someIdentity);
    node.reading = refuses("LK0030");
    expect(outcomeOf(await node.fetch(forged))).toBe("LK0030");
  });
});

describe("an issued secret", () => {
  it("is not given to another pod that has the name of the first", async () => {
    const node = new FetchFixture();
    node.reading = () => ({
      ok: true,
      secret: {
        value: new Redacted<Uint8Array>(Buffer.from(`lease ${node.reads}`)),
        issued: true,
        expiresAt: node.time.wall() + 3_600_000,
      },
    });
    const uids = ["pod-uid-1", "pod-uid-2", "pod-uid-1"];
    const leases: string[] = [];
    for (const uid of uids) leases.push(outcomeOf(await node.fetch(withPod("pod", uid))));
    expect(leases).toEqual(["lease 1", "lease 2", "lease 1"]);
  });
});

describe("a namespace that floods", () => {
  const quiet = { ...someIdentity, namespace: "quiet" };
  const refs = Array.from({ length: 500 }, (_, index) => ({ path: `flood-${index}` }));

  it("pushes nothing of another out of the cache", async () => {
    const node = new FetchFixture(20_000);
    await node.fetch(quiet);
    for (const ref of refs) await node.fetch(someIdentity, { ref });
    const before = node.reads;
    await node.fetch(quiet);
    expect(node.reads).toBe(before);
  });

  it("takes no place in the queue from another", async () => {
    const node = new FetchFixture(1_000_000, { calls: 1, queue: 10 });
    const flood = refs.map((ref) => node.fetch(someIdentity, { ref }));
    const answer = await node.fetch(quiet);
    const ended = (await Promise.all(flood)).map(outcomeOf);
    expect([outcomeOf(answer).startsWith('["quiet"'), ended.filter((end) => end === "LK0009").length > 400]).toEqual([
      true,
      true,
    ]);
  });
});

function withPod(name: string, uid: string): Identity {
  return { ...someIdentity, pod: { name, uid } };
}
