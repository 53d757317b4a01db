import pLimit, { type LimitFunction } from "p-limit";
import { ProviderError, toProviderError } from "../../errors.ts";
import type { AzureFamily } from "../azure/family.ts";
import { logIn } from "../azure/log-in.ts";
import type { AzureAsked, AzureRef, AzureSettings, AzureTogether } from "../azure/types.ts";
import { cloudOf, vaultUrl } from "../azure/way.ts";
import { joinOutcomes } from "../join-outcomes.ts";
import type { CallContext, OpenRequest, Outcome, Secret, Session } from "../store.ts";
import { isSearch, isTogether } from "./asked.ts";
import { findNames } from "./find-names.ts";
import { secretIn } from "./object-answer.ts";
import { collections } from "./pages.ts";
import { nameOfObject } from "./ref.ts";
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

  async fetch(refs: readonly AzureAsked[], context: CallContext): Promise<readonly Outcome[]> {
    return await Promise.all(refs.map((ref) => this.#read(ref, context)));
  }

  /** Access tokens end by themselves; the connections are the store's. */
  async close(): Promise<void> {
    await Promise.resolve();
  }

  async #read(asked: AzureAsked, context: CallContext): Promise<Outcome> {
    if (isSearch(asked)) return await outcomeOf(() => findNames(asked, this.#client, context));
    return isTogether(asked) ? await this.#readTogether(asked, context) : await this.#readOne(asked, context);
  }

  async #readOne(ref: AzureRef, context: CallContext): Promise<Outcome> {
    if (ref.back === undefined) return await outcomeOf(() => this.#limit(() => this.#get(ref, context)));
    return await this.#readTogether({ refs: [{ ref, optional: false }] }, context, true);
  }

  /** The list of versions is read once for all; a version that came meanwhile would shift them, and then they are read again. */
  async #readTogether({ refs }: AzureTogether, context: CallContext, alone = false): Promise<Outcome> {
    const first = await this.#readByList(refs, context);
    const outcomes = isTorn(first) ? await this.#readByList(refs, context) : first;
    const [only] = outcomes;
    if (alone && only !== undefined) return only.outcome;
    return joinOutcomes(outcomes.map(({ outcome, optional }) => ({ outcome, optional })));
  }

  async #readByList(refs: AzureTogether["refs"], context: CallContext): Promise<readonly Part[]> {
    const [first] = refs;
    if (first === undefined) return [];
    let versions: readonly string[];
    try {
      versions = await this.#limit(() => versionsOf(first.ref, this.#client, context));
    } catch (thrown) {
      const error = toProviderError(thrown);
      return refs.map(({ ref, optional }) => ({ ref, optional, versions: [], outcome: { ok: false, error } }));
    }
    return await Promise.all(
      refs.map(async ({ ref, optional }) => ({
        ref,
        optional,
        versions,
        outcome: await this.#readAt(ref, versions, context),
      })),
    );
  }

  async #readAt(ref: AzureRef, versions: readonly string[], context: CallContext): Promise<Outcome> {
    const outcome = await outcomeOf(() => this.#limit(() => this.#get(pinned(ref, versions), context)));
    return ref.back === undefined ? outcome : withoutPin(outcome);
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
  readonly outcome: Outcome;
}

/** A count of versions leads to another one whenever there is a new one. */
function withoutPin(outcome: Outcome): Outcome {
  if (!outcome.ok) return outcome;
  const { immutable, ...secret } = outcome.secret;
  return { ok: true, secret };
}

/** True where the current version is not the newest of the list. */
function isTorn(parts: readonly Part[]): boolean {
  return parts.some(({ ref, versions, outcome }) => {
    const { version, back } = ref;
    return version === undefined && back === undefined && outcome.ok && outcome.secret.version !== versions[0];
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

async function outcomeOf(read: () => Promise<Secret>): Promise<Outcome> {
  try {
    return { ok: true, secret: await read() };
  } catch (thrown) {
    return { ok: false, error: toProviderError(thrown) };
  }
}
