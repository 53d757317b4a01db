import { ProviderError } from "../../errors.ts";
import { FormatError } from "../../formats/format-error.ts";
import { writeGoJson } from "../../formats/go-json.ts";
import {
  isJsonArray,
  isJsonObject,
  JsonNumber,
  type JsonObject,
  type JsonValue,
  memberOf,
  parseJson,
  parseJsonInTurns,
} from "../../formats/json.ts";
import { ownBytes } from "../../formats/own-bytes.ts";
import { Redacted } from "../../redacted.ts";
import type { Lease } from "../lease.ts";
import type { Secret } from "../store.ts";
import { type GoField, isZero, readStruct, writeStruct } from "./go-struct.ts";
import { issuedEnd } from "./issued-end.ts";
import type { VaultFlavour } from "./types.ts";

const authFields: readonly GoField[] = [
  { name: "client_token", kind: "string" },
  { name: "accessor", kind: "string" },
  { name: "policies", kind: "strings" },
  { name: "token_policies", kind: "strings" },
  { name: "identity_policies", kind: "strings" },
  { name: "metadata", kind: "textMap" },
  { name: "orphan", kind: "bool" },
  { name: "entity_id", kind: "string" },
  { name: "lease_duration", kind: "int" },
  { name: "renewable", kind: "bool" },
  { name: "mfa_requirement", kind: "any" },
];

const wrapFields: readonly GoField[] = [
  { name: "token", kind: "string" },
  { name: "accessor", kind: "string" },
  { name: "ttl", kind: "int" },
  { name: "creation_time", kind: "time" },
  { name: "creation_path", kind: "string" },
  { name: "wrapped_accessor", kind: "string" },
];

/** `api.Secret` of Vault's Go client: what a file without a key holds today (https://pkg.go.dev/github.com/hashicorp/vault/api#Secret). */
const secretFields: readonly GoField[] = [
  { name: "request_id", kind: "string" },
  { name: "lease_id", kind: "string" },
  { name: "lease_duration", kind: "int" },
  { name: "renewable", kind: "bool" },
  { name: "data", kind: "map" },
  { name: "warnings", kind: "strings" },
  { name: "auth", kind: authFields, omitEmpty: true },
  { name: "wrap_info", kind: wrapFields, omitEmpty: true },
  { name: "mount_type", kind: "string", omitEmpty: true },
];

/** OpenBao's client knows no `mount_type` (https://pkg.go.dev/github.com/openbao/openbao/api/v2#Secret). */
const fieldsOf: Readonly<Record<VaultFlavour, readonly GoField[]>> = {
  vault: secretFields,
  openbao: secretFields.filter(({ name }) => name !== "mount_type"),
};

/** Fields of the envelope that can change while the secret stays. */
const volatile = ["request_id", "lease_id", "lease_duration", "renewable", "warnings", "auth", "wrap_info"] as const;

/** A successful answer, with every field of `secretFields`; undefined where Go's client sees none (no body, only `errors`). */
export type VaultResponse = JsonObject | undefined;

/** Reads the body of a successful answer as Go's `ParseSecret` does. Throws `LK0036`. */
export function parseResponse(body: Uint8Array, flavour: VaultFlavour = "vault"): VaultResponse {
  if (body.byteLength === 0) return undefined;
  try {
    return responseOf(parseJson(body), flavour);
  } catch (thrown) {
    throw toUnusable(thrown);
  }
}

/** The same of an answer that can be long, in turns with everything else that the process does. Throws `LK0036`. */
export async function readResponse(body: Uint8Array, flavour: VaultFlavour): Promise<VaultResponse> {
  if (body.byteLength === 0) return undefined;
  try {
    return responseOf(await parseJsonInTurns(body), flavour);
  } catch (thrown) {
    throw toUnusable(thrown);
  }
}

function toUnusable(thrown: unknown): unknown {
  return thrown instanceof FormatError ? unusable(thrown.message) : thrown;
}

function responseOf(parsed: JsonValue, flavour: VaultFlavour): VaultResponse {
  if (parsed !== null && !isJsonObject(parsed)) throw new FormatError("it is not a JSON object");
  const object: JsonObject = parsed ?? new Map();
  const response = readStruct(fieldsOf[flavour], object);
  return [...response.values()].every(isZero) ? bareResponse(object, response) : response;
}

/** None of the known fields: then the whole object is the data, unless it reports errors. */
function bareResponse(object: JsonObject, response: JsonObject): VaultResponse {
  if (object.has("errors")) {
    if (object.size === 1) return undefined;
    throw new FormatError("it reports errors with a status of success");
  }
  return object.size === 0 ? response : new Map([...response, ["data", object]]);
}

/** True where the answer made something that ends with the session's token: a lease, another token, a wrapped answer. */
export function holdsLease(response: JsonObject): boolean {
  return ["lease_id", "auth", "wrap_info"].some((name) => !isZero(response.get(name) ?? null));
}

/** The facts that are known of a response besides its bytes. */
export interface Asked {
  /** API path, for errors. */
  readonly path: string;
  readonly flavour: VaultFlavour;
  /** The ref names a version. */
  readonly pinned: boolean;
  /** Asking made the answer. */
  readonly issues: boolean;
  /** The namespace of the ref, if it has one of its own. */
  readonly namespace?: string | undefined;
}

/** The secret in a response: `data.data` of KV version 2, else `data`. Throws `LK0036` without data. */
export function secretOf(response: VaultResponse, { path, flavour, pinned, issues, namespace }: Asked): Secret {
  const data = response?.get("data");
  if (response === undefined || !isJsonObject(data)) throw unusable(`empty response from ${path.slice("/v1/".length)}`);
  const version = versionOf(data);
  const hidesKeys = version === undefined && isJsonObject(data.get("data"));
  refuseMany(data);
  const text = writeStruct(fieldsOf[flavour], response);
  const envelope = bytesOf(text);
  const place = placeOfValue(text, response, flavour);
  const issued = issues || holdsLease(response);
  return {
    envelope,
    // Read from the envelope when it is wanted: a node keeps thousands of these, and nearly all of each would stand twice.
    get value() {
      return new Redacted(envelope.reveal().subarray(place.start, place.end));
    },
    volatile,
    ...(hidesKeys ? { fields: bytesOf(writeGoJson(data.get("data") ?? null)) } : {}),
    ...(version === undefined ? {} : { version }),
    ...(pinned && version !== undefined && !issued ? { immutable: true as const } : {}),
    ...(issued ? { issued: true as const, ...leaseOf(response, namespace), ...endOf(response, data) } : {}),
  };
}

/** The keys of the folder that `path` lists; the server has no answer without keys for an empty one. Throws `LK0036`. */
export function keysOf(response: VaultResponse, path: string): readonly string[] {
  const data = response?.get("data");
  const keys = isJsonObject(data) ? data.get("keys") : undefined;
  const texts = isJsonArray(keys) ? keys.filter((key) => typeof key === "string") : [];
  if (isJsonArray(keys) && texts.length === keys.length) return texts;
  throw unusable(`no list of keys from ${path.slice("/v1/".length)}`);
}

/** An answer without a lease may state its own end. */
function endOf(response: JsonObject, data: JsonObject): { readonly expiresAt?: number } {
  return holdsLease(response) ? leaseEnd(response) : issuedEnd(data);
}

/** https://developer.hashicorp.com/vault/docs/concepts/lease */
function leaseOf(response: JsonObject, part: string | undefined): { readonly lease?: Lease } {
  const id = response.get("lease_id");
  if (typeof id !== "string" || id === "") return {};
  const renewable = response.get("renewable") === true;
  return { lease: { id: new Redacted(id), renewable, ...(part === undefined ? {} : { part }) } };
}

/** Where the value stands in the envelope, in bytes: what Go would write of it is there, and need not be read and written again. */
function placeOfValue(text: string, response: JsonObject, flavour: VaultFlavour): { start: number; end: number } {
  const data = response.get("data");
  // No text before it holds a quote that is not escaped.
  const [before = ""] = text.split('"data":', 1);
  const rest = writeStruct(fieldsOf[flavour], new Map<string, JsonValue>([...response, ["data", new Map()]]));
  const after = rest.slice(before.length + '"data":{}'.length);
  const isKv = isJsonObject(data) && versionOf(data) !== undefined;
  const [head, tail] = isKv ? ['{"data":', `,"metadata":${writeGoJson(data.get("metadata") ?? null)}}`] : ["", ""];
  return {
    start: Buffer.byteLength(before) + '"data":'.length + head.length,
    end: Buffer.byteLength(text) - Buffer.byteLength(after) - Buffer.byteLength(tail),
  };
}

/** Texts, numbers, lists and objects of one secret: a key-value store holds a mebibyte, and seldom a thousand keys. */
const mostValues = 25_000;

/** Throws `LK0038` for a secret of so many values that everybody would wait for it to be written. */
function refuseMany(data: JsonObject): void {
  let left = mostValues;
  const open: JsonValue[] = [data];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const inside = isJsonArray(next) ? next : isJsonObject(next) ? [...next.values()] : [];
    left -= inside.length;
    if (left < 0) {
      throw new ProviderError("LK0038", `the secret has more than ${mostValues} values`, {
        fix: "split it into several secrets, or store it as one text",
      });
    }
    for (const each of inside) open.push(each);
  }
}

/** Of the lease, else of the token or the wrapped answer that was made; without any it lives as long as the session's token. */
function leaseEnd(response: JsonObject): { readonly expiresAt?: number } {
  const seconds = [
    response.get("lease_duration"),
    memberOf(response.get("auth"), "lease_duration"),
    memberOf(response.get("wrap_info"), "ttl"),
  ].map((value) => (value instanceof JsonNumber ? Number(value.text) : 0));
  const stated = seconds.find((each) => each > 0);
  return stated === undefined ? {} : { expiresAt: Date.now() + stated * 1000 };
}

/**
 * The version that KV version 2 gave, which has `data` and `metadata` and nothing else, and always tells when the version
 * was made. Undefined for any other data: a key of KV version 1 may be called `data` too.
 * (https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version)
 */
function versionOf(data: JsonObject): string | undefined {
  const metadata = data.get("metadata");
  if (data.size !== 2 || !isJsonObject(data.get("data")) || !isJsonObject(metadata)) return undefined;
  const version = metadata.get("version");
  return version instanceof JsonNumber && typeof metadata.get("created_time") === "string" ? version.text : undefined;
}

function bytesOf(text: string): Redacted<Uint8Array> {
  return new Redacted(ownBytes(text));
}

function unusable(why: string): ProviderError {
  return new ProviderError("LK0036", `the server's answer cannot be used: ${why}`, {
    fix: "check that the address is a Vault or OpenBao server and that the path is one to read",
  });
}
