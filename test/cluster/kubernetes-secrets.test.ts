import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { IssuedToken } from "../tokens.ts";
import { longestStart } from "./cluster.ts";
import { fileSpec, putPassword, startFileScene } from "./file-scene.ts";
import type { Installed } from "./installed.ts";
import type { Volume } from "./kubelet.ts";
import { classesPath, makeClass, makeNamespace, requestToken } from "./objects.ts";
import { denyByPolicy } from "./policy.ts";
import { askedByLatchkey, type Scene } from "./scene.ts";
import { until } from "./until.ts";
import { startWebhook } from "./webhook.ts";

interface Secret {
  readonly metadata: {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly ownerReferences: readonly { readonly uid: string }[];
  };
  readonly data?: Readonly<Record<string, string>>;
}

let scene: Scene;
let latchkey: Installed;
let number = 0;
/** A namespace of the test's own, with the account `web`. */
let namespace: string;
let classUid: string;

beforeAll(async () => {
  scene = await startFileScene();
  latchkey = await scene.run();
}, longestStart);

afterAll(() => scene?.stop());

beforeEach(async () => {
  number += 1;
  namespace = `ns-${number}`;
  await putPassword(scene, "p1");
  await makeNamespace(scene.cluster, namespace, ["web"]);
  classUid = await makeClass(scene.cluster, namespace, "web", fileSpec);
});

/** Publishes a pod's volume, and makes the pod where it is new. */
function mount(name = "web-0", where = namespace): Promise<Volume> {
  return scene.kubelet.publish({ namespace: where, name, serviceAccount: "web", secretProviderClass: "web" });
}

/** Makes another namespace with the same class, and mounts there; gives its name. */
async function mountElsewhere(): Promise<string> {
  const other = `${namespace}-other`;
  await makeNamespace(scene.cluster, other, ["web"]);
  await makeClass(scene.cluster, other, "web", fileSpec);
  await mount("web-0", other);
  return other;
}

async function token(): Promise<IssuedToken> {
  return await requestToken(scene.cluster, { namespace, serviceAccount: "web", audiences: ["latchkey"] });
}

/** Mounts by the class as it was at first, whatever it is now. */
async function mountWith(granted: IssuedToken): Promise<void> {
  const account = { namespace, serviceAccount: "web", secretProviderClass: "web" };
  await scene.mountBeside({ ...account, spec: fileSpec, pod: "other", tokens: { latchkey: granted } });
}

async function secret(where = namespace): Promise<Secret | undefined> {
  return await scene.cluster.admin.get<Secret>(`/api/v1/namespaces/${where}/secrets/db`);
}

async function password(where = namespace): Promise<string | undefined> {
  const data = (await secret(where))?.data?.password;
  return data && Buffer.from(data, "base64").toString();
}

/** The results and errors of the log for Secrets of the test's namespace. */
function said(): readonly (readonly [unknown, string])[] {
  const lines = latchkey.log().filter((line) => line.msg === "kubernetes secret" && line.namespace === namespace);
  return lines.map(({ result, error }) => [result, String(error ?? "")] as const);
}

/** The last of them, once there is one. */
async function lastSaid(): Promise<readonly [unknown, string]> {
  const last = await until(
    async () => said().at(-1),
    (line) => line !== undefined,
  );
  return last ?? ["nothing", ""];
}

interface Named {
  readonly metadata: { readonly name: string };
  readonly immutable?: boolean;
}

/** Has the class of the test's namespace name other Kubernetes Secrets. */
async function changeClass(kubernetesSecrets: string): Promise<void> {
  const changed = { spec: { parameters: { kubernetesSecrets } } };
  await scene.cluster.admin.patch(`${classesPath(namespace)}/web`, changed);
}

async function makeOwn(body: object): Promise<void> {
  await scene.cluster.admin.create(`/api/v1/namespaces/${namespace}/secrets`, { metadata: { name: "db" }, ...body });
}

describe("Kubernetes Secrets on a real API server", () => {
  it("are there when a first mount is answered, owned by the class", async () => {
    await mount();
    expect(await password()).toBe("p1");
    expect((await secret())?.metadata.ownerReferences).toMatchObject([{ uid: classUid }]);
  });

  it("stay as they are when nothing is new, and are replaced when there is", async () => {
    await mount();
    const first = await secret();
    await mount("web-1");
    expect((await secret())?.metadata.resourceVersion).toBe(first?.metadata.resourceVersion);
    await putPassword(scene, "p2");
    await mount();
    expect(await until(password, (text) => text === "p2")).toBe("p2");
    expect((await secret())?.metadata.uid).toBe(first?.metadata.uid);
  });

  it("leave a stranger's Secret alone that has no annotation, and go on in other namespaces", async () => {
    await makeOwn({ stringData: { password: "theirs" } });
    await mount();
    expect(await lastSaid()).toEqual(["refused", expect.stringContaining("LK0052")]);
    expect(await password()).toBe("theirs");
    const other = await mountElsewhere();
    expect(await password(other)).toBe("p1");
  });

  it.each([
    ["no spec", undefined],
    ["a spec without parameters", { provider: "latchkey" }],
  ])("of a pod whose class lost its words (%s) are refused, and go on elsewhere", async (_, emptied) => {
    await scene.cluster.admin.delete(`${classesPath(namespace)}/web`);
    const metadata = { name: "web" };
    await scene.cluster.admin.create(classesPath(namespace), {
      ...{ apiVersion: "secrets-store.csi.x-k8s.io/v1", kind: "SecretProviderClass", metadata },
      ...(emptied === undefined ? {} : { spec: emptied }),
    });
    await mountWith(await token());
    expect(await lastSaid()).toEqual(["refused", expect.stringContaining("LK0051")]);
    const other = await mountElsewhere();
    expect(await password(other)).toBe("p1");
  });

  it("are left alone once somebody has edited them", async () => {
    await mount();
    const edit = { data: { extra: Buffer.from("x").toString("base64") } };
    await scene.cluster.admin.patch(`/api/v1/namespaces/${namespace}/secrets/db`, edit);
    await putPassword(scene, "p2");
    await mount();
    expect(await until(lastSaid, ([result]) => result === "refused")).toEqual([
      "refused",
      expect.stringContaining("LK0052"),
    ]);
    expect(await password()).toBe("p1");
  });

  it("come back when the class was deleted and made anew, with the next mount", async () => {
    await mount();
    const before = await secret();
    await scene.cluster.admin.delete(`${classesPath(namespace)}/web`);
    const anew = await makeClass(scene.cluster, namespace, "web", fileSpec);
    await until(secret, (found) => found?.metadata.uid !== before?.metadata.uid);
    const found = await until(
      async () => {
        await mount("web-1");
        return await secret();
      },
      (each) => each !== undefined,
      800, // a class is read again after half a minute
    );
    expect(found?.metadata.ownerReferences).toMatchObject([{ uid: anew }]);
  }, 120_000);

  it("that are immutable are made anew beside the old one when their content changes", async () => {
    await changeClass("- { name: db, immutable: true, data: { password: { file: password } } }");
    const named = async () => {
      const list = await scene.cluster.admin.get<{ items: Named[] }>(`/api/v1/namespaces/${namespace}/secrets`);
      return list?.items.filter(({ immutable }) => immutable).map(({ metadata }) => metadata.name) ?? [];
    };
    await mount();
    expect(await until(named, (names) => names.length === 1)).toEqual([expect.stringMatching(/^db-[a-z0-9]+$/)]);
    await putPassword(scene, "p2");
    await mount();
    expect(await until(named, (names) => names.length === 2)).toHaveLength(2);
  });

  it("keep their type: another one is refused, and the API's own field is named", async () => {
    await mount();
    expect(await password()).toBe("p1");
    await changeClass("- { name: db, type: basic-auth, data: { password: { file: password } } }");
    await mount("web-1");
    const last = await until(lastSaid, ([result]) => result === "refused");
    expect(last).toEqual(["refused", expect.stringMatching(/LK0053.*"type"/)]);
  });

  it("say what a quota says", async () => {
    const quota = { metadata: { name: "none" }, spec: { hard: { "count/secrets": "0" } } };
    const path = `/api/v1/namespaces/${namespace}/resourcequotas`;
    await scene.cluster.admin.create(path, quota);
    const status = () => scene.cluster.admin.get<{ status?: { hard?: object } }>(`${path}/none`);
    await until(status, (each) => each?.status?.hard !== undefined);
    await mount();
    const [, error] = await lastSaid();
    expect(error).toContain("exceeded quota: none");
    expect(error).not.toContain("right");
  });

  it("say what a policy says", async () => {
    await denyByPolicy(scene.cluster, namespace, { message: "no Secrets on Fridays, ask #platform" });
    await mount();
    const [result, error] = await lastSaid();
    expect([result, error]).toEqual(["refused", expect.stringContaining("no Secrets on Fridays, ask #platform")]);
    expect(error).not.toContain('("")');
  });

  it("say what an admission webhook says", async () => {
    const webhook = await startWebhook(scene.cluster, namespace, { denies: "the vault team writes these" });
    try {
      await mount();
      expect(await lastSaid()).toEqual(["refused", expect.stringContaining("the vault team writes these")]);
    } finally {
      await webhook.stop();
    }
  });

  it("say that a namespace is going away", async () => {
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    await scene.cluster.admin.create(path, { metadata: { name: "held", finalizers: ["example.com/held"] } });
    // The class stays too, so that it is the namespace that refuses.
    await scene.cluster.admin.patch(`${classesPath(namespace)}/web`, {
      metadata: { finalizers: ["example.com/held"] },
    });
    const granted = await token();
    await scene.cluster.admin.delete(`/api/v1/namespaces/${namespace}`);
    await mountWith(granted);
    expect((await lastSaid())[1]).toContain("because it is being terminated");
    for (const held of [`${path}/held`, `${classesPath(namespace)}/web`]) {
      await scene.cluster.admin.patch(held, { metadata: { finalizers: null } });
    }
  });
});

describe("the API server's audit log", () => {
  it("has no other requests of Latchkey than the played server answers", async () => {
    expect((await askedByLatchkey(scene)).what).toEqual([
      "get /.well-known/openid-configuration",
      "get /openid/v1/jwks",
      "get secretproviderclasses",
      "get secrets",
      "patch secrets",
    ]);
  });
});
