import type { IncomingHttpHeaders } from "node:http";
import { status } from "./kubernetes-status.ts";
import type { Answer, RecordedRequest } from "./scripted.ts";

/** The parts of a request that decide which form it has. */
export type FormedRequest = Pick<RecordedRequest, "method" | "path" | "query"> & {
  readonly headers: Pick<IncomingHttpHeaders, "accept" | "content-type">;
};

/** One form: what a request of that form has, whichever object it is about. */
interface Form {
  readonly method: string;
  readonly path: RegExp;
  readonly accept: string;
  readonly type?: string;
  readonly query?: readonly string[];
}

const json = "application/json";
/** How Latchkey asks for an object's metadata alone. */
export const metadataAlone = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const keys = /^\/openid\/v1\/jwks$/;
const inNamespace = "^/api/v1/namespaces/[^/]+/";
const secret = new RegExp(`${inNamespace}secrets/[^/]+$`);

/**
 * Every request that Latchkey makes to the API server, as `test/cluster/played.test.ts` holds it against the real one. The
 * played server refuses any other of Latchkey's, so that no test can be green on an answer that the real one does not give.
 */
const forms: ReadonlyMap<string, Form> = new Map([
  ["the keys", { method: "GET", path: keys, accept: `${json}, application/jwk-set+json` }],
  ["the keys as plain JSON", { method: "GET", path: keys, accept: json }],
  ["the discovery document", { method: "GET", path: /^\/\.well-known\/openid-configuration$/, accept: json }],
  ["a service account", get(new RegExp(`${inNamespace}serviceaccounts/[^/]+$`))],
  ["a pod", get(new RegExp(`${inNamespace}pods/[^/]+$`))],
  ["a node", get(/^\/api\/v1\/nodes\/[^/]+$/)],
  ["a class", get(/^\/apis\/secrets-store\.csi\.x-k8s\.io\/v1\/namespaces\/[^/]+\/secretproviderclasses\/[^/]+$/)],
  ["a Secret", get(secret)],
  ["a Secret's metadata", { method: "GET", path: secret, accept: metadataAlone }],
  ["a new Secret", post(new RegExp(`${inNamespace}secrets$`))],
  ["a token", post(new RegExp(`${inNamespace}serviceaccounts/[^/]+/token$`))],
  [
    "an applied Secret",
    {
      ...{ method: "PATCH", path: secret, accept: metadataAlone, type: "application/apply-patch+yaml" },
      query: ["fieldManager=latchkey", "force=false"],
    },
  ],
]);

function get(path: RegExp): Form {
  return { method: "GET", path, accept: json };
}

function post(path: RegExp): Form {
  return { method: "POST", path, accept: json, type: json };
}

/** The names of all forms. */
export const heldForms: readonly string[] = [...forms.keys()];

/** The name of a request's form; undefined for one that nobody has held against the real API server. */
export function formOf({ method, path, query, headers }: FormedRequest): string | undefined {
  const asked = [...query].map(([name, value]) => `${name}=${value}`).join("&");
  const [name] =
    [...forms].find(
      ([, form]) =>
        form.method === method &&
        form.path.test(path) &&
        form.accept === headers.accept &&
        form.type === headers["content-type"] &&
        (form.query ?? []).join("&") === asked,
    ) ?? [];
  return name;
}

/** The refusal of a request of Latchkey's that has no form; undefined for those that have one, and for anybody else's. */
export function refusedForm(request: RecordedRequest): Answer | undefined {
  if (!request.headers["user-agent"]?.startsWith("latchkey/") || formOf(request) !== undefined) return undefined;
  const what = `${request.method} ${request.url} (accept ${request.headers.accept})`;
  const fix = "give it a form in test/servers/kubernetes-requests.ts, and a row in test/cluster/requests.ts";
  return status(501, "NotImplemented", `nobody has held this request against the real API server: ${what}; ${fix}`);
}
