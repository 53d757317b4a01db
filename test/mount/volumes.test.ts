import { describe, expect, it } from "vitest";
import { Ledger } from "../../src/cache/ledger.ts";
import { ProviderError } from "../../src/errors.ts";
import { answerFrom, type Volume, Volumes } from "../../src/mount/volumes.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { Redacted } from "../../src/redacted.ts";
import type { Secret } from "../../src/stores/store.ts";
import { someIdentity } from "../fetch/fake-stores.ts";

const ids = ["a", "b"];
const answerOf = (reply: string | number) => ({ files: 2, bytes: 9, reply: Buffer.alloc(Number(reply) || 9, "x") });
const answer = answerOf("the reply");

function planOf(): Plan {
  const source = { store: "vault", settings: { address: "https://vault" } } as const;
  const secrets = ids.map((id) => ({ id, subject: id, source: { ...source, ref: { path: id } } }));
  return { secrets, outputs: [], warnings: [] };
}

function secretsOf(text = "value"): ReadonlyMap<string, Secret> {
  return new Map(ids.map((id) => [id, { value: new Redacted<Uint8Array>(Buffer.from(text)) }]));
}

function recalled(volume: Volume, secrets: ReadonlyMap<string, Secret>, failures: readonly ProviderError[] = []) {
  return answerFrom(volume, { secrets, failures }, false);
}

/** Volumes that remember one answer. */
function remembering() {
  const volumes = new Volumes();
  const [plan, secrets] = [planOf(), secretsOf()];
  volumes.keep(volumes.of(plan, someIdentity), secrets, answer);
  return { volumes, plan, secrets };
}

describe("the answer of a volume", () => {
  it("is given again for the very secrets that it was made from", () => {
    const { volumes, plan, secrets } = remembering();
    expect(recalled(volumes.of(plan, someIdentity), new Map(secrets))).toBe(answer);
    const otherPod = { ...someIdentity, pod: { name: "other", uid: "other" } };
    expect(recalled(volumes.of(plan, otherPod), secrets)).toBe(answer);
  });

  it("is not given for a secret that is new, even with the same value, nor where one is missing", () => {
    const { volumes, plan, secrets } = remembering();
    const volume = volumes.of(plan, someIdentity);
    for (const id of ids) {
      expect(recalled(volume, new Map([...secrets, [id, secretsOf().get(id) as Secret]]))).toBeUndefined();
      expect(recalled(volume, new Map([...secrets].filter(([other]) => other !== id)))).toBeUndefined();
    }
  });

  it("is not given where a secret could not be had that it does without", () => {
    const { volumes, plan, secrets } = remembering();
    const denied = new ProviderError("LK0033", "no");
    expect(recalled(volumes.of(plan, someIdentity), secrets, [denied])).toBeUndefined();
  });

  it("is given for the same finds of a search, and not for one more, one less or another", () => {
    const volumes = new Volumes();
    const plan = planOf();
    const [x, y] = [...secretsOf("x").values()] as [Secret, Secret];
    const finds = (found: Record<string, Secret>) =>
      new Map([["a", { value: x.value, found: new Map(Object.entries(found)) }]]);
    volumes.keep(volumes.of(plan, someIdentity), finds({ x, y }), answer);
    const volume = volumes.of(plan, someIdentity);
    expect(recalled(volume, finds({ x, y }))).toBe(answer);
    for (const other of [{ x }, { x, y, z: x }, { x, z: y }, { x: y, y: x }]) {
      expect(recalled(volume, finds(other))).toBeUndefined();
    }
    expect(recalled(volume, new Map([["a", x]]))).toBeUndefined();
  });

  it("is not given to another identity or of another plan, even for the same secrets", () => {
    const { volumes, plan, secrets } = remembering();
    const credentials = new Redacted<ReadonlyMap<string, string>>(new Map([["user", "x"]]));
    for (const other of [
      { ...someIdentity, namespace: "bank" },
      { ...someIdentity, serviceAccount: "orders" },
      { ...someIdentity, serviceAccountUid: "sa-uid-2" },
      { ...someIdentity, credentials },
      { ...someIdentity, proved: false },
    ]) {
      expect(recalled(volumes.of(plan, other), secrets)).toBeUndefined();
    }
    expect(recalled(volumes.of(planOf(), someIdentity), secrets)).toBeUndefined();
  });

  it("is not remembered of an identity that is not proved", () => {
    const { volumes, plan, secrets } = remembering();
    const forged = { ...someIdentity, proved: false };
    const others = answerOf(5);
    volumes.keep(volumes.of(plan, forged), secrets, others);
    expect(recalled(volumes.of(plan, forged), secrets)).toBeUndefined();
    expect(recalled(volumes.of(plan, someIdentity), secrets)).toBe(answer);
  });

  it("is forgotten, and not remembered where all was forgotten while it was made", () => {
    const { volumes, plan, secrets } = remembering();
    const before = volumes.of(plan, someIdentity);
    volumes.forget();
    expect(recalled(volumes.of(plan, someIdentity), secrets)).toBeUndefined();
    volumes.keep(before, secrets, answer);
    expect(recalled(volumes.of(plan, someIdentity), secrets)).toBeUndefined();
    volumes.keep(volumes.of(plan, someIdentity), secrets, answer);
    expect(recalled(volumes.of(plan, someIdentity), secrets)).toBe(answer);
  });

  it("is remembered up to 1 MiB, and all of them as long as the account allows", () => {
    const volumes = new Volumes(new Ledger(16 * 1024 ** 2));
    const [plan, secrets] = [planOf(), secretsOf()];
    const whose = (index: number) => ({ ...someIdentity, serviceAccount: `account-${index}` });
    volumes.keep(volumes.of(plan, whose(0)), secrets, answerOf(1024 ** 2 + 1));
    expect(recalled(volumes.of(plan, whose(0)), secrets)).toBeUndefined();
    const all = Array.from({ length: 20 }, (_, index) => index);
    for (const index of all) volumes.keep(volumes.of(plan, whose(index)), secrets, answerOf(1024 ** 2));
    const kept = all.filter((index) => recalled(volumes.of(plan, whose(index)), secrets) !== undefined);
    expect(kept).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });
});
