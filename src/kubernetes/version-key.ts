import { randomBytes } from "node:crypto";
import * as z from "zod";
import { errorName, ProviderError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { RecordKeeper } from "../record-keeper.ts";
import { Redacted } from "../redacted.ts";
import type { KubernetesApi } from "./api.ts";

/** Least time between two attempts, in milliseconds: mounts that fail for want of the key must not flood the API server. */
const leastInterval = 5_000;

/** Longest that one attempt takes, in milliseconds. */
const longestAttempt = 5_000;

/** As today's providers make it. */
const keyBytes = 32;

/** Where the key of a dialect's object versions is kept. */
export interface VersionKeyOptions {
  readonly api: KubernetesApi;
  /** Latchkey's own namespace. */
  readonly namespace: string;
  /** Of the Secret, as `--vault-hmac-secret-name` has it. */
  readonly name: string;
  readonly log: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly keeper?: RecordKeeper | undefined;
}

const secret = z.object({ data: z.object({ key: z.base64().min(1) }) });

/**
 * The key of object versions that today's Vault and OpenBao providers keep in a Kubernetes Secret, so that versions stay
 * what they were. Read once and kept; made where it does not exist, and then whoever made it first counts.
 */
export class ClusterVersionKey {
  readonly #options: VersionKeyOptions;
  #known: Redacted<Uint8Array> | undefined;
  #attempt: Promise<Redacted<Uint8Array>> | undefined;
  #failure: { readonly error: unknown; readonly at: number } | undefined;

  constructor(options: VersionKeyOptions) {
    this.#options = options;
  }

  /** Takes the key that an earlier process read, so that a restart while the API is away changes no version. */
  async restore(): Promise<void> {
    const record = await this.#options.keeper?.loadRecord(this.#recordName);
    if (record !== undefined) this.#known ??= new Redacted(record);
  }

  /** The key, where it is known. */
  current(): Redacted<Uint8Array> | undefined {
    return this.#known;
  }

  /**
   * Asks the API, rate limited, and keeps what it says. Throws what the API client throws, `LK0015` if the Secret holds no
   * key.
   */
  load(): Promise<Redacted<Uint8Array>> {
    const { now } = this.#options;
    if (this.#failure !== undefined && now() - this.#failure.at < leastInterval)
      return Promise.reject(this.#failure.error);
    this.#attempt ??= this.#ask().finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  async #ask(): Promise<Redacted<Uint8Array>> {
    const { api, log, now, name, keeper } = this.#options;
    try {
      const key = await this.#readOrCreate(AbortSignal.timeout(longestAttempt));
      this.#known = new Redacted(key);
      await keeper?.saveRecord(this.#recordName, key);
      return this.#known;
    } catch (error) {
      this.#failure = { error, at: now() };
      const cause = error instanceof ProviderError ? error.describe() : errorName(error);
      log.warn({ api: api.url, secret: name, cause }, "the key of object versions cannot be read");
      throw error;
    }
  }

  async #readOrCreate(signal: AbortSignal): Promise<Uint8Array> {
    const { api, namespace, name } = this.#options;
    const secrets = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
    const path = `${secrets}/${encodeURIComponent(name)}`;
    const found = await api.get(path, signal);
    if (found !== undefined) return this.#keyIn(found);
    const created = await api.create(secrets, newSecret(namespace, name), signal);
    if (created.kind === "created") return this.#keyIn(created.object);
    return this.#keyIn(await api.get(path, signal));
  }

  #keyIn(object: unknown): Uint8Array {
    const parsed = secret.safeParse(object);
    if (parsed.success) return Buffer.from(parsed.data.data.key, "base64");
    const { namespace, name } = this.#options;
    throw new ProviderError("LK0015", `the Secret ${namespace}/${name} has no \`key\` in base64`, {
      fix: `delete it to have a new one made: kubectl delete secret -n ${namespace} ${name}`,
    });
  }

  get #recordName(): string {
    return `version-key ${this.#options.name}`;
  }
}

function newSecret(namespace: string, name: string): object {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    immutable: true,
    data: { key: randomBytes(keyBytes).toString("base64") },
  };
}
