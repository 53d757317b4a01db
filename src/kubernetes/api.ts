import { readFile } from "node:fs/promises";
import { ProviderError, toProviderError } from "../errors.ts";
import { createHttpClient } from "../http/client.ts";
import type { HttpAnswer } from "../http/message.ts";

/** How to reach the Kubernetes API. */
export interface KubernetesSettings {
  /** `https://host[:port]`. */
  readonly url: string;
  /** Files of the pod's service account, read again when the kubelet replaces them. */
  readonly tokenFile: string;
  readonly caFile: string;
}

/** The reads that Latchkey makes of the Kubernetes API. */
export interface KubernetesApi {
  /**
   * The JSON at `path`; undefined where the API says 404. Throws `LK0013` where it refuses, `LK0012` where it cannot be
   * reached or answers anything else.
   */
  get(path: string, signal: AbortSignal): Promise<unknown>;
  close(): void;
}

/** A client that connects on first use and keeps its connections. */
export function createKubernetesApi({ url, tokenFile, caFile }: KubernetesSettings): KubernetesApi {
  const client = createHttpClient({ tls: { caFile } });
  return {
    async get(path, signal) {
      const headers = { authorization: `Bearer ${await readToken(tokenFile)}`, accept: "application/json" };
      const answer = await client
        .send({ method: "GET", origin: url, path, headers, signal, resend: true })
        .catch((error: unknown) => {
          const { id, message } = toProviderError(error);
          throw unreachable(url, `${id}: ${message}`);
        });
      return readAnswer(answer, path, url);
    },
    close: () => client.close(),
  };
}

function readAnswer({ status, body }: HttpAnswer, path: string, url: string): unknown {
  if (status === 404) return undefined;
  if (status === 401 || status === 403) {
    throw new ProviderError("LK0013", `the Kubernetes API answered ${status} to GET ${path}`, {
      storeCode: String(status),
      fix: "give Latchkey's service account the right `get` for this resource (see deploy/)",
    });
  }
  if (status !== 200) throw unreachable(url, `status ${status}`);
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    throw unreachable(url, "an answer that is no JSON"); // a JSON.parse error quotes its input
  }
}

async function readToken(file: string): Promise<string> {
  const token = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new ProviderError("LK0012", `cannot read ${file} (${error.code ?? error.name})`, {
      fix: "run Latchkey with its service account's token mounted, or set --kubernetes-token-file",
    });
  });
  return token.trim();
}

function unreachable(url: string, why: string): ProviderError {
  return new ProviderError("LK0012", `the Kubernetes API at ${url} gave no usable answer (${why})`, {
    fix: "check that the API server is up and that Latchkey may reach it",
  });
}
