import { constants, createPublicKey, type KeyObject, privateDecrypt, randomBytes } from "node:crypto";
import type { FakeLogin } from "./azure-login.ts";
import type { RecordedRequest } from "./scripted.ts";

/** An answer of a vault. */
export interface VaultAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

type Collection = "secrets" | "keys" | "certificates";

/** One version of an object: what its answer has besides id and attributes. */
interface Version {
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly managed: boolean;
  enabled: boolean;
  readonly created: number;
}

/** The properties of a new version that may be said. */
interface Puts {
  readonly tags?: Readonly<Record<string, string>>;
  readonly enabled?: boolean;
  readonly created?: number;
  readonly managed?: boolean;
}

/** Every answer of a vault has these (https://learn.microsoft.com/en-us/azure/key-vault/general/common-parameters-and-headers). */
export const ownHeaders = {
  "x-ms-keyvault-service-version": "1.9.1",
  "x-ms-keyvault-region": "westeurope",
  "x-ms-request-id": "id",
};

/** The resource of the public cloud's vaults. */
const resource = "https://vault.azure.net";

/** One vault: versions, soft delete, pages, a challenge, rights by client, throttling. */
export class FakeVault {
  /** How it calls itself, without a slash at its end. */
  readonly url: string;
  /** The authority and resource that the challenge names. */
  challenge: { readonly tenant: string; readonly resource: string };
  /** Items on a page, however many are asked for. */
  pageSize = 25;
  readonly #login: FakeLogin;
  readonly #objects: Readonly<Record<Collection, Map<string, Version[]>>> = {
    secrets: new Map(),
    keys: new Map(),
    certificates: new Map(),
  };
  readonly #private = new Map<string, KeyObject>();
  readonly #deleted = new Set<string>();
  readonly #rights = new Map<string, ReadonlySet<string>>();
  #throttled: { left: number; readonly retryAfter: string | undefined } = { left: 0, retryAfter: undefined };
  #clock = 1_700_000_000;

  constructor(url: string, login: FakeLogin) {
    this.url = url;
    this.#login = login;
    this.challenge = { tenant: login.tenant, resource };
  }

  /** Lets a client do this: `get`, `list`; with a collection before it, `keys/get`, in that one alone. */
  allow(clientId: string, ...rights: readonly string[]): void {
    this.#rights.set(clientId, new Set(rights.length === 0 ? ["get", "list"] : rights));
  }

  /** Answers the next calls with 429. */
  throttle(times: number, retryAfter?: string): void {
    this.#throttled = { left: times, retryAfter };
  }

  /** Puts a new version of a secret, and returns its id. */
  setSecret(name: string, value: unknown, more: Readonly<Record<string, unknown>> & Puts = {}): string {
    const { tags, enabled, created, managed, ...fields } = more;
    return this.#put("secrets", name, { value, ...fields }, { ...more });
  }

  /** Puts a new version of a key, of its JWK. */
  setKey(name: string, jwk: Readonly<Record<string, unknown>>, more: Puts = {}): string {
    return this.#put("keys", name, { key: jwk }, more);
  }

  /** Puts a new version of an RSA key that decrypts, and returns its id. */
  setPrivateKey(name: string, privateKey: KeyObject, more: Puts = {}): string {
    const id = this.setKey(name, createPublicKey(privateKey).export({ format: "jwk" }), more);
    this.#private.set(`${name.toLowerCase()}/${id}`, privateKey);
    return id;
  }

  /** Puts a new version of a certificate, of its DER in base64. */
  setCertificate(name: string, cer: unknown, more: Puts = {}): string {
    return this.#put("certificates", name, { cer }, more);
  }

  /** Enables or disables a version; the newest if none is named. */
  enable(collection: Collection, name: string, enabled: boolean, version?: string): void {
    const versions = this.#objects[collection].get(name.toLowerCase()) ?? [];
    const found = version === undefined ? versions.at(-1) : versions.find(({ id }) => id === version);
    if (found !== undefined) found.enabled = enabled;
  }

  /** Deletes an object, which can be recovered. */
  remove(collection: Collection, name: string): void {
    this.#deleted.add(`${collection}/${name.toLowerCase()}`);
  }

  recover(collection: Collection, name: string): void {
    this.#deleted.delete(`${collection}/${name.toLowerCase()}`);
  }

  answer({ method, headers, query, body }: RecordedRequest, path: string): VaultAnswer {
    if (this.#throttled.left > 0) {
      this.#throttled.left -= 1;
      const { retryAfter } = this.#throttled;
      return vaultError(429, "Throttled", "Request was not processed because too many requests were received.", {
        headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
      });
    }
    const clientId = this.#login.clientOf(
      (headers.authorization ?? "").replace(/^Bearer /, ""),
      this.challenge.resource,
    );
    if (clientId === undefined) return this.#unauthorized();
    const isDecrypt = method === "POST" && /^\/keys\/[^/]+(?:\/[^/]+)?\/decrypt$/.test(path);
    if (!/^\d+(?:\.\d+|-\d\d-\d\d)/.test(query.get("api-version") ?? "") || (method !== "GET" && !isDecrypt)) {
      return vaultError(400, "BadParameter", "api-version must be specified");
    }
    if (isDecrypt) return this.#decrypt(clientId, path, body);
    return this.#read(clientId, path, query);
  }

  #read(clientId: string, path: string, query: URLSearchParams): VaultAnswer {
    const [, collection = "", name = "", version = ""] = path.split("/");
    if (!(collection in this.#objects)) return vaultError(404, "NotFound", "no such path");
    const action = name === "" || version === "versions" ? "list" : "get";
    const denial = this.#denial(clientId, collection as Collection, action);
    if (denial !== undefined) return denial;
    if (name === "") return this.#list(collection as Collection, query);
    return version === "versions"
      ? this.#versions(collection as Collection, name, query)
      : this.#get(collection as Collection, name, version);
  }

  #put(collection: Collection, name: string, fields: Readonly<Record<string, unknown>>, more: Puts): string {
    const id = randomBytes(16).toString("hex");
    this.#clock += 1;
    const { tags = {}, enabled = true, created = this.#clock, managed = false } = more;
    const versions = this.#objects[collection].get(name.toLowerCase()) ?? [];
    this.#objects[collection].set(name.toLowerCase(), [...versions, { id, fields, tags, enabled, created, managed }]);
    this.recover(collection, name);
    return id;
  }

  #unauthorized(): VaultAnswer {
    const { tenant, resource: wanted } = this.challenge;
    const header = `Bearer authorization="${this.#login.authority}/${tenant}", resource="${wanted}"`;
    const message = "AKV10000: Request is missing a Bearer or PoP token.";
    return vaultError(401, "Unauthorized", message, { headers: { "www-authenticate": header } });
  }

  #denial(clientId: string, collection: Collection, action: string): VaultAnswer | undefined {
    const rights = this.#rights.get(clientId) ?? new Set();
    if (rights.has(action) || rights.has(`${collection}/${action}`)) return undefined;
    const message = `Caller is not authorized to perform action on resource. Caller: appid=${clientId} Action: 'Microsoft.KeyVault/vaults/${collection}/${action}/action'`;
    return vaultError(403, "Forbidden", message, { innererror: "ForbiddenByRbac" });
  }

  #get(collection: Collection, name: string, version: string): VaultAnswer {
    const versions = this.#live(collection, name);
    const found = version === "" ? versions.at(-1) : versions.find(({ id }) => id === version);
    if (found === undefined) return notFound(collection, name);
    if (!found.enabled && collection === "secrets") {
      return vaultError(403, "Forbidden", "Operation get is not allowed on a disabled secret.", {
        innererror: "SecretDisabled",
      });
    }
    const id = `${this.url}/${collection}/${name}/${found.id}`;
    const { key } = found.fields as { readonly key?: object };
    const fields = key === undefined ? { ...found.fields, id } : { key: { kid: id, ...key } };
    return { body: { ...fields, attributes: attributesOf(found), tags: found.tags } };
  }

  /** https://learn.microsoft.com/en-us/rest/api/keyvault/keys/decrypt/decrypt */
  #decrypt(clientId: string, path: string, body: string): VaultAnswer {
    const denial = this.#denial(clientId, "keys", "decrypt");
    if (denial !== undefined) return denial;
    const [name = "", version = ""] = path.split("/").slice(2, -1);
    const versions = this.#live("keys", name);
    const found = version === "" ? versions.at(-1) : versions.find(({ id }) => id === version);
    const key = found === undefined ? undefined : this.#private.get(`${name.toLowerCase()}/${found.id}`);
    if (found === undefined || key === undefined) return notFound("keys", name);
    const { alg, value } = JSON.parse(body) as { readonly alg?: string; readonly value?: string };
    if (alg !== "RSA-OAEP-256") return vaultError(400, "BadParameter", "Property alg is not supported.");
    try {
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      const plain = privateDecrypt({ key, padding, oaepHash: "sha256" }, Buffer.from(value ?? "", "base64url"));
      return { body: { kid: `${this.url}/keys/${name}/${found.id}`, value: plain.toString("base64url") } };
    } catch {
      return vaultError(400, "BadParameter", "The parameter is incorrect.");
    }
  }

  #live(collection: Collection, name: string): readonly Version[] {
    const key = name.toLowerCase();
    return this.#deleted.has(`${collection}/${key}`) ? [] : (this.#objects[collection].get(key) ?? []);
  }

  #list(collection: Collection, query: URLSearchParams): VaultAnswer {
    const names = [...this.#objects[collection].keys()].filter((name) => this.#live(collection, name).length > 0);
    const items = names.flatMap((name) => {
      const newest = this.#live(collection, name).at(-1);
      return newest === undefined ? [] : [this.#item(collection, name, newest, "")];
    });
    return this.#page(`${this.url}/${collection}`, items, query);
  }

  #versions(collection: Collection, name: string, query: URLSearchParams): VaultAnswer {
    const versions = this.#live(collection, name);
    if (versions.length === 0) return notFound(collection, name);
    const items = versions.map((version) => this.#item(collection, name, version, `/${version.id}`));
    // By their ids, not by time.
    items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    return this.#page(`${this.url}/${collection}/${name}/versions`, items, query);
  }

  #item(collection: Collection, name: string, version: Version, end: string): object {
    const id = `${this.url}/${collection}/${name}${end}`;
    const managed = version.managed ? { managed: true } : {};
    const own = collection === "keys" ? { kid: id } : { id };
    return { ...own, attributes: attributesOf(version), tags: version.tags, ...managed };
  }

  #page(base: string, items: readonly object[], query: URLSearchParams): VaultAnswer {
    const start = Number(query.get("$skiptoken") ?? 0);
    const size = Math.min(this.pageSize, Number(query.get("maxresults") ?? 25));
    const rest = new URLSearchParams({
      "api-version": query.get("api-version") ?? "",
      $skiptoken: String(start + size),
    });
    const nextLink = start + size < items.length ? `${base}?${rest}&maxresults=${size}` : null;
    return { body: { value: items.slice(start, start + size), nextLink } };
  }
}

function attributesOf({ enabled, created }: Version) {
  return { enabled, created, updated: created, recoveryLevel: "Recoverable+Purgeable", recoverableDays: 90 };
}

function notFound(collection: Collection, name: string): VaultAnswer {
  const type = collection.slice(0, -1);
  const code = `${type.slice(0, 1).toUpperCase()}${type.slice(1)}NotFound`;
  return vaultError(404, code, `A ${type} with (name/id) ${name} was not found in this key vault.`);
}

/** An error of a vault, in its form (https://learn.microsoft.com/en-us/azure/key-vault/general/rest-error-codes). */
export function vaultError(
  status: number,
  code: string,
  message: string,
  more: { readonly innererror?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): VaultAnswer {
  const inner = more.innererror === undefined ? {} : { innererror: { code: more.innererror } };
  return { status, headers: { ...ownHeaders, ...more.headers }, body: { error: { code, message, ...inner } } };
}
