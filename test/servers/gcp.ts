import { exportPKCS8, exportSPKI, generateKeyPair } from "jose";
import { frontEndPage, googleError } from "./gcp/errors.ts";
import { decryptByKey } from "./gcp/kms.ts";
import {
  callerOf,
  exchangeToken,
  generateAccessToken,
  oauthToken,
  readMetadata,
  unauthenticated,
} from "./gcp/logins.ts";
import { listParameters, listVersions, renderVersion } from "./gcp/parameters.ts";
import { accessVersion, listSecrets, unnumbered } from "./gcp/secrets.ts";
import { emptyState, type GcpState, type StoredSecret } from "./gcp/state.ts";
import { type Answer, type RecordedRequest, type ScriptedServer, startScripted } from "./scripted.ts";

/** A Google Cloud that is played: token service, service accounts, metadata server, Secret Manager, Parameter Manager. */
export interface GcpServer {
  readonly url: string;
  readonly server: ScriptedServer;
  readonly state: GcpState;
  /** Adds a version and returns its number; the secret is made first if it is new. */
  addSecret(name: string, data: string | Uint8Array, options?: SecretOptions): number;
  /** Puts a version of a parameter. */
  putParameter(
    name: string,
    version: string,
    data: string,
    options?: SecretOptions & { readonly format?: "JSON" | "YAML" },
  ): void;
  /** Makes the key file of a service account; `at` is the server that it names. */
  keyFile(email: string, at?: string): Promise<string>;
  /** Answers the next requests whose path fits so, before anything else is looked at. */
  answerNext(path: RegExp, answer: Answer, times?: number): void;
  /** Forgets those answers. */
  answerNormally(): void;
  /** How many requests came whose path fits. */
  count(path: RegExp): number;
  stop(): Promise<void>;
}

/** Where a resource is; default the project `shop-prod`, global. */
interface SecretOptions {
  readonly project?: string;
  readonly location?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The pool and provider of the played cluster. */
export const clusterPool = "shop-prod.svc.id.goog";
export const clusterProvider =
  "https://container.googleapis.com/v1/projects/shop-prod/locations/europe-west1/clusters/shop";

/** A provider of a workload identity pool, for clusters elsewhere. */
export const federation =
  "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/elsewhere/providers/k8s";

/** The operator's options that lead everything to a server, each service and location by a path of its own. */
export function gcpEndpoints(url: string) {
  return {
    gcpEndpoint: `${url}/at/global/{service}`,
    gcpRegionalEndpoint: `${url}/at/{location}/{service}`,
    gcpMetadataHost: new URL(url).host,
  };
}

/** Starts it on 127.0.0.1. */
export async function startGcp(
  options: { readonly tls?: Parameters<typeof startScripted>[1] } = {},
): Promise<GcpServer> {
  const state = emptyState();
  state.pools.set(`identitynamespace:${clusterPool}:${clusterProvider}`, clusterPool);
  state.pools.set(federation, federation);
  for (const [path, value] of usualMetadata) state.metadata.set(path, value);
  const next: { readonly path: RegExp; readonly answer: Answer; left: number }[] = [];
  const server = await startScripted((request) => {
    const scripted = next.find(({ path, left }) => left > 0 && path.test(request.path));
    if (scripted === undefined) return answer(request, state);
    scripted.left -= 1;
    return scripted.answer;
  }, options.tls);
  return {
    url: server.url,
    server,
    state,
    addSecret: (name, data, where = {}) => addSecret(state, name, data, where),
    putParameter: (name, version, data, where = {}) => putParameter(state, name, version, data, where),
    keyFile: (email, at = server.url) => makeKeyFile(state, email, at),
    answerNext: (path, given, times = 1) => next.unshift({ path, answer: given, left: times }),
    answerNormally: () => {
      next.length = 0;
    },
    count: (path) => server.requests.filter((request) => path.test(request.path)).length,
    stop: () => server.stop(),
  };
}

const usualMetadata: readonly (readonly [string, string])[] = [
  ["project/project-id", "shop-prod"],
  ["project/numeric-project-id", "123456789012"],
  ["instance/attributes/cluster-location", "europe-west1"],
  ["instance/attributes/cluster-name", "shop"],
];

function addSecret(state: GcpState, id: string, data: string | Uint8Array, where: SecretOptions): number {
  const { project = "shop-prod", location = "global", labels = {} } = where;
  const name = `projects/${project}${location === "global" ? "" : `/locations/${location}`}/secrets/${id}`;
  const secret: StoredSecret = state.secrets.get(name) ?? { labels, versions: [], aliases: new Map<string, number>() };
  state.secrets.set(name, secret);
  return secret.versions.push({ data: Buffer.from(data), state: "ENABLED" });
}

let clock = Date.UTC(2026, 0, 1);

function putParameter(
  state: GcpState,
  id: string,
  version: string,
  data: string,
  {
    project = "shop-prod",
    location = "global",
    labels = {},
    format,
  }: SecretOptions & { readonly format?: "JSON" | "YAML" },
): void {
  const name = `projects/${project}/locations/${location}/parameters/${id}`;
  const parameter = state.parameters.get(name) ?? { labels, format: format ?? "UNFORMATTED", versions: new Map() };
  state.parameters.set(name, parameter);
  clock += 1_000;
  parameter.versions.set(version, {
    data: Buffer.from(data),
    createTime: new Date(clock).toISOString(),
    disabled: false,
  });
}

async function makeKeyFile(state: GcpState, email: string, at: string): Promise<string> {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  state.keys.set(email, await exportSPKI(publicKey));
  return JSON.stringify({
    type: "service_account",
    project_id: "shop-prod",
    private_key_id: "key-1",
    private_key: await exportPKCS8(privateKey),
    client_email: email,
    client_id: "1",
    token_uri: `${at}/token`,
    universe_domain: "googleapis.com",
  });
}

/** `/at/LOCATION/SERVICE` stands for the host that was asked; official clients name none. */
function answer(request: RecordedRequest, state: GcpState): Answer | Promise<Answer> {
  const [, location, service, own] = /^\/at\/([^/]+)\/([^/]+)(\/.*)$/.exec(request.path) ?? [];
  const path = decodeURIComponent(own ?? request.path);
  const metadata = /^\/computeMetadata\/v1\/(.+)$/.exec(path)?.[1];
  if (metadata !== undefined) return readMetadata(request, metadata, state);
  if (/^\/v1\/(?:token|identitybindingtoken)$/.test(path)) return exchangeToken(request, state);
  if (path === "/token" || path === "/o/oauth2/token") return oauthToken(request, state);
  const account = /^\/v1\/projects\/-\/serviceAccounts\/([^/]+):generateAccessToken$/.exec(path)?.[1];
  if (account !== undefined) return generateAccessToken(request, account, state);
  const caller = callerOf(request, state);
  if (!path.startsWith("/v1/projects/")) return frontEndPage;
  const key = request.method === "POST" ? /^\/v1\/(.+\/cryptoKeys\/[^/:]+):decrypt$/.exec(path)?.[1] : undefined;
  if (request.method !== "GET" && key === undefined) return frontEndPage;
  if (caller === undefined) return unauthenticated;
  if (key !== undefined) return service === "cloudkms" ? decryptByKey(key, caller, request, state) : frontEndPage;
  return answerRead(unnumbered(path.slice("/v1/".length), state), { location, service, caller }, request, state);
}

interface Asked {
  readonly location: string | undefined;
  readonly service: string | undefined;
  readonly caller: string;
}

function answerRead(path: string, asked: Asked, request: RecordedRequest, state: GcpState): Answer {
  const { location, service, caller } = asked;
  const isParameter = /\/parameters(?:\/|$)/.test(path);
  if (service !== undefined && service !== (isParameter ? "parametermanager" : "secretmanager")) return frontEndPage;
  const place = /^projects\/[^/]+\/locations\/([^/]+)\//.exec(path)?.[1] ?? "global";
  // A host of one region knows what is there, and nothing else.
  if (location !== undefined && location !== place) {
    return googleError("INVALID_ARGUMENT", "Invalid resource field value in the request.");
  }
  if (state.readers !== undefined && !state.readers.has(caller)) return denial(path);
  const route = routes.find(([form]) => form.test(path));
  if (route === undefined) return frontEndPage;
  const [, parent = "", version = ""] = route[0].exec(path) ?? [];
  return route[1](parent, version, request, state);
}

type Route = (parent: string, version: string, request: RecordedRequest, state: GcpState) => Answer;

const routes: readonly (readonly [RegExp, Route])[] = [
  [
    /^(.+\/secrets\/[^/]+)\/versions\/([^/:]+):access$/,
    (name, version, _, state) => accessVersion(name, version, state),
  ],
  [
    /^(.+\/parameters\/[^/]+)\/versions\/([^/:]+):render$/,
    (name, version, _, state) => renderVersion(name, version, state),
  ],
  [/^(.+\/parameters\/[^/]+)\/versions$/, (name, _, request, state) => listVersions(name, request, state)],
  [/^(.+)\/secrets$/, (parent, _, request, state) => listSecrets(parent, request, state)],
  [/^(.+)\/parameters$/, (parent, _, request, state) => listParameters(parent, request, state)],
];

/** Google says the same of a secret that is not there. */
export function denial(path: string): Answer {
  const permission = path.includes("/parameters")
    ? "parametermanager.parameterVersions.render"
    : "secretmanager.versions.access";
  const resource = path.replace(/:(?:access|render)$/, "");
  return googleError(
    "PERMISSION_DENIED",
    `Permission '${permission}' denied for resource '${resource}' (or it may not exist).`,
    {
      reason: "IAM_PERMISSION_DENIED",
      metadata: { permission, resource },
    },
  );
}
