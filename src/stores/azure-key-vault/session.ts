import pLimit, { type LimitFunction } from "p-limit";
import { ProviderError } from "../../errors.ts";
import type { AzureFamily } from "../azure/family.ts";
import { logIn } from "../azure/log-in.ts";
import type { AzureAsked, AzureRef, AzureSettings, AzureTogether } from "../azure/types.ts";
import { cloudOf, vaultUrl } from "../azure/way.ts";
import { joinSecrets, settled } from "../join-secrets.ts";
import type { CallContext, OpenRequest, Secret, Session } from "../store.ts";
import { isSearch, isTogether } from "./asked.ts";
import { findNames } from "./find-names.ts";
import { secretIn } from "./object-answer.ts";
import { collections } from "./pages.ts";
import { nameOfObject } from "./ref.ts";
import { unwrapKey } from "./unwrap-key.ts";
import { apiVersion, VaultClient } from "./vault-client.ts";
import { versionsOf } from "./versions.ts";

/** Logs in and gives a session for one vault. Throws what `logIn` and the login service give. */
export async function openVaultSession(
  request: OpenRequest<AzureSettings>,
  { way, concurrency }: AzureFamily,
): Promise<Session<AzureAsked>> {
  const { settings, context } = request;
  const login = logIn(request, way);
  const cloud = cloudOf(settings, way);
  const place = { name: settings.vault, url: vaultUrl(settings, cloud, way), resource: cloud.resource };
  const token = await login.token(cloud.resource, context);
  return new VaultSession(new VaultClient(place, login, way, token), concurrency);
}

class VaultSession implements Session<AzureAsked> {
  readonly #client: VaultClient;
  readonly #limit: LimitFunction;

  constructor(client: VaultClient, concurrency: number) {
    this.#client = client;
    this.#limit = pLimit(concurrency);
  }

  get expiresAt(): number {
    return this.#client.expiresAt;
  }

  async read(asked: AzureAsked, context: CallContext): Promise<Secret> {
    if ("wrapped" in asked) return await this.#limit(() => unwrapKey(asked, this.#client, context));
    if (isSearch(asked)) return await findNames(asked, this.#client, context);
    if (isTogether(asked)) return joinSecrets(await this.#readTogether(asked, context));
    if (asked.back === undefined) return await this.#limit(() => this.#get(asked, context));
    return await this.#readBack(asked, context);
  }

  /** Access tokens end by themselves; the connections are the store's. */
  async close(): Promise<void> {
    await Promise.resolve();
  }

  async #readBack(ref: AzureRef, context: CallContext): Promise<Secret> {
    const versions = await this.#limit(() => versionsOf(ref, this.#client, context));
    return await this.#readAt(ref, versions, context);
  }

  /** The list of versions is read once for all; a version that came meanwhile would shift them, and then they are read again. */
  async #readTogether({ refs }: AzureTogether, context: CallContext): Promise<readonly Part[]> {
    const first = await this.#readByList(refs, context);
    return isTorn(first) ? await this.#readByList(refs, context) : first;
  }

  /** Throws what keeps the list of versions from being read: it fails all refs alike. */
  async #readByList(refs: AzureTogether["refs"], context: CallContext): Promise<readonly Part[]> {
    const [first] = refs;
    if (first === undefined) return [];
    const versions = await this.#limit(() => versionsOf(first.ref, this.#client, context));
    return await Promise.all(
      refs.map(async ({ ref, optional }) => {
        const answer = await settled(() => this.#readAt(ref, versions, context));
        return { ref, optional, versions, answer };
      }),
    );
  }

  /** A count of versions leads to another one whenever there is a new one: its answer is not for ever. */
  async #readAt(ref: AzureRef, versions: readonly string[], context: CallContext): Promise<Secret> {
    const { immutable, ...secret } = await this.#limit(() => this.#get(pinned(ref, versions), context));
    return ref.back === undefined && immutable !== undefined ? { ...secret, immutable } : secret;
  }

  async #get(ref: AzureRef, context: CallContext): Promise<Secret> {
    const { type, name, version } = ref;
    const { place, principal } = this.#client;
    const path = `/${collections[type]}/${name}${version === undefined ? "" : `/${version}`}?api-version=${apiVersion}`;
    const what = `reading ${nameOfObject(ref)} in the vault ${place.name} as ${principal}`;
    const answer = await this.#client.get(path, { what, name, type, action: "get" }, context);
    const secret = secretIn(type, answer);
    return version === undefined ? secret : { ...secret, immutable: true };
  }
}

/** One of several refs, with what the list of versions was when it was read. */
interface Part {
  readonly ref: AzureRef;
  readonly optional: boolean;
  readonly versions: readonly string[];
  readonly answer: Secret | ProviderError;
}

/** True where the current version is not the newest of the list. */
function isTorn(parts: readonly Part[]): boolean {
  return parts.some(({ ref, versions, answer }) => {
    const isCurrent = ref.version === undefined && ref.back === undefined;
    return isCurrent && !(answer instanceof ProviderError) && answer.version !== versions[0];
  });
}

/** The ref with the version that it means. Throws `LK0034` where there are not so many. */
function pinned(ref: AzureRef, versions: readonly string[]): AzureRef {
  const { type, name, back, since } = ref;
  if (back === undefined) return ref;
  const start = since === undefined ? 0 : versions.indexOf(since);
  const version = start < 0 ? undefined : versions[start + back];
  if (version !== undefined) return { type, name, version };
  const message =
    start < 0
      ? `${type} ${name} has no enabled version ${since}`
      : `${type} ${name} has ${versions.length} enabled versions, so there is no ${nameOfObject(ref)}`;
  throw new ProviderError("LK0034", message, { fix: "ask for fewer versions, or for one that is there and enabled" });
}
