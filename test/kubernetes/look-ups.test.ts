import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/async/clock.ts";
import { createLookups } from "../../src/fetch/lookup.ts";
import { createKubernetesApi, type KubernetesApi } from "../../src/kubernetes/api.ts";
import type { Identity } from "../../src/stores/store.ts";
import type { KubernetesApi as TestServer } from "../servers/kubernetes.ts";
import { openTestApi } from "../servers/kubernetes-client.ts";

const never = new AbortController().signal;
const annotation = {
  kind: "serviceAccountAnnotation",
  name: "eks.amazonaws.com/role-arn",
  instead: "name the role",
} as const;
const identity: Identity = { namespace: "shop", serviceAccount: "payments", proved: true, tokens: new Map() };

let directory: string;
let server: TestServer;
let api: KubernetesApi;

beforeAll(async () => {
  const opened = await openTestApi();
  ({ server, api, directory } = opened);
  return opened.stop;
});

afterEach(() => server.setFault("none"));

describe("look-ups", () => {
  it("find an annotation", async () => {
    server.setServiceAccount("shop", "payments", { annotations: { [annotation.name]: "arn:aws:iam::1:role/r" } });
    expect(await createLookups(api, systemClock).resolve([annotation], identity, never)).toEqual(
      new Map([[annotation.name, "arn:aws:iam::1:role/r"]]),
    );
  });

  it("leave out an annotation that need not be there", async () => {
    server.setServiceAccount("shop", "payments", { annotations: { [annotation.name]: "r", "an/empty": "" } });
    const optional = ["an/other", "an/empty"].map((name) => ({ ...annotation, name, optional: true }) as const);
    const found = await createLookups(api, systemClock).resolve([annotation, ...optional], identity, never);
    expect(found).toEqual(new Map([[annotation.name, "r"]]));
  });

  it("ask nothing where nothing is needed", async () => {
    const before = server.requests.length;
    expect(await createLookups(api, systemClock).resolve([], identity, never)).toEqual(new Map());
    expect(server.requests.length).toBe(before);
  });

  it("follow a token that the kubelet has replaced", async () => {
    server.setServiceAccount("shop", "payments", { annotations: { [annotation.name]: "r" } });
    server.acceptToken("second");
    await writeFile(join(directory, "token"), "second\n");
    expect((await createLookups(api, systemClock).resolve([annotation], identity, never)).size).toBe(1);
  });

  const other = { ...identity, serviceAccount: "web" };
  const failures: readonly [string, () => Promise<unknown>, string][] = [
    [
      "no such account",
      () => createLookups(api, systemClock).resolve([annotation], { ...identity, serviceAccount: "nobody" }, never),
      "LK0014",
    ],
    ["no annotation", () => createLookups(api, systemClock).resolve([annotation], other, never), "LK0014"],
    ["no API", () => createLookups(undefined, systemClock).resolve([annotation], identity, never), "LK0012"],
    [
      "API forbids",
      () => {
        server.setFault(403);
        return createLookups(api, systemClock).resolve([annotation], identity, never);
      },
      "LK0013",
    ],
    [
      "API is down",
      () => {
        server.setFault("down");
        return createLookups(api, systemClock).resolve([annotation], identity, never);
      },
      "LK0012",
    ],
    [
      "token file is missing",
      () => {
        const lost = createKubernetesApi({
          url: server.url,
          tokenFile: join(directory, "lost"),
          caFile: join(directory, "ca.crt"),
          userAgent: "latchkey/0.0.0-test",
        });
        return createLookups(lost, systemClock).resolve([annotation], identity, never);
      },
      "LK0012",
    ],
  ];
  it.each(failures)("say what is wrong: %s", async (_, work, id) => {
    server.setServiceAccount("shop", "web", {});
    const error = await work().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "ProviderError", id });
    expect((error as { details: { fix?: string } }).details.fix).toBeTypeOf("string");
  });
});
