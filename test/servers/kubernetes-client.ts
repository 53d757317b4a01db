import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKubernetesApi, type KubernetesApi } from "../../src/kubernetes/api.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { type ApiFlags, startKubernetes, type KubernetesApi as TestServer } from "./kubernetes.ts";

/** Latchkey's client of a played Kubernetes API. Stop it when done. */
export interface TestApi {
  readonly server: TestServer;
  readonly api: KubernetesApi;
  /** Holds the `token` and the `ca.crt` that the client reads. */
  readonly directory: string;
  /** Latchkey's flags for this API. */
  readonly flags: ApiFlags;
  /** Closes the client, stops the server and removes the directory. */
  stop(): Promise<void>;
}

/** Starts a played Kubernetes API, of a new issuer unless one is given, and opens a client on it. */
export async function openTestApi(issuer?: TokenIssuer): Promise<TestApi> {
  const server = await startKubernetes(issuer ?? (await createTokenIssuer()));
  const directory = await mkdtemp(join(tmpdir(), "latchkey-api-"));
  const flags = await server.writeCredentials(directory);
  const { kubernetesTokenFile: tokenFile, kubernetesCaFile: caFile } = flags;
  const api = createKubernetesApi({ url: server.url, tokenFile, caFile, userAgent: "latchkey/0.0.0-test" });
  return {
    server,
    api,
    directory,
    flags,
    stop: async () => {
      api.close();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
