import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TokenIssuer } from "../tokens.ts";
import { createAuthority } from "./certificates.ts";
import {
  applyObject,
  type ClassSpec,
  type ClusterObjects,
  type ClusterPod,
  createObject,
  getObject,
  leavesOf,
} from "./kubernetes-objects.ts";
import { forbidden, isGranted, neededRight, type Right } from "./kubernetes-rbac.ts";
import { refusedForm } from "./kubernetes-requests.ts";
import { dataOf, StoredSecrets } from "./kubernetes-secrets.ts";
import { notFound, status, unlessEmpty } from "./kubernetes-status.ts";
import { type Answer, type RecordedRequest, startScripted } from "./scripted.ts";

/** A service account as the API shows it. */
interface ServiceAccount {
  readonly uid?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** `down`: connections are cut; `hang`: no answer; a number: every request gets this status, with `Retry-After` where one is given. */
type ApiFault = "none" | "down" | "hang" | number | { readonly status: number; readonly retryAfter: string };

/** Latchkey's flags about the Kubernetes API. */
export type ApiFlags = Readonly<Record<"kubernetesApi" | "kubernetesTokenFile" | "kubernetesCaFile", string>>;

/** A test's own Kubernetes API server, strict about what it serves. */
export interface KubernetesApi {
  readonly url: string;
  readonly caPem: string;
  /** The bearer token that it accepts. */
  readonly token: string;
  readonly requests: readonly RecordedRequest[];
  setServiceAccount(namespace: string, name: string, account: ServiceAccount): void;
  /** A pod that runs as a service account, so that tokens may be bound to it. */
  setPod(namespace: string, name: string, pod: ClusterPod): void;
  setNode(name: string, labels: Readonly<Record<string, string>>): void;
  /** Makes or replaces a SecretProviderClass; a new one has a new uid, undefined removes it and what it owns. */
  setClass(namespace: string, name: string, spec: ClassSpec | undefined): void;
  /** Every Secret, with its field managers, and what the cluster has against those of a namespace. */
  readonly secrets: StoredSecrets;
  /** Only these rights are granted from now on; without any list, all are. */
  setRights(rights: readonly Right[] | undefined): void;
  /** Makes or replaces a Secret; values in base64, undefined removes it. */
  setSecret(namespace: string, name: string, data: Readonly<Record<string, string>> | undefined): void;
  /** The data of a Secret, values in base64. */
  secret(namespace: string, name: string): Readonly<Record<string, string>> | undefined;
  setFault(fault: ApiFault): void;
  /** Signs with the first of these from now on, and shows the keys of all. */
  useIssuers(issuer: TokenIssuer, ...others: readonly TokenIssuer[]): void;
  /** Accepts this token from now on, and no other. */
  acceptToken(token: string): void;
  /** Writes `token`, `ca.crt` and `namespace` as a service account volume holds them. Returns Latchkey's flags for this API. */
  writeCredentials(directory: string): Promise<ApiFlags>;
  stop(): Promise<void>;
}

interface State extends ClusterObjects {
  issuer: TokenIssuer;
  shownIssuers: readonly TokenIssuer[];
  readonly accounts: Map<string, ServiceAccount>;
  token: string;
  fault: ApiFault;
  rights: readonly Right[] | undefined;
  versions: number;
}

/**
 * Serves over TLS: the issuer's keys and discovery document, single service accounts, pods and nodes, Secrets that are read or made,
 * TokenRequests and TokenReviews. Anything else is a 404 Status; of Latchkey's, a 501 that no test can take for an answer.
 */
export async function startKubernetes(issuer: TokenIssuer): Promise<KubernetesApi> {
  const authority = await createAuthority("Kubernetes test authority");
  const maps = { accounts: new Map(), pods: new Map(), nodes: new Map(), classes: new Map() };
  const objects = { ...maps, secrets: new StoredSecrets() };
  const rest = { token: randomUUID(), fault: "none", rights: undefined, versions: 1 } as const;
  const state: State = { issuer, shownIssuers: [issuer], ...objects, ...rest };
  const server = await startScripted((request) => answer(state, request), { tls: await authority.issue() });
  return {
    url: server.url,
    caPem: authority.caPem,
    get token() {
      return state.token;
    },
    requests: server.requests,
    setServiceAccount: (namespace, name, account) => {
      state.accounts.set(`${namespace}/${name}`, { uid: randomUUID(), ...account });
    },
    setPod: (namespace, name, pod) => {
      state.pods.set(`${namespace}/${name}`, pod);
    },
    setNode: (name, labels) => {
      state.nodes.set(name, labels);
    },
    setSecret: (namespace, name, data) => {
      state.secrets.delete(`${namespace}/${name}`);
      if (data !== undefined) state.secrets.edit(`${namespace}/${name}`, leavesOf(data));
    },
    secret: (namespace, name) => {
      const stored = state.secrets.get(`${namespace}/${name}`);
      return stored && dataOf(stored);
    },
    secrets: state.secrets,
    setClass: (namespace, name, spec) => setClass(state, `${namespace}/${name}`, spec),
    setRights: (rights) => {
      state.rights = rights;
    },
    setFault: (fault) => {
      state.fault = fault;
    },
    useIssuers: (next, ...others) => {
      state.issuer = next;
      state.shownIssuers = [next, ...others];
    },
    acceptToken: (token) => {
      state.token = token;
    },
    writeCredentials: async (directory) => {
      const [kubernetesTokenFile, kubernetesCaFile] = [join(directory, "token"), join(directory, "ca.crt")];
      await writeFile(kubernetesTokenFile, state.token);
      await writeFile(kubernetesCaFile, authority.caPem);
      await writeFile(join(directory, "namespace"), "kube-system");
      return { kubernetesApi: server.url, kubernetesTokenFile, kubernetesCaFile };
    },
    stop: server.stop,
  };
}

function setClass({ classes, secrets, ...state }: State, key: string, spec: ClassSpec | undefined): void {
  const before = classes.get(key);
  if (spec === undefined) {
    classes.delete(key);
    if (before !== undefined) secrets.collect(before.uid);
    return;
  }
  const generation = (before?.generation ?? 0) + 1;
  const uid = before?.uid ?? randomUUID();
  classes.set(key, { ...spec, uid, generation, resourceVersion: String(state.versions + generation) });
}

const ACCOUNT = /^\/api\/v1\/namespaces\/([^/]+)\/serviceaccounts\/([^/]+)$/;

function answer(state: State, request: RecordedRequest): Answer | Promise<Answer> {
  if (state.fault === "down") return "reset";
  if (state.fault === "hang") return "hang";
  const refused = refusedForm(request);
  if (refused !== undefined) return refused;
  if (request.headers.authorization !== `Bearer ${state.token}`) return status(401, "Unauthorized", "Unauthorized");
  if (state.fault !== "none") return failure(state.fault, request);
  const needed = neededRight(request);
  const rights = state.rights ?? (needed === undefined ? [] : [needed, { ...needed, verb: "create" as const }]);
  if (needed !== undefined && !isGranted(rights, needed)) return forbidden(needed, nameIn(request));
  return serve(state, request, needed !== undefined && isGranted(rights, { ...needed, verb: "create" }));
}

/** The name of the one object that a path leads to, or to a part of. */
function nameIn({ path }: RecordedRequest): string | undefined {
  return /\/(?:namespaces\/[^/]+\/)?(?:secrets|serviceaccounts|pods|nodes|secretproviderclasses)\/([^/]+)/.exec(
    path,
  )?.[1];
}

function serve(state: State, request: RecordedRequest, mayCreate: boolean): Answer | Promise<Answer> {
  if (request.method === "PATCH") return applyObject(state, request, mayCreate);
  if (request.method === "POST") return createObject(state, request);
  if (request.method !== "GET") return status(405, "MethodNotAllowed", `${request.method} is not allowed here`);
  if (request.path === "/openid/v1/jwks") return keys(state.shownIssuers, request);
  if (request.path === "/.well-known/openid-configuration") return { body: discovery(state.issuer) };
  const [, namespace, name] = ACCOUNT.exec(request.path) ?? [];
  if (namespace === undefined || name === undefined) return getObject(state, request);
  return account(state, decodeURIComponent(namespace), decodeURIComponent(name));
}

function failure(fault: Exclude<ApiFault, string>, request: RecordedRequest): Answer {
  const code = typeof fault === "number" ? fault : fault.status;
  const needed = neededRight(request);
  if (code === 403 && needed !== undefined) return forbidden(needed, nameIn(request));
  const answer = status(code, reasonOf(code), describe(code, request));
  if (typeof fault === "number" || typeof answer === "string") return answer;
  return { ...answer, headers: { "retry-after": fault.retryAfter } };
}

/** Keys are a format of their own: who accepts JSON alone gets none. */
function keys(issuers: readonly TokenIssuer[], { headers }: RecordedRequest): Answer {
  const type = "application/jwk-set+json";
  const accepted = (headers.accept ?? "*/*").split(",").map((each) => each.split(";", 1)[0]?.trim());
  if (!accepted.some((each) => each === type || each === "*/*" || each === "application/*")) {
    const message = `406: Not Acceptable\n\nAvailable representations: ${type}`;
    return status(406, "NotAcceptable", message, {});
  }
  return { headers: { "content-type": type }, body: { keys: issuers.flatMap((issuer) => issuer.jwks().keys) } };
}

function discovery({ issuer, jwks }: TokenIssuer): object {
  return {
    issuer,
    jwks_uri: `${issuer}/openid/v1/jwks`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: jwks().keys.map(({ alg }) => alg),
  };
}

function account(state: State, namespace: string, name: string): Answer {
  const found = state.accounts.get(`${namespace}/${name}`);
  if (found === undefined) return notFound("serviceaccounts", name);
  const { uid, annotations } = found;
  const metadata = { name, namespace, uid, ...unlessEmpty("annotations", annotations ?? {}) };
  return { body: { kind: "ServiceAccount", apiVersion: "v1", metadata } };
}

function reasonOf(code: number): string {
  const reasons = new Map([
    [401, "Unauthorized"],
    [403, "Forbidden"],
    [404, "NotFound"],
    [429, "TooManyRequests"],
    [503, "ServiceUnavailable"],
  ]);
  return reasons.get(code) ?? "InternalError";
}

function describe(code: number, { path }: RecordedRequest): string {
  if (code !== 403) return "the request cannot be served now";
  return `forbidden: User "system:serviceaccount:kube-system:latchkey" cannot get path "${path}"`;
}
