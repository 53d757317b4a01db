import { ProviderError } from "../errors.ts";
import { FormatError } from "../formats/format-error.ts";
import { isJsonObject, JsonNumber, type JsonValue, parseJson } from "../formats/json.ts";
import { Redacted } from "../redacted.ts";

const tokensKey = "csi.storage.k8s.io/serviceAccount.tokens";

/** etcd keeps an object below 1.5 MiB, so no honest request comes near (https://etcd.io/docs/v3.6/dev-guide/limit/). */
const longestAttributes = 8 * 1024 ** 2;

/** The four texts of a request that the driver fills. */
export interface WireRequest {
  readonly attributes: string;
  readonly secrets: string;
  readonly targetPath: string;
  readonly permission: string;
  /** The versions that the volume already has, as far as the driver tells. */
  readonly currentObjectVersion?: readonly unknown[];
}

/** One `Mount` call, read. */
export interface MountRequest {
  /** The SecretProviderClass's parameters under the pod's volume attributes, without the kubelet's keys. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Name of the SecretProviderClass; the driver's word, for logs. */
  readonly secretProviderClass: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Absent where no pod is behind the call (the sync controller). */
  readonly pod?: { readonly name: string; readonly uid: string };
  /** Service account tokens by audience, not yet verified. */
  readonly tokens: ReadonlyMap<string, Redacted<string>>;
  /** Data of nodePublishSecretRef. */
  readonly credentials?: Redacted<ReadonlyMap<string, string>>;
  /** Default mode of files, 0 to 0o777. */
  readonly mode: number;
  readonly targetPath: string;
}

/** Reads the driver's request. Throws `LK0002`, which names the part that is wrong and quotes nothing of it. */
export function parseRequest(wire: WireRequest): MountRequest {
  const attributes = parseStrings(wire.attributes, "attributes");
  const secrets = new Map(parseStrings(wire.secrets === "" ? "null" : wire.secrets, "secrets"));
  // Where the driver sends tokens in `secrets`, one among the attributes was written by a user.
  const tokens = secrets.get(tokensKey) ?? attributes.get(tokensKey) ?? "";
  secrets.delete(tokensKey);
  return {
    ...readKubeletKeys(attributes),
    parameters: readParameters(attributes),
    secretProviderClass: attributes.get("secretProviderClass") ?? "",
    tokens: parseTokens(tokens),
    ...(secrets.size === 0 ? {} : { credentials: new Redacted<ReadonlyMap<string, string>>(secrets) }),
    mode: parsePermission(wire.permission),
    targetPath: readTargetPath(wire.targetPath),
  };
}

function readParameters(attributes: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [key, value] of attributes) {
    if (!key.startsWith("csi.storage.k8s.io/") && key !== "secretProviderClass") parameters.set(key, value);
  }
  return parameters;
}

function readKubeletKeys(attributes: ReadonlyMap<string, string>) {
  const read = (key: string) => attributes.get(`csi.storage.k8s.io/${key}`) ?? "";
  const namespace = requireName(read("pod.namespace"), "pod.namespace");
  const serviceAccount = requireName(read("serviceAccount.name"), "serviceAccount.name");
  const [name, uid] = [read("pod.name"), read("pod.uid")];
  return { namespace, serviceAccount, ...(name === "" || uid === "" ? {} : { pod: { name, uid } }) };
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
function requireName(value: string, key: string): string {
  if (/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(value) && !value.includes("..")) return value;
  throw unreadable(`attributes hold no csi.storage.k8s.io/${key} that is a Kubernetes name`, {
    fix: "set podInfoOnMount: true in the CSIDriver object",
  });
}

function parseStrings(json: string, part: string): ReadonlyMap<string, string> {
  if (json.length > longestAttributes) throw unreadable(`${part} is longer than ${longestAttributes} characters`);
  if (json === "null") return new Map();
  const plain = plainStrings(json);
  if (plain !== undefined) return plain;
  const value = parsePart(json, part);
  if (value === null) return new Map();
  if (!isJsonObject(value)) throw unreadable(`${part} is not a JSON object`);
  return new Map([...value].map(([key, inner]) => [key, readString(inner, part)]));
}

/**
 * An object of texts as the engine's own parser reads it, ten times as fast; undefined for whatever that could read
 * otherwise than `parseJson`, or not at all: other values, and surrogates without a partner.
 */
function plainStrings(json: string): ReadonlyMap<string, string> | undefined {
  if (!json.startsWith("{")) return undefined;
  const strings = new Map<string, string>();
  try {
    const object: Record<string, unknown> = JSON.parse(json);
    for (const key of Object.keys(object)) {
      const text = object[key];
      if (typeof text !== "string" || !text.isWellFormed() || !key.isWellFormed()) return undefined;
      strings.set(key, text);
    }
    return strings;
  } catch {
    return undefined; // `parseJson` says what is wrong
  }
}

function readString(value: JsonValue, part: string): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  throw unreadable(`${part} must map text to text`);
}

function parseTokens(json: string): ReadonlyMap<string, Redacted<string>> {
  const tokens = new Map<string, Redacted<string>>();
  if (json === "") return tokens;
  const plain = plainTokens(json);
  if (plain !== undefined) return plain;
  const value = parsePart(json, "serviceAccount.tokens");
  if (value === null) return tokens;
  if (!isJsonObject(value)) throw unreadable("serviceAccount.tokens is not a JSON object");
  for (const [audience, entry] of value) {
    const token = isJsonObject(entry) ? entry.get("token") : undefined;
    if (typeof token !== "string") throw unreadable("serviceAccount.tokens holds an entry without a token");
    if (token !== "") tokens.set(audience, new Redacted(token));
  }
  return tokens;
}

function parsePermission(json: string): number {
  const text = /^(?:0|[1-9]\d\d?)$/.test(json) ? json : numberOf(parsePart(json, "permission"));
  const mode = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (mode <= 0o777) return mode;
  throw unreadable("permission must be a whole number from 0 to 511 (0777)");
}

function numberOf(value: JsonValue): string {
  if (value === null) return "0";
  return value instanceof JsonNumber ? value.text : "";
}

function readTargetPath(path: string): string {
  if (path.startsWith("/") && !path.includes("\0")) return path;
  throw unreadable("target path must be an absolute path");
}

/** As `plainStrings`, for what the kubelet sends. */
function plainTokens(json: string): ReadonlyMap<string, Redacted<string>> | undefined {
  if (!json.startsWith("{")) return undefined;
  const tokens = new Map<string, Redacted<string>>();
  try {
    const object: Record<string, { readonly token?: unknown } | null> = JSON.parse(json);
    for (const audience of Object.keys(object)) {
      const token = object[audience]?.token;
      if (typeof token !== "string" || token === "" || !token.isWellFormed() || !audience.isWellFormed())
        return undefined;
      tokens.set(audience, new Redacted(token));
    }
    return tokens;
  } catch {
    return undefined; // `parseJson` says what is wrong
  }
}

function parsePart(json: string, part: string): JsonValue {
  try {
    return parseJson(json);
  } catch (error) {
    if (error instanceof FormatError) throw unreadable(`${part} is not valid JSON: ${error.message}`);
    throw error;
  }
}

function unreadable(message: string, details: { readonly fix?: string } = {}): ProviderError {
  return new ProviderError("LK0002", message, {
    fix: "look at the driver's version and its CSIDriver object",
    ...details,
  });
}
