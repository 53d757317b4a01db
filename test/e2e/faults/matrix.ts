import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Fault } from "../../servers/faults.ts";
import type { FaultyProxy } from "../../servers/proxy.ts";
import type { TestNode } from "../node.ts";

type Publish = Parameters<TestNode["publish"]>[0];

/** A store behind a proxy, and a fresh node that uses it: no breaker knows anything yet. */
export interface Scene {
  readonly node: TestNode;
  readonly proxy: FaultyProxy;
  /** A volume with the secret `name` in a file of that name. */
  volume(name: string): Publish;
  /** Makes or changes a secret, past the proxy. */
  write(name: string, value: string): Promise<void>;
}

/** Something that keeps the store from answering, whatever is asked of it. */
export interface Outage {
  /** The event, as a sentence goes on from "the store". */
  readonly name: string;
  readonly begin: () => void | Promise<void>;
  readonly end: () => void | Promise<void>;
  /** The message to a pod that wants a secret which the node does not know. */
  readonly says: RegExp;
}

/** So that every mount asks the store, and none waits long for it. */
export const quickFlags = { refresh: "0s", staleAfter: "200ms", mountTimeout: "1s", allowAddress: "127.0.0.1" };

/** Over `quickFlags`, for a store that answers: its answer is waited for, however busy the machine is. */
export const patientFlags = { staleAfter: "10s", mountTimeout: "20s" };

/** How long the store is watched while it is away, in milliseconds. */
const watched = 1_200;

/** Between two mounts, in milliseconds. */
const beat = 100;

/** A bound against a test that never ends; what is promised is 5 s. */
const longestRecovery = 20_000;

/** An error of Secrets Manager or Parameter Store. */
export function awsFault(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Fault {
  const body = JSON.stringify({ __type: code, message: "said the test" });
  return { kind: "answer", status, headers: { "content-type": "application/x-amz-json-1.1", ...headers }, body };
}

/** An error of Vault or OpenBao. */
export function vaultFault(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Fault {
  return { kind: "answer", status, headers, body: JSON.stringify({ errors: [error] }) };
}

/** One cell of the matrix after the other: known secret, unknown secret, remount, few probes, recovery. */
export async function expectThroughOutage(scene: Scene, { begin, end, says }: Outage): Promise<void> {
  const { node, volume, write } = scene;
  await Promise.all([write("known", "old"), write("unknown", "there")]);
  const mounted = await node.publish(volume("known"));
  await begin();

  const fresh = await node.publish({ ...volume("known"), pod: podNumber(1) });
  expect(await contentOf(fresh.target)).toBe("old");
  expectStale(node);

  const error = await node.publishError({ ...volume("unknown"), pod: podNumber(2) });
  expect(error).toMatchObject({ code: "FAILED_PRECONDITION", uncertain: false });
  expect(error.message).toMatch(says);

  const again = await node.publish(volume("known"));
  expect(again).toMatchObject({ target: mounted.target, remount: true, changed: false });
  expect(again.masked).toBeUndefined();
  expect(await contentOf(mounted.target)).toBe("old");
  expectStale(node);

  await expectFewProbes(scene);
  await end();
  await write("known", "new");
  await expectRecovery(scene);
}

/** Mounts that go on by the beat are served stale, and the store hears of them once a second at most. */
async function expectFewProbes({ node, proxy, volume }: Scene): Promise<void> {
  proxy.resetCounts();
  const started = performance.now();
  for (let pod = 3; performance.now() - started < watched; pod += 1) {
    await node.publish({ ...volume("known"), pod: podNumber(pod) });
    expectStale(node);
    await sleep(beat);
  }
  const seconds = (performance.now() - started) / 1_000;
  expect(proxy.count()).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
}

async function expectRecovery({ node, volume }: Scene): Promise<void> {
  const started = performance.now();
  for (;;) {
    const { target } = await node.publish(volume("known"));
    if (node.mounts().at(-1)?.fetched === 1 && (await contentOf(target)) === "new") break;
    if (performance.now() - started > longestRecovery)
      throw new Error("the node did not notice that the store is back");
    await sleep(beat);
  }
  const { target } = await node.publish({ ...volume("unknown"), pod: podNumber(2) });
  expect(await contentOf(target, "unknown")).toBe("there");
}

/** The last mount was served what the node knew, and the log said so. */
export function expectStale(node: TestNode): void {
  expect(node.mounts().at(-1)).toMatchObject({ result: "ok", fetched: 0, stale: 1 });
  expect(node.log.at(-2)).toMatchObject({
    msg: "stale secrets served because their store cannot be reached",
    stale: 1,
  });
}

/** Another pod of the same service account. */
export function podNumber(index: number) {
  return { name: `pod-${index}`, uid: `uid-${index}` };
}

/** Reads a file of a volume, as its pod does. */
export async function contentOf(target: string, name = "known"): Promise<string> {
  return await readFile(join(target, name), "utf8");
}
