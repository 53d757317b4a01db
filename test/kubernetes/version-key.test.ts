import { beforeAll, describe, expect, it } from "vitest";
import type { KubernetesApi } from "../../src/kubernetes/api.ts";
import { ClusterVersionKey } from "../../src/kubernetes/version-key.ts";
import { createLogger } from "../../src/log.ts";
import type { RecordKeeper } from "../../src/record-keeper.ts";
import { errorIdOf } from "../cache/settled.ts";
import type { KubernetesApi as TestServer } from "../servers/kubernetes.ts";
import { openTestApi } from "../servers/kubernetes-client.ts";

const namespace = "kube-system";
const sixteen = Buffer.from("sixteen bytes...");

let server: TestServer;
let api: KubernetesApi;
let serial = 0;

beforeAll(async () => {
  const opened = await openTestApi();
  ({ server, api } = opened);
  return opened.stop;
});

/** A Secret's name that no other test has, with a key on it whose clock the test sets. */
function someKey(more: { keeper?: RecordKeeper; using?: KubernetesApi } = {}) {
  serial += 1;
  const name = `hmac-${serial}`;
  const time = { now: 0 };
  const make = () =>
    new ClusterVersionKey({
      ...{ api: more.using ?? api, namespace, name, log: createLogger("off"), now: () => time.now },
      keeper: more.keeper,
    });
  return { name, time, make, key: make() };
}

function callsFor(name: string): readonly string[] {
  const about = server.requests.filter(({ path, body }) => path.endsWith(`/${name}`) || body.includes(`"${name}"`));
  return about.map(({ method }) => method);
}

describe("the key of object versions in a Kubernetes Secret", () => {
  it("is the one that today's provider made, whatever its length, and is read once", async () => {
    const { name, key } = someKey();
    server.setSecret(namespace, name, { key: sixteen.toString("base64") });
    expect(key.current()).toBeUndefined();
    await Promise.all([key.load(), key.load()]);
    expect([Buffer.from(key.current()?.reveal() ?? []), callsFor(name)]).toEqual([sixteen, ["GET"]]);
  });

  it("is made where there is none: 32 bytes, for good", async () => {
    const { name, key } = someKey();
    const made = Buffer.from((await key.load()).reveal());
    expect([made.length, server.secret(namespace, name)]).toEqual([32, { key: made.toString("base64") }]);
    expect(callsFor(name)).toEqual(["GET", "POST"]);
  });

  it("is the other node's where two make it at once", async () => {
    const { name, make, key } = someKey();
    const keys = await Promise.all([key.load(), make().load(), make().load()]);
    expect(new Set(keys.map((one) => Buffer.from(one.reveal()).toString("base64")))).toEqual(
      new Set([server.secret(namespace, name)?.key]),
    );
  });

  it.each<[what: string, data: Record<string, string>]>([
    ["no key", { other: "YQ==" }],
    ["an empty key", { key: "" }],
    ["a key that is no base64", { key: "%%%" }],
  ])("that holds %s is told with the fix", async (_, data) => {
    const { name, key } = someKey();
    server.setSecret(namespace, name, data);
    await expect(key.load()).rejects.toMatchObject({
      id: "LK0015",
      message: `the Secret kube-system/${name} has no \`key\` in base64`,
      details: { fix: `delete it to have a new one made: kubectl delete secret -n kube-system ${name}` },
    });
  });

  it("that cannot be had is asked for again after five seconds", async () => {
    const { name, time, key } = someKey();
    server.setFault(403);
    expect(await errorIdOf(key.load())).toBe("LK0013");
    server.setFault("none");
    time.now = 4_999;
    expect(await errorIdOf(key.load())).toBe("LK0013");
    time.now = 5_000;
    await key.load();
    expect(callsFor(name)).toEqual(["GET", "GET", "POST"]);
  });

  it("outlives the process where there is something that keeps it", async () => {
    const records = new Map<string, Uint8Array>();
    const keeper: RecordKeeper = {
      saveRecord: async (name, bytes) => void records.set(name, bytes),
      loadRecord: async (name) => records.get(name),
    };
    const { make, key } = someKey({ keeper });
    const made = await key.load();
    const next = make();
    await next.restore();
    expect(next.current()?.reveal()).toEqual(made.reveal());
  });
});
