import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { podDirectory } from "../../../src/fetch/leases/pod-directory.ts";

let kubelet: string;

beforeEach(async () => {
  kubelet = await mkdtemp(join(tmpdir(), "lk-pods-"));
  await mkdir(join(kubelet, "pods", "one"), { recursive: true });
});

afterEach(async () => {
  await rm(kubelet, { recursive: true, force: true });
});

const pod = (uid: string) => ({ namespace: "shop", name: "web", uid });

describe("the kubelet's directory of pods", () => {
  it("tells of a pod that it has shown whether it is there", async () => {
    const isThere = podDirectory(kubelet);
    expect(await isThere(pod("one"))).toBe(true);
    await rm(join(kubelet, "pods", "one"), { recursive: true });
    expect(await isThere(pod("one"))).toBe(false);
  });

  it.each([
    ["a pod that it has never shown", "two"],
    ["a uid that is a path", "../pods/one"],
    ["no uid", ""],
  ])("says nothing of %s", async (_, uid) => {
    expect(await podDirectory(kubelet)(pod(uid))).toBeUndefined();
  });

  it("says nothing once it is not mounted any more", async () => {
    const isThere = podDirectory(kubelet);
    await isThere(pod("one"));
    await rename(join(kubelet, "pods"), join(kubelet, "elsewhere"));
    expect(await isThere(pod("one"))).toBeUndefined();
  });
});
