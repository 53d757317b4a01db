import { readFile } from "node:fs/promises";
import { ProviderError, toProviderError } from "../errors.ts";
import { createHttpClient } from "../http/client.ts";
import type { HttpAnswer, HttpRequest } from "../http/message.ts";
import { readRefusal } from "./apply-refusal.ts";

/** How to reach the Kubernetes API. */
export interface KubernetesSettings {
  /** `https://host[:port]`. */
  readonly url: string;
  /** Files of the pod's service account, read again when the kubelet replaces them. */
  readonly tokenFile: string;
  readonly caFile: string;
}

/** What became of a creation: the object as the API made it, or why there is none. */
type Created =
  | { readonly kind: "created"; readonly object: unknown }
  /** There is one of that name. */
  | { readonly kind: "exists" }
  /** The API will not have it as it is: what it is to belong to does not exist, or does not fit. */
  | { readonly kind: "rejected" };

/** What became of a server-side apply; objects are metadata alone, so that no value travels back. */
export type Applied =
  | { readonly kind: "applied"; readonly object: unknown }
  /** Another version is there than the object named, or something where it said that nothing is. */
  | { readonly kind: "stale" }
  /** Fields belong to other field managers, by the names that those gave themselves. */
  | { readonly kind: "conflict"; readonly managers: readonly string[] }
  /** The API finds these fields invalid. */
  | { readonly kind: "rejected"; readonly fields: readonly string[] };

/** What Latchkey asks of the Kubernetes API. */
export interface KubernetesApi {
  /**
   * The JSON at `path`; undefined where the API says 404. Throws `LK0013` where it refuses, `LK0012` where it cannot be
   * reached or answers anything else.
   */
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /** Posts an object, once. Throws as `get` does. */
  create(path: string, object: object, signal: AbortSignal): Promise<Created>;
  /** As `get`, the object's metadata alone. */
  metadata(path: string, signal: AbortSignal): Promise<unknown>;
  /**
   * Applies an object as this field manager, and never takes a field from another one
   * (https://kubernetes.io/docs/reference/using-api/server-side-apply/). Throws as `get` does.
   */
  apply(path: string, object: object, manager: string, signal: AbortSignal): Promise<Applied>;
  close(): void;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
const metadataAlone = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/** A client that connects on first use and keeps its connections. */
export function createKubernetesApi({ url, tokenFile, caFile }: KubernetesSettings): KubernetesApi {
  const client = createHttpClient({ tls: { caFile } });

  async function send(
    call: Pick<HttpRequest, "method" | "path" | "body" | "signal">,
    { accept = "application/json", type = "application/json" } = {},
  ): Promise<HttpAnswer> {
    const headers = {
      authorization: `Bearer ${await readToken(tokenFile)}`,
      accept,
      ...(call.body === undefined ? {} : { "content-type": type }),
    };
    try {
      // An apply that arrives twice finds its own work.
      return await client.send({ ...call, origin: url, headers, resend: call.method !== "POST" });
    } catch (thrown) {
      const { id, message } = toProviderError(thrown);
      throw unreachable(url, `${id}: ${message}`);
    }
  }

  return {
    async get(path, signal) {
      const answer = await send({ method: "GET", path, signal });
      if (answer.status === 404) return undefined;
      return readAnswer(answer, `GET ${path}`, url);
    },
    async create(path, object, signal) {
      const answer = await send({ method: "POST", path, body: JSON.stringify(object), signal });
      if (answer.status === 409) return { kind: "exists" };
      if ([400, 404, 422].includes(answer.status)) return { kind: "rejected" };
      return { kind: "created", object: readAnswer(answer, `POST ${path}`, url) };
    },
    async metadata(path, signal) {
      const answer = await send({ method: "GET", path, signal }, { accept: metadataAlone });
      return answer.status === 404 ? undefined : readAnswer(answer, `GET ${path}`, url);
    },
    async apply(path, object, manager, signal) {
      const query = `?fieldManager=${encodeURIComponent(manager)}&force=false`;
      const body = JSON.stringify(object);
      const call = { method: "PATCH", path: `${path}${query}`, body, signal };
      const answer = await send(call, { accept: metadataAlone, type: "application/apply-patch+yaml" });
      return readRefusal(answer) ?? { kind: "applied", object: readAnswer(answer, `PATCH ${path}`, url) };
    },
    close: () => client.close(),
  };
}

/** Applying makes what is not there. */
function rightsFor(call: string): string {
  if (call.startsWith("GET")) return "`get`";
  return call.startsWith("PATCH") ? "`patch` and `create`" : "`create`";
}

function readAnswer({ status, body, retryAfterMs }: HttpAnswer, call: string, url: string): unknown {
  if (status === 401 || status === 403) {
    throw new ProviderError("LK0013", `the Kubernetes API answered ${status} to ${call}`, {
      storeCode: String(status),
      fix: `give Latchkey's service account the right ${rightsFor(call)} for this resource (see deploy/)`,
    });
  }
  if (status !== 200 && status !== 201) throw unreachable(url, `status ${status}`, { status, retryAfterMs });
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

interface Said {
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
}

function unreachable(url: string, why: string, { status, retryAfterMs }: Said = {}): ProviderError {
  return new ProviderError("LK0012", `the Kubernetes API at ${url} gave no usable answer (${why})`, {
    fix: "check that the API server is up and that Latchkey may reach it",
    retryAfterMs,
    ...(status === undefined ? {} : { storeCode: String(status) }),
  });
}
