import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serveEndpoint } from "../../src/server/grpc.ts";
import { proofNote } from "../../src/server/proof-note.ts";
import { SocketProbes } from "../../src/server/readiness.ts";
import { ReplyBudget } from "../../src/server/reply-budget.ts";
import { tokenNote } from "../../src/server/token-note.ts";
import { createWire } from "../../src/server/wire.ts";

const wire = createWire();
let directory: string;
let ends: (() => Promise<unknown> | unknown)[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-"));
  ends = [];
});

afterEach(async () => {
  await Promise.all(ends.map((end) => end()));
  await rm(directory, { recursive: true, force: true });
});

function probe(...paths: readonly string[]): SocketProbes {
  const probes = new SocketProbes(wire, paths);
  ends.unshift(() => probes.close());
  return probes;
}

async function serve(name: string): Promise<string> {
  const socketPath = join(directory, name);
  const endpoint = await serveEndpoint({
    ...{ wire, socketPath, runtimeVersion: "1", mountTimeout: 1_000, budget: new ReplyBudget(1_000) },
    mount: async () => Buffer.alloc(0),
  });
  ends.push(() => endpoint.stop(0));
  return socketPath;
}

describe("readiness", () => {
  it("asks each socket for its version", async () => {
    const probes = probe(await serve("vault.sock"), await serve("aws.sock"));
    for (let count = 0; count < 3; count += 1) expect(await probes.check()).toEqual({ ready: true, lines: [] });
  });

  it("names the socket that is gone, though who is connected to it is still answered", async () => {
    const gone = await serve("aws.sock");
    const probes = probe(await serve("vault.sock"), gone);
    await probes.check();
    await rm(gone);
    expect(await probes.check()).toEqual({ ready: false, lines: ["aws.sock is not there"] });
  });

  it("names a socket that nobody serves, and sees at once when somebody does", async () => {
    const path = join(directory, "vault.sock");
    const probes = probe(path);
    const stopped = createServer().listen(path);
    ends.push(() => stopped.close());
    await once(stopped, "listening");
    await rename(path, `${path}.old`);
    await new Promise((resolve) => stopped.close(resolve));
    await rename(`${path}.old`, path).catch(() => writeFile(path, ""));
    expect(await probes.check()).toEqual({
      ready: false,
      lines: ["vault.sock does not answer Version (gRPC code 14)"],
    });
    await rm(path);
    await serve("vault.sock");
    expect(await probes.check()).toEqual({ ready: true, lines: [] });
  });

  it("waits for a socket that takes connections and says nothing, but not for long", async () => {
    const path = join(directory, "vault.sock");
    const silent = createServer().listen(path);
    ends.push(() => silent.close());
    const { ready, lines } = await probe(path, await serve("aws.sock")).check();
    expect([ready, lines]).toEqual([false, [expect.stringMatching(/^vault\.sock does not answer Version/)]]);
  });
});

describe("the note on tokens", () => {
  it.each([
    ["before the first mount", { mountsWith: 0, mountsWithout: 0 }],
    ["once one token came", { mountsWith: 1, mountsWithout: 100 }],
  ])("is silent %s", (_, tokens) => {
    expect(tokenNote(["vault"], tokens)).toEqual([]);
  });

  it("says what the dialects need where none came", () => {
    const lines = tokenNote(["vault", "aws"], { mountsWith: 0, mountsWithout: 3 });
    expect(lines).toEqual([
      "note: none of 3 mounts brought a service account token: nothing is cached, and stores that need one refuse the login.",
      "Add to spec.tokenRequests of the CSIDriver secrets-store.csi.k8s.io:",
      '  for vault: "vault", or the audience that its SecretProviderClasses name',
      '  for aws: "sts.amazonaws.com", and "pods.eks.amazonaws.com" for EKS Pod Identity',
    ]);
  });
});

describe("the note on proof", () => {
  it.each([
    ["keys are known and young", { isKnown: true, ageMs: 300_000 }, 0],
    ["reading them has failed for some minutes", { isKnown: true, ageMs: 1_200_000, failure: "LK0012" as const }, 0],
    ["a few bad tokens came", { isKnown: true, ageMs: 0 }, 9],
  ])("is silent where %s", (_, state, inARow) => {
    expect(proofNote(state, inARow)).toEqual([]);
  });

  it("tells that the keys are not known, and the id of the reason", () => {
    const means = "mounts work, but nothing is cached, and no Kubernetes Secret is written. The log says why.";
    expect([
      ...proofNote({ isKnown: false, ageMs: 0, failure: "LK0013" }, 50),
      ...proofNote({ isKnown: false, ageMs: 0 }, 0),
    ]).toEqual([
      `note: no token can be proved, because the cluster's token keys are not known (LK0013): ${means}`,
      `note: no token can be proved, because the cluster's token keys are not known: ${means}`,
    ]);
  });

  it("tells that keys are old, also those of a cache directory, and that tokens prove nobody", () => {
    expect(proofNote({ isKnown: true, ageMs: 7_200_000, failure: "LK0012" }, 10)).toEqual([
      "note: the cluster's token keys were last read 120 minutes ago (LK0012): a key removed since then is still trusted.",
      "note: the tokens of the last 10 mounts that had one proved no identity: mounts work, but nothing is cached, and no Kubernetes Secret is written. The log says why.",
    ]);
  });
});
