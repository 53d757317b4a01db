import { describe, expect, it } from "vitest";
import { MountedTargets } from "../../src/mount/mounted-targets.ts";
import type { RecordKeeper } from "../../src/record-keeper.ts";
import { VirtualTime } from "../cache/virtual-time.ts";

/** Keeps one record in memory, and counts how often it was written. */
function memory(): RecordKeeper & { writes: number } {
  let record: Uint8Array | undefined;
  return {
    writes: 0,
    async saveRecord(_, bytes) {
      this.writes += 1;
      record = bytes;
    },
    loadRecord: async () => record,
  };
}

async function reopened(time: VirtualTime, keeper: RecordKeeper): Promise<MountedTargets> {
  const targets = new MountedTargets(time, keeper);
  await targets.load();
  return targets;
}

describe("mounted targets", () => {
  it("have the time of their first mount", async () => {
    const time = new VirtualTime();
    const targets = new MountedTargets(time);
    const first = time.now();
    targets.add("/a");
    await time.advance(5_000);
    targets.add("/a");
    expect([targets.since("/a"), targets.since("/b")]).toEqual([first, undefined]);
  });

  it("are known to the next process, by this one's clock", async () => {
    const [time, keeper] = [new VirtualTime(), memory()];
    const targets = new MountedTargets(time, keeper);
    const first = time.now();
    for (const target of ["/a", "/b", "/c"]) targets.add(target);
    await time.advance(1_000);
    expect(keeper.writes).toBe(1);
    expect((await reopened(time, keeper)).since("/b")).toBe(first);
  });

  it("are written down at the end, if they are not yet", async () => {
    const [time, keeper] = [new VirtualTime(), memory()];
    const targets = new MountedTargets(time, keeper);
    targets.add("/a");
    await targets.close();
    await targets.close();
    expect([keeper.writes, time.timers]).toEqual([1, 0]);
    expect((await reopened(time, keeper)).since("/a")).toBe(time.now());
  });

  it("are written down for the volumes of a node, and not for all that ever were", async () => {
    const [time, keeper] = [new VirtualTime(), memory()];
    const targets = new MountedTargets(time, keeper);
    for (let at = 0; at < 3_000; at += 1) targets.add(`/${at}`);
    await targets.close();
    const again = await reopened(time, keeper);
    expect([again.since("/999"), again.since("/1000"), again.since("/2999")]).toEqual([
      undefined,
      time.now(),
      time.now(),
    ]);
  });

  it("are remounted by the driver's word, or where this node has mounted them", () => {
    const targets = new MountedTargets(new VirtualTime());
    targets.add("/a");
    const asked = (targetPath: string, currentObjectVersion: readonly unknown[]) =>
      targets.isRemount({ targetPath, currentObjectVersion, attributes: "", secrets: "", permission: "" });
    expect([asked("/a", []), asked("/b", []), asked("/b", [{}])]).toEqual([true, false, true]);
  });
});
