import { formOf, metadataAlone } from "../servers/kubernetes-requests.ts";
import type { ApiCall } from "./api-client.ts";

/** The objects of a world that requests name. */
export interface NamedObjects {
  readonly podUid: string;
  readonly classUid: string;
  readonly classVersion: string;
  /** `uid` and `resourceVersion` of a Secret as it is now. */
  seen(name: string): Promise<{ readonly uid: string; readonly resourceVersion: string }>;
}

/** Path of the SecretProviderClasses and of the Secrets of `shop`. */
export const [classes, secrets] = [
  "/apis/secrets-store.csi.x-k8s.io/v1/namespaces/shop/secretproviderclasses",
  "/api/v1/namespaces/shop/secrets",
];

/** Encodes a Secret's value. */
export const base64 = (text: string) => Buffer.from(text).toString("base64");

type Request = (world: NamedObjects) => ApiCall | Promise<ApiCall>;

function get(path: string, accept?: string): Request {
  return () => ({ method: "GET", path, ...(accept === undefined ? {} : { headers: { accept } }) });
}

function createToken(account: string, pod: string, uid?: string, audiences: readonly string[] = ["vault"]): Request {
  return ({ podUid }) => ({
    method: "POST",
    path: `/api/v1/namespaces/shop/serviceaccounts/${account}/token`,
    body: {
      ...{ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" },
      spec: {
        audiences,
        expirationSeconds: 900,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name: pod, uid: uid ?? podUid },
      },
    },
  });
}

function createSecret(name: string, over: object = {}): Request {
  const metadata = { name, namespace: "shop" };
  const body = { apiVersion: "v1", kind: "Secret", metadata, immutable: true, data: { key: base64("k") }, ...over };
  return () => ({ method: "POST", path: secrets, body });
}

/** `over` goes over the whole object, `version` over its metadata. */
function apply(
  name: string,
  { over = {}, version }: { over?: object; version: (world: NamedObjects) => object | Promise<object> },
): Request {
  return async (world) => ({
    method: "PATCH",
    path: `${secrets}/${name}?fieldManager=latchkey&force=false`,
    headers: { accept: metadataAlone, "content-type": "application/apply-patch+yaml" },
    body: JSON.stringify({
      ...{ apiVersion: "v1", kind: "Secret", type: "Opaque", data: { password: base64("p") } },
      metadata: {
        ...{ name, namespace: "shop", labels: { "app.kubernetes.io/managed-by": "latchkey" } },
        annotations: { "latchkey.dev/content": "digest" },
        ownerReferences: [
          {
            ...{ apiVersion: "secrets-store.csi.x-k8s.io/v1", kind: "SecretProviderClass" },
            ...{ name: "db", uid: world.classUid },
          },
        ],
        ...(await version(world)),
      },
      ...over,
    }),
  });
}

const createOnly = ({ classVersion }: NamedObjects) => ({ resourceVersion: classVersion });
const overSeen =
  (name: string) =>
  async ({ seen }: NamedObjects) => {
    const { uid, resourceVersion } = await seen(name);
    return { uid, resourceVersion };
  };

const overOlder = (name: string) => async (world: NamedObjects) => ({
  ...(await overSeen(name)(world)),
  resourceVersion: world.classVersion,
});

const json = "application/json";
/** Every request that Latchkey makes, with the status that the API server answers it with. */
export const requests: readonly (readonly [what: string, status: number, request: Request])[] = [
  ["the keys", 200, get("/openid/v1/jwks", "application/json, application/jwk-set+json")],
  ["the keys as plain JSON", 406, get("/openid/v1/jwks", json)],
  ["the discovery document", 200, get("/.well-known/openid-configuration", json)],
  ["an account with an annotation", 200, get("/api/v1/namespaces/shop/serviceaccounts/payments")],
  ["an account without one", 200, get("/api/v1/namespaces/shop/serviceaccounts/bare")],
  ["an account that is missing", 404, get("/api/v1/namespaces/shop/serviceaccounts/nobody")],
  ["a pod", 200, get("/api/v1/namespaces/shop/pods/web-0")],
  ["a pod that is missing", 404, get("/api/v1/namespaces/shop/pods/ghost")],
  ["a node", 200, get("/api/v1/nodes/node-1")],
  ["a node that is missing", 404, get("/api/v1/nodes/ghost")],
  ["a class", 200, get(`${classes}/db`)],
  ["a class without parameters", 200, get(`${classes}/empty`)],
  ["a class that is missing", 404, get(`${classes}/ghost`)],
  ["a Secret", 200, get(`${secrets}/theirs`)],
  ["a Secret's metadata", 200, get(`${secrets}/theirs`, metadataAlone)],
  ["a Secret that is missing", 404, get(`${secrets}/ghost`)],
  ["the metadata of a Secret that is missing", 404, get(`${secrets}/ghost`, metadataAlone)],
  ["a token for a pod", 201, createToken("payments", "web-0")],
  ["a token for the API server itself", 201, createToken("payments", "web-0", undefined, [])],
  ["a token of a missing account", 404, createToken("nobody", "web-0")],
  ["a token for a missing pod", 404, createToken("payments", "ghost", "none")],
  ["a token for a pod of another uid", 409, createToken("payments", "web-0", "00000000-0000-0000-0000-000000000000")],
  ["a token for a pod of another account", 400, createToken("bare", "web-0")],
  ["a new Secret", 201, createSecret("key")],
  ["a Secret that is there", 409, createSecret("key")],
  ["a Secret of a bad name", 422, createSecret("Not_A_Name")],
  ["an apply that makes a Secret", 201, apply("made", { version: createOnly })],
  ["the metadata of what an apply made", 200, get(`${secrets}/made`, metadataAlone)],
  ["an apply that may only make, over one that is there", 409, apply("made", { version: createOnly })],
  ["an apply over the version that was seen", 200, apply("made", { version: overSeen("made") })],
  ["an apply over another version", 409, apply("made", { version: overOlder("made") })],
  [
    "an apply over fields of another manager",
    409,
    apply("theirs", { version: overSeen("theirs"), over: { data: { password: base64("mine") } } }),
  ],
  ["an apply of another type", 422, apply("made", { version: overSeen("made"), over: { type: "kubernetes.io/tls" } })],
  [
    "an apply of a type without its keys",
    422,
    apply("tls", { version: createOnly, over: { type: "kubernetes.io/tls" } }),
  ],
  [
    "an apply of a key that is not one",
    422,
    apply("bad-key", { version: createOnly, over: { data: { "a/b": base64("p") } } }),
  ],
  [
    "anything with a token that is not one",
    401,
    () => ({ method: "GET", path: "/api/v1/nodes/node-1", token: "nonsense" }),
  ],
];

/** For looking at a request that is not sent. */
const nowhere = {
  ...{ podUid: "", classUid: "", classVersion: "" },
  seen: async () => ({ uid: "", resourceVersion: "" }),
};

/** Returns the form of each request of the table, once; undefined among them if one has none. */
export async function formsOfRequests(): Promise<readonly (string | undefined)[]> {
  const asked = requests.map(async ([, , request]) => formOfCall(await request(nowhere)));
  return [...new Set(await Promise.all(asked))];
}

function formOfCall({ method, path, headers }: ApiCall): string | undefined {
  const { pathname, searchParams } = new URL(path, "https://api.example");
  const type = method === "POST" ? { "content-type": json } : {};
  return formOf({ method, path: pathname, query: searchParams, headers: { accept: json, ...type, ...headers } });
}
