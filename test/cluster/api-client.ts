import { Agent } from "undici";

/** An answer of the API server: its JSON where it is JSON. */
export interface ApiAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** The body as JSON. Throws where it is none. */
  json<T = Readonly<Record<string, unknown>>>(): T;
}

/** One request to an API server. */
export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the client's own. */
  readonly token?: string;
}

/** Calls to an API server as one user. */
export interface ApiClient {
  /** Answers whatever came back. */
  call(call: ApiCall): Promise<ApiAnswer>;
  /** The object at a path; undefined where there is none. Throws for any other status than 200. */
  get<T = Readonly<Record<string, unknown>>>(path: string): Promise<T | undefined>;
  /** Makes an object. Throws where that fails. */
  create<T = Readonly<Record<string, unknown>>>(path: string, object: object): Promise<T>;
  /** Merges into an object (RFC 7396). Throws where that fails. */
  patch(path: string, changes: object): Promise<void>;
  /** Deletes an object where it is there. */
  delete(path: string): Promise<void>;
  close(): Promise<void>;
}

/** A client with connections of its own. */
export function createApiClient(origin: string, caPem: string, token: string): ApiClient {
  const agent = new Agent({ connect: { ca: caPem } });
  const call = async ({ method, path, body, headers = {}, token: other }: ApiCall): Promise<ApiAnswer> => {
    const answer = await agent.request({
      ...{ origin, path, method: method as "GET" },
      headers: {
        ...{ authorization: `Bearer ${other ?? token}`, accept: "application/json" },
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    const contentType = String(answer.headers["content-type"] ?? "");
    return { status: answer.statusCode, contentType, text, json: () => JSON.parse(text) };
  };
  const must = async (wanted: ApiCall): Promise<ApiAnswer> => {
    const answer = await call(wanted);
    if (answer.status < 300) return answer;
    throw new Error(`${wanted.method} ${wanted.path} answered ${answer.status}: ${answer.text.slice(0, 1024)}`);
  };
  return {
    call,
    get: async (path) => {
      const answer = await call({ method: "GET", path });
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw new Error(`GET ${path} answered ${answer.status}: ${answer.text}`);
      return answer.json();
    },
    create: async (path, object) => (await must({ method: "POST", path, body: object })).json(),
    patch: async (path, changes) => {
      const headers = { "content-type": "application/merge-patch+json" };
      await must({ method: "PATCH", path, body: changes, headers });
    },
    delete: async (path) => {
      const { status, text } = await call({ method: "DELETE", path });
      if (status >= 300 && status !== 404) throw new Error(`DELETE ${path} answered ${status}: ${text}`);
    },
    close: () => agent.destroy(),
  };
}
