import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readListItems } from "../../src/rotation/list-items.ts";
import { run } from "../cli/run.ts";

interface Pod {
  readonly name: string;
  /** Versions by file. */
  readonly holds: Readonly<Record<string, string>>;
  /** Minute past twelve at which the driver changed it last. */
  readonly at?: number;
  readonly of?: string;
}

/** A status as kubectl prints it. */
function status({ name, holds, at, of = "payments" }: Pod): object {
  const time = `2026-11-28T12:${String(at ?? 0).padStart(2, "0")}:00Z`;
  return {
    apiVersion: "secrets-store.csi.x-k8s.io/v1",
    kind: "SecretProviderClassPodStatus",
    metadata: {
      ...{ name: `${name}-shop-${of}`, namespace: "shop", creationTimestamp: "2026-11-28T11:00:00Z" },
      labels: { "internal.secrets-store.csi.k8s.io/node-name": "node-1" },
      ...(at === undefined ? {} : { managedFields: [{ manager: "driver", operation: "Update", time }] }),
    },
    status: {
      ...{ mounted: true, podName: name, secretProviderClassName: of, targetPath: "/var/lib/kubelet/x" },
      objects: Object.entries(holds).map(([id, version]) => ({ id, version })),
    },
  };
}

const list = (items: readonly unknown[]) =>
  JSON.stringify({ apiVersion: "v1", items, kind: "List", metadata: { resourceVersion: "" } }, null, 4);

const pods = (count: number, version: string, at: number, first = 0): readonly object[] =>
  Array.from({ length: count }, (_, index) =>
    status({ name: `web-${first + index}`, holds: { password: version }, at }),
  );

async function told(items: readonly unknown[], ...flags: readonly string[]) {
  const { code, stdout, stderr } = await run(["rotation", "-", ...flags], { input: list(items) });
  expect(stderr).toBe("");
  return { code, stdout };
}

describe("latchkey rotation", () => {
  it("tells how many pods hold which version, who is behind and since when", async () => {
    const { code, stdout } = await told([...pods(2, "v1", 1), ...pods(1, "v2", 7, 2), ...pods(1, "v2", 9, 3)]);
    expect(code).toBe(1);
    expect(stdout.split("\n")).toEqual([
      "CLASS          OBJECT    PODS  NEWEST  BEHIND  SINCE                     SAFE TO RETIRE",
      "shop/payments  password  4     2       2       2026-11-28T12:07:00.000Z  no",
      "",
      "behind with password of shop/payments:",
      "  web-0 on node-1, since 2026-11-28T12:07:00.000Z",
      "  web-1 on node-1, since 2026-11-28T12:07:00.000Z",
      "",
      "4 volumes; safe to retire: no",
      "",
    ]);
  });

  it("says yes where all pods hold one version, and no more than it knows", async () => {
    const { code, stdout } = await told(pods(3, "v2", 7));
    expect(code).toBe(0);
    expect(stdout).toContain(
      "3 volumes; safe to retire: yes, if these are the new versions (--before compares them with a listing from before the rotation)",
    );
  });

  it("is sure where it can compare with a listing from before the rotation", async () => {
    const directory = await mkdtemp(join(tmpdir(), "lk-rotation-"));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const before = join(directory, "before.json");
    await writeFile(before, list(pods(3, "v1", 1)));
    const answer = async (items: readonly object[]) => {
      const { code, stdout } = await told(items, "--before", before);
      return [code, stdout.split("\n").at(-2)];
    };
    expect(await answer(pods(3, "v1", 20))).toEqual([1, "3 volumes; safe to retire: no"]);
    expect(await answer([...pods(2, "v2", 7), ...pods(1, "v1", 20, 2)])).toEqual([1, "3 volumes; safe to retire: no"]);
    expect(await answer(pods(3, "v2", 7))).toEqual([0, "3 volumes; safe to retire: yes"]);
  });

  it("knows which version is old by that listing, whatever the times say", async () => {
    const directory = await mkdtemp(join(tmpdir(), "lk-rotation-"));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const before = join(directory, "before.json");
    await writeFile(before, list(pods(3, "v1", 1)));
    const { stdout } = await told(
      [...pods(2, "v2", 7), ...pods(1, "v1", 20, 2)],
      "--before",
      before,
      "--format",
      "json",
    );
    expect(JSON.parse(stdout).objects[0]).toMatchObject({
      behind: [{ pod: "web-2", node: "node-1", version: "v1", since: "2026-11-28T12:07:00.000Z" }],
      because: "old-version",
      safeToRetire: false,
    });
  });

  it("looks at one namespace, class or object", async () => {
    const other = status({ name: "a", of: "other", holds: { x: "1", y: "1" }, at: 1 });
    const items = [...pods(1, "v1", 1), other, status({ name: "b", of: "other", holds: { x: "1", y: "2" }, at: 2 })];
    const objectsOf = async (...flags: readonly string[]) =>
      JSON.parse((await told(items, "--format", "json", ...flags)).stdout).objects.map(
        (each: { readonly object: string; readonly safeToRetire: boolean }) => `${each.object} ${each.safeToRetire}`,
      );
    expect(await objectsOf()).toEqual(["x true", "y false", "password true"]);
    expect(await objectsOf("--class", "payments")).toEqual(["password true"]);
    expect(await objectsOf("--object", "x")).toEqual(["x true"]);
    expect(await objectsOf("--namespace", "none")).toEqual([]);
  });

  it("says what it does not know without the managed fields", async () => {
    const { stdout } = await told([
      status({ name: "a", holds: { password: "v1" } }),
      status({ name: "b", holds: { password: "v2" } }),
    ]);
    expect(stdout).toContain("which version is newer is not known: add --show-managed-fields to kubectl get");
    expect(stdout).toContain("safe to retire: no");
  });

  it("passes over what is no status, moves no cursor, and calls an empty list not safe", async () => {
    const odd = status({ name: "web\u001b[2J", holds: { password: "v1" }, at: 1 });
    const { stdout } = await told([{ kind: "Pod" }, "text", odd, ...pods(1, "v2", 2)]);
    expect(stdout).toContain("1 objects of the list are no SecretProviderClassPodStatus");
    expect(stdout).not.toContain("\u001b");
    expect(await told([])).toEqual({ code: 1, stdout: "no pod holds anything\nsafe to retire: no\n" });
  });

  it("refuses what is no list, and what ends early", async () => {
    for (const input of ["", "x: y", "{}", "[]", list(pods(2, "v1", 1)).slice(0, -20)]) {
      const { code, stderr } = await run(["rotation", "-"], { input });
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^latchkey: -: (?:it is not|the JSON ends early)/)]);
    }
    const { code, stderr } = await run(["rotation", "/none.json"]);
    expect([code, stderr]).toEqual([
      2,
      "latchkey: /none.json: cannot be read (ENOENT); check the path and its permissions\n",
    ]);
  });
});

describe("the items of a list", () => {
  const odd = { kind: 'a "quoted" \\ {[', items: [{ items: [1] }], nested: [[{ x: "]}" }]] };
  const text = Buffer.from(
    JSON.stringify({ metadata: { items: [{ no: 1 }] }, items: [odd, { kind: "ü€" }, odd], other: [{}] }),
  );

  async function read(chunks: readonly Uint8Array[]): Promise<readonly unknown[]> {
    const items: unknown[] = [];
    async function* input() {
      yield* chunks;
    }
    for await (const item of readListItems(input())) items.push(item);
    return items;
  }

  it("are the same wherever the text is cut", async () => {
    const whole = [odd, { kind: "ü€" }, odd];
    expect(await read([text])).toEqual(whole);
    for (let at = 0; at <= text.length; at += 1) {
      expect(await read([text.subarray(0, at), text.subarray(at)])).toEqual(whole);
    }
    expect(await read(Array.from(text, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it("come one by one, so that 20,000 of them are never in memory together", async () => {
    const one = Buffer.from(`${JSON.stringify(status({ name: "web", holds: { password: "v1" }, at: 1 }))},`);
    let ahead = 0;
    async function* input() {
      yield Buffer.from('{"items":[');
      for (let count = 0; count < 20_000; count += 1) {
        ahead += 1;
        yield one;
      }
      yield Buffer.from("{}]}");
    }
    let most = 0;
    let items = 0;
    for await (const _ of readListItems(input())) {
      items += 1;
      most = Math.max(most, ahead - items);
    }
    expect([items, most]).toEqual([20_001, 0]);
  });
});
