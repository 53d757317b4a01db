import * as z from "zod";
import type { TokenIssuer } from "../tokens.ts";
import { metadataAlone } from "./kubernetes-requests.ts";
import { dataOf, metadataOf, type StoredSecret, type StoredSecrets } from "./kubernetes-secrets.ts";
import { notFound, status, unlessEmpty } from "./kubernetes-status.ts";
import { REVIEWS, reviewToken } from "./kubernetes-token-review.ts";
import type { Answer, RecordedRequest } from "./scripted.ts";

/** A pod that runs as a service account; `node` is where, once it is scheduled. */
export interface ClusterPod {
  readonly uid: string;
  readonly serviceAccount: string;
  readonly node?: string;
  readonly phase?: string;
}

/** The objects of a cluster that can be read, made or bound to, by `namespace/name`. */
export interface ClusterObjects {
  /** Signs tokens. */
  readonly issuer: TokenIssuer;
  readonly accounts: Map<string, unknown>;
  readonly pods: Map<string, ClusterPod>;
  /** Labels by node. */
  readonly nodes: Map<string, Readonly<Record<string, string>>>;
  readonly secrets: StoredSecrets;
  readonly classes: Map<string, StoredClass>;
}

/** The spec of a SecretProviderClass, whose schema lets everything be absent. */
export interface ClassSpec {
  readonly provider?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A SecretProviderClass as it is stored. */
interface StoredClass extends ClassSpec {
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
}

const SECRETS = /^\/api\/v1\/namespaces\/([^/]+)\/secrets(?:\/([^/]+))?$/;
const CLASS = /^\/apis\/secrets-store\.csi\.x-k8s\.io\/v1\/namespaces\/([^/]+)\/secretproviderclasses\/([^/]+)$/;
const POD = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)$/;
const NODE = /^\/api\/v1\/nodes\/([^/]+)$/;
const TOKEN = /^\/api\/v1\/namespaces\/([^/]+)\/serviceaccounts\/([^/]+)\/token$/;

const newSecret = z.strictObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("Secret"),
  metadata: z.strictObject({ name: z.string(), namespace: z.string() }),
  immutable: z.literal(true),
  data: z.record(z.string(), z.base64()),
});

const tokenRequest = z.strictObject({
  apiVersion: z.literal("authentication.k8s.io/v1"),
  kind: z.literal("TokenRequest"),
  spec: z.strictObject({
    audiences: z.array(z.string()),
    expirationSeconds: z.int().min(600),
    boundObjectRef: z.strictObject({
      apiVersion: z.literal("v1"),
      kind: z.literal("Pod"),
      name: z.string(),
      uid: z.string(),
    }),
  }),
});

/** One Secret, SecretProviderClass, pod or node, or a 404. */
export function getObject(cluster: ClusterObjects, { path, headers }: RecordedRequest): Answer {
  if (CLASS.test(path)) return getClass(cluster, path);
  if (POD.test(path)) return getPod(cluster, path);
  if (NODE.test(path)) return getNode(cluster, path);
  const [, namespace, name] = SECRETS.exec(path) ?? [];
  if (name === undefined) return status(404, "NotFound", "the server could not find the requested resource");
  const key = `${namespace}/${name}`;
  const stored = cluster.secrets.get(key);
  if (stored === undefined) return notFound("secrets", name);
  return { body: headers.accept === metadataAlone ? metadataOf(key, stored) : secretOf(key, stored) };
}

/** Applies a Secret. An answer with values is refused: nobody here needs one. */
export function applyObject(cluster: ClusterObjects, request: RecordedRequest, mayCreate: boolean): Answer {
  const [, namespace, name] = SECRETS.exec(request.path) ?? [];
  if (name === undefined) return status(404, "NotFound", "the server could not find the requested resource");
  if (request.headers["content-type"] !== "application/apply-patch+yaml" || request.headers.accept !== metadataAlone) {
    return status(415, "UnsupportedMediaType", "only server-side apply that answers metadata is allowed here");
  }
  return cluster.secrets.apply(`${namespace}/${name}`, request, mayCreate);
}

/** A Secret with its values. */
function secretOf(key: string, stored: StoredSecret): object {
  const { metadata } = metadataOf(key, stored);
  const [type, immutable] = [stored.leaves.get("type"), stored.leaves.get("immutable")];
  const rest = { ...(immutable === undefined ? {} : { immutable: immutable === "true" }), type };
  return { kind: "Secret", apiVersion: "v1", metadata, ...unlessEmpty("data", dataOf(stored)), ...rest };
}

function getClass({ classes }: ClusterObjects, path: string): Answer {
  const [, namespace, name = ""] = CLASS.exec(path) ?? [];
  const found = classes.get(`${namespace}/${name}`);
  if (found === undefined) return notFound("secretproviderclasses", name, "secrets-store.csi.x-k8s.io");
  const { uid, generation, resourceVersion, provider, parameters } = found;
  const metadata = { name, namespace, uid, generation, resourceVersion };
  const spec = { ...(provider === undefined ? {} : { provider }), ...unlessEmpty("parameters", parameters ?? {}) };
  const own = { kind: "SecretProviderClass", apiVersion: "secrets-store.csi.x-k8s.io/v1", metadata };
  return { body: { ...own, ...unlessEmpty("spec", spec) } };
}

function getPod({ pods }: ClusterObjects, path: string): Answer {
  const [, namespace, name = ""] = POD.exec(path) ?? [];
  const pod = pods.get(`${namespace}/${name}`);
  if (pod === undefined) return notFound("pods", name);
  const { uid, serviceAccount: serviceAccountName, node, phase = "Pending" } = pod;
  const spec = { serviceAccountName, ...(node === undefined ? {} : { nodeName: node }) };
  return { body: { kind: "Pod", apiVersion: "v1", metadata: { name, namespace, uid }, spec, status: { phase } } };
}

function getNode({ nodes }: ClusterObjects, path: string): Answer {
  const [, name = ""] = NODE.exec(path) ?? [];
  const labels = nodes.get(name);
  if (labels === undefined) return notFound("nodes", name);
  return { body: { kind: "Node", apiVersion: "v1", metadata: { name, ...unlessEmpty("labels", labels) } } };
}

/** Makes a Secret, a token or the review of one, as strict as the API server about what it is asked. */
export async function createObject(cluster: ClusterObjects, request: RecordedRequest): Promise<Answer> {
  if (request.headers["content-type"] !== "application/json") {
    return status(415, "UnsupportedMediaType", "the body must be JSON");
  }
  if (request.path === REVIEWS) return await reviewToken(cluster.issuer, request);
  if (TOKEN.test(request.path)) return await createToken(cluster, request);
  if (SECRETS.test(request.path)) return createSecret(cluster, request);
  return status(404, "NotFound", "the server could not find the requested resource");
}

function createSecret({ secrets }: ClusterObjects, { path, body, headers }: RecordedRequest): Answer {
  const [, namespace] = SECRETS.exec(path) ?? [];
  const parsed = newSecret.safeParse(JSON.parse(body));
  if (!parsed.success || parsed.data.metadata.namespace !== namespace) return invalid();
  const { metadata, data } = parsed.data;
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(metadata.name)) return invalid();
  const key = `${namespace}/${metadata.name}`;
  if (secrets.get(key) !== undefined) {
    const { name } = metadata;
    return status(409, "AlreadyExists", `secrets "${name}" already exists`, { name, kind: "secrets" });
  }
  const refusal = secrets.refusal(key, data);
  if (refusal !== undefined) return refusal;
  // Who names no field manager is known by the first word of the user agent.
  const manager = headers["user-agent"]?.split("/", 1)[0] ?? "unknown";
  secrets.edit(key, { ...leavesOf(data), type: "Opaque", immutable: "true" }, manager);
  const stored = secrets.get(key);
  return stored === undefined ? invalid() : { status: 201, body: secretOf(key, stored) };
}

async function createToken(cluster: ClusterObjects, { path, body }: RecordedRequest): Promise<Answer> {
  const [, namespace = "", account = ""] = TOKEN.exec(path) ?? [];
  const parsed = tokenRequest.safeParse(JSON.parse(body));
  if (!parsed.success) return invalid();
  const { audiences, expirationSeconds, boundObjectRef } = parsed.data.spec;
  const pod = cluster.pods.get(`${namespace}/${boundObjectRef.name}`);
  if (!cluster.accounts.has(`${namespace}/${account}`)) {
    return notFound("serviceaccounts", account);
  }
  if (pod === undefined) return notFound("pods", boundObjectRef.name);
  if (pod.serviceAccount !== account) {
    const what = `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`;
    return status(400, "BadRequest", what);
  }
  if (pod.uid !== boundObjectRef.uid) {
    const { name, uid } = boundObjectRef;
    const what = `the UID in the bound object reference (${uid}) does not match the UID in record`;
    return status(409, "Conflict", `Operation cannot be fulfilled on Pod "${name}": ${what}`, { name, kind: "Pod" });
  }
  const token = await cluster.issuer.token({
    ...{ namespace, serviceAccount: account, expiresInSeconds: expirationSeconds },
    ...{ podName: boundObjectRef.name, podUid: pod.uid },
    audience: audiences.length === 0 ? cluster.issuer.issuer : audiences,
  });
  const expirationTimestamp = `${new Date(Date.now() + expirationSeconds * 1000).toISOString().slice(0, 19)}Z`;
  return { status: 201, body: { ...parsed.data, status: { token, expirationTimestamp } } };
}

function invalid(): Answer {
  return status(422, "Invalid", "the object is invalid");
}

/** The leaves of a Secret's data. */
export function leavesOf(data: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [`data/${key}`, value]));
}
