import { toProviderError } from "../errors.ts";
import { createHttpClient } from "../http/client.ts";
import type { Warn } from "../http/pem.ts";
import { type ApiAnswer, brokenOff, judgeAnswer } from "./api-answer.ts";
import { type Applied, applyRefusal } from "./apply-refusal.ts";
import { readOwnToken } from "./own-token.ts";
import { valuesOf } from "./quotable.ts";

/** How to reach the Kubernetes API. */
export interface KubernetesSettings {
  /** `https://host[:port]`. */
  readonly url: string;
  /** Files of the pod's service account, read again when the kubelet replaces them. */
  readonly tokenFile: string;
  readonly caFile: string;
  /** Who asks, for the API server's audit log and for the field manager of created objects. */
  readonly userAgent: string;
  /** Told which certificates of the CA file cannot be read. */
  readonly warn?: Warn | undefined;
}

/** The outcome of a creation: the object as the API made it, or why there is none. */
type Created =
  | { readonly kind: "created"; readonly object: unknown }
  /** There is one of that name. */
  | { readonly kind: "exists" }
  /** The API will not have it as it is: what it is to belong to does not exist, or does not fit. */
  | { readonly kind: "rejected" };

/** The requests that Latchkey makes to the Kubernetes API. */
export interface KubernetesApi {
  /** Where it is, for logs. */
  readonly url: string;
  /**
   * The JSON at `path`; undefined if the API says 404. Throws `LK0012` if it cannot be reached or has too much to do, `LK0013`
   * or `LK0019` if it refuses, `LK0017` if it does not accept Latchkey's token, `LK0018` for any other answer.
   */
  get(path: string, signal: AbortSignal, accept?: string): Promise<unknown>;
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

/** One request, before it has a token. */
interface Request {
  readonly method: "GET" | "POST" | "PATCH";
  readonly path: string;
  readonly query?: string;
  readonly accept?: string | undefined;
  readonly type?: string;
  readonly object?: object;
  readonly signal: AbortSignal;
}

/** A client that connects on first use and keeps its connections. */
export function createKubernetesApi(settings: KubernetesSettings): KubernetesApi {
  const { url, tokenFile, caFile, userAgent, warn } = settings;
  const client = createHttpClient({ tls: { caFile }, warn });

  async function send(request: Request): Promise<ApiAnswer> {
    const {
      method,
      path,
      query = "",
      signal,
      object,
      accept = "application/json",
      type = "application/json",
    } = request;
    const token = await readOwnToken(tokenFile);
    const headers = {
      ...{ authorization: `Bearer ${token.reveal()}`, "user-agent": userAgent, accept },
      ...(object === undefined ? {} : { "content-type": type }),
    };
    const body = object === undefined ? undefined : JSON.stringify(object);
    // An apply that arrives twice finds its own work.
    const sent = { method, path: `${path}${query}`, body, signal, origin: url, headers, resend: method !== "POST" };
    const answer = await client.send(sent).catch((thrown: unknown) => {
      throw brokenOff(url, toProviderError(thrown));
    });
    return judgeAnswer(answer, { url, method, path, token, values: () => valuesOf(object ?? {}) });
  }

  async function read(path: string, signal: AbortSignal, accept?: string): Promise<unknown> {
    const answer = await send({ method: "GET", path, signal, accept });
    return answer.status === 404 ? undefined : answer.json();
  }

  return {
    url,
    get: read,
    metadata: (path, signal) => read(path, signal, metadataAlone),
    async create(path, object, signal) {
      const answer = await send({ method: "POST", path, object, signal });
      if (answer.status === 409) return { kind: "exists" };
      if ([400, 404, 422].includes(answer.status)) return { kind: "rejected" };
      return { kind: "created", object: answer.json() };
    },
    async apply(path, object, manager, signal) {
      const query = `?fieldManager=${encodeURIComponent(manager)}&force=false`;
      const as = { accept: metadataAlone, type: "application/apply-patch+yaml" };
      const answer = await send({ method: "PATCH", path, query, object, signal, ...as });
      return applyRefusal(answer) ?? { kind: "applied", object: answer.json() };
    },
    close: () => client.close(),
  };
}
