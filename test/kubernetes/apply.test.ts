import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import type { KubernetesApi } from "../../src/kubernetes/api.ts";
import { createAuthority } from "../servers/certificates.ts";
import type { KubernetesApi as TestServer } from "../servers/kubernetes.ts";
import { openTestApi } from "../servers/kubernetes-client.ts";

const path = "/api/v1/namespaces/shop/secrets/db";
const { signal } = new AbortController();

let directory: string;
let server: TestServer;
let api: KubernetesApi;

beforeEach(async () => {
  const opened = await openTestApi();
  ({ server, api, directory } = opened);
  return opened.stop;
});

/** A Secret with one value. */
function secretOf(value: string, metadata: object = {}, type = "Opaque") {
  const data = { password: Buffer.from(value).toString("base64") };
  return { apiVersion: "v1", kind: "Secret", metadata: { name: "db", namespace: "shop", ...metadata }, type, data };
}

interface Shown {
  readonly metadata: {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly managedFields: readonly object[];
  };
}

async function apply(object: object, manager = "latchkey") {
  return await api.apply(path, object, manager, signal);
}

/** The error that a call throws: id, the API's code, how long the API wants to be left alone, and the fix. */
async function errorOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderError)) throw new Error("a ProviderError was expected");
  return [error.id, error.details.storeCode, error.details.retryAfterMs, error.details.fix];
}

describe("server-side apply", () => {
  it("makes a Secret, changes it, and answers its metadata alone", async () => {
    const made = await apply(secretOf("p1"));
    const changed = await apply(secretOf("p2"));
    expect([made.kind, changed.kind]).toEqual(["applied", "applied"]);
    expect(JSON.stringify([made, changed])).not.toContain(Buffer.from("p").toString("base64").slice(0, 2));
    expect(server.secret("shop", "db")).toEqual(secretOf("p2").data);
    const shown = (await api.metadata(path, signal)) as Shown;
    expect(shown.metadata.managedFields).toMatchObject([{ manager: "latchkey", operation: "Apply" }]);
  });

  it("takes no field from another manager, and says whose it is", async () => {
    await apply(secretOf("p1"));
    server.secrets.edit("shop/db", { "data/password": "ZWRpdGVk" }, "kubectl-edit");
    expect(await apply(secretOf("p2"))).toEqual({ kind: "conflict", managers: ["kubectl-edit"] });
    expect(server.secret("shop", "db")).toEqual({ password: "ZWRpdGVk" });
  });

  it("changes nothing but the version that it names", async () => {
    await apply(secretOf("p1"));
    const { metadata } = (await api.metadata(path, signal)) as Shown;
    const { uid, resourceVersion } = metadata;
    expect((await apply(secretOf("p2", { uid, resourceVersion }))).kind).toBe("applied");
    expect(await apply(secretOf("p3", { uid, resourceVersion }))).toEqual({ kind: "stale" });
    server.setSecret("shop", "db", undefined);
    expect(await apply(secretOf("p4", { uid }))).toEqual({ kind: "stale" });
    expect((await apply(secretOf("p4", { resourceVersion: "7" }))).kind).toBe("applied");
    expect(await apply(secretOf("p5", { resourceVersion: "7" }))).toEqual({ kind: "stale" });
  });

  it("says which fields the API finds wrong, and nothing of what they hold", async () => {
    expect(await apply(secretOf("p1", {}, "kubernetes.io/tls"))).toEqual({
      kind: "rejected",
      faults: [
        { field: "data[tls.crt]", reason: "FieldValueRequired" },
        { field: "data[tls.key]", reason: "FieldValueRequired" },
      ],
    });
  });

  it("needs the rights to patch, and to create where nothing is there", async () => {
    const right = { group: "", resource: "secrets", namespace: "shop" } as const;
    const fix = (verb: string) =>
      `give Latchkey's service account the right \`${verb}\` for \`secrets\` in the namespace shop; LK0013 in docs/errors.md names the value of the chart that does`;
    server.setRights([]);
    expect(await errorOf(apply(secretOf("p1")))).toEqual(["LK0013", "403", undefined, fix("patch")]);
    server.setRights([{ ...right, verb: "patch" }]);
    expect(await errorOf(apply(secretOf("p1")))).toEqual(["LK0013", "403", undefined, fix("create")]);
    server.setRights([
      { ...right, verb: "patch" },
      { ...right, verb: "create" },
    ]);
    expect((await apply(secretOf("p1"))).kind).toBe("applied");
    expect((await errorOf(api.metadata(path, signal)))[0]).toBe("LK0013");
    server.setRights([{ ...right, verb: "get" }]);
    expect(await api.metadata(path, signal)).toMatchObject({ metadata: { name: "db" } });
    expect((await errorOf(api.metadata(path.replace("shop", "bank"), signal)))[0]).toBe("LK0013");
  });

  it("hears how long the API wants to be left alone", async () => {
    server.setFault({ status: 429, retryAfter: "7" });
    expect((await errorOf(apply(secretOf("p1")))).slice(0, 3)).toEqual(["LK0012", "429", 7_000]);
    server.setFault(503);
    expect((await errorOf(apply(secretOf("p1")))).slice(0, 3)).toEqual(["LK0012", "503", undefined]);
  });

  it("reads token and CA again when the kubelet has replaced them", async () => {
    await apply(secretOf("p1"));
    server.acceptToken("next");
    expect((await errorOf(apply(secretOf("p2"))))[0]).toBe("LK0017");
    await writeFile(join(directory, "token"), "next\n");
    expect((await apply(secretOf("p2"))).kind).toBe("applied");
    await writeFile(join(directory, "ca.crt"), (await createAuthority("Somebody else")).caPem);
    expect((await errorOf(apply(secretOf("p3"))))[0]).toBe("LK0012");
    await server.writeCredentials(directory);
    expect((await apply(secretOf("p3"))).kind).toBe("applied");
  });
});
