import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Redacted } from "../../../src/redacted.ts";
import { serverNameOf } from "../../../src/stores/azure/token-proxy.ts";
import { azureTenant, type FakeAzure, startAzure } from "../../servers/azure.ts";
import { type Authority, createAuthority } from "../../servers/certificates.ts";
import { type AzureStore, clientId, errorOf, podToken, startAzureStore } from "./azure-store.ts";

/** By Python: base64.b32hexencode(hashlib.sha256(b"identity-binding" + cluster).digest()), in small letters. */
const cluster = "66f1a2b3c4d5e60001020304";
const serverName = "a8ttvb0hh9lqc7insbundaedi216cqhje6scjdg71vivf16n08fh0.ests.aks";

const settings = { identity: { by: "identityBinding", clientId } } as const;
const audience = "api://AKSIdentityBinding";
const tokens = new Map([[audience, new Redacted(podToken({ aud: audience }))]]);

let authority: Authority;
let directory: string;
let proxy: FakeAzure | undefined;
let store: AzureStore | undefined;

beforeAll(async () => {
  authority = await createAuthority();
  directory = await mkdtemp(join(tmpdir(), "latchkey-proxy-"));
  await writeFile(join(directory, "ca.pem"), authority.caPem);
});

afterEach(async () => {
  await store?.stop();
  await proxy?.stop();
});

afterAll(async () => await rm(directory, { recursive: true }));

/** An API server whose certificate has these names, with the token proxy behind it. */
async function start(names: readonly string[], own: { readonly serverName?: string } = {}) {
  const asked: string[] = [];
  const tls = { ...(await authority.issue(["localhost", ...names])), onServerName: (name: string) => asked.push(name) };
  proxy = await startAzure({ tls });
  proxy.login.federate(clientId, "system:serviceaccount:shop:web", audience);
  const url = proxy.server.url.replace("127.0.0.1", "localhost");
  store = await startAzureStore({
    loginUrl: "https://login.microsoftonline.com",
    tokenProxy: { url, caFile: join(directory, "ca.pem"), ...own },
  });
  return { store, proxy, asked };
}

const aks = [`hcp-kubernetes.${cluster}.svc.cluster.local`, "kubernetes.default.svc", serverName];

describe("the token proxy of an identity binding", () => {
  test("is found under the name that the API server's certificate tells, asked for once", async () => {
    const { store: own, proxy: server, asked } = await start(aks);
    await Promise.all([own.open({ settings, identity: { tokens } }), own.open({ settings, identity: { tokens } })]);
    await own.open({ settings, identity: { tokens, proved: false } });
    expect(new Set(asked)).toEqual(new Set(["localhost", serverName]));
    expect(asked.filter((name) => name === "localhost").length).toBe(1);
    const [request] = server.server.requests;
    expect([request?.headers.host, request?.url]).toEqual([
      "login.microsoftonline.com",
      `/${azureTenant}/oauth2/v2.0/token`,
    ]);
  });

  test("has the operator's name where there is one", async () => {
    const { store: own, asked } = await start(["proxy.test"], { serverName: "proxy.test" });
    await own.open({ settings, identity: { tokens } });
    expect(asked).toEqual(["proxy.test"]);
  });

  test("is not looked for behind an API server that is none of AKS", async () => {
    const { store: own, proxy: server } = await start([
      "hcp-kubernetes.a_b.svc.cluster.local",
      "kubernetes.default.svc",
    ]);
    const error = await errorOf(own.open({ settings, identity: { tokens } }));
    expect([error.id, error.details.login, error.details.fix, server.server.requests.length]).toEqual([
      "LK0020",
      true,
      expect.stringContaining("--azure-token-proxy-server-name"),
      0,
    ]);
  });

  test("is not believed without the cluster's CA, and says how to do without where nobody answers", async () => {
    await start(aks);
    const other = await createAuthority();
    await writeFile(join(directory, "other.pem"), other.caPem);
    const strict = await startAzureStore({
      tokenProxy: { url: proxy?.server.url.replace("127.0.0.1", "localhost"), caFile: join(directory, "other.pem") },
    });
    expect((await errorOf(strict.open({ settings, identity: { tokens } }))).id).toBe("LK0039");
    await strict.stop();
    const lost = await startAzureStore({
      tokenProxy: { url: "https://localhost:1", caFile: join(directory, "ca.pem") },
    });
    const error = await errorOf(lost.open({ settings, identity: { tokens } }));
    expect([error.id, error.details.fix]).toEqual([
      "LK0030",
      expect.stringContaining("let Latchkey reach the API server"),
    ]);
    await lost.stop();
  });

  test("has a name of the cluster's hash", () => {
    expect(serverNameOf(cluster)).toBe(serverName);
  });
});
