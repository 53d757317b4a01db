import type { Clock } from "../async/clock.ts";
import { ProviderError, toProviderError } from "../errors.ts";
import type { Fetched } from "../fetch/fetch.ts";
import { type Identified, identify } from "../identity/identity.ts";
import type { TokenVerifier } from "../identity/token-verifier.ts";
import { explained, noToken } from "../identity/unproved.ts";
import type { KubernetesSecret, KubernetesSecretValue, Plan, Source } from "../plan/plan.ts";
import { Redacted } from "../redacted.ts";
import type { RenderedFile } from "../render/render.ts";
import type { RenderWork } from "../render/render-work.ts";
import type { Renderer } from "../render/renderer.ts";
import type { Offered, OfferedSecret, OfferedSource, Offerer, Unproved } from "../sync/offer.ts";
import type { SecretSync } from "../sync/secret-sync.ts";
import type { MountRequest } from "./request.ts";

/** The results of a mount so far. */
export interface Made {
  readonly provider: string;
  readonly plan: Plan;
  readonly request: MountRequest;
  readonly identity: Identified;
  /** The volume has not been mounted before. */
  readonly isFirst: boolean;
  readonly fetched: Fetched;
  readonly files: readonly RenderedFile[];
}

/** So long a mount waits for Secrets that it asks for first, in milliseconds: a pod may need them to start. */
const patience = 1_000;

/** The parts that the step works with. */
export interface SyncStepParts {
  readonly sync: SecretSync;
  readonly renderer: Renderer;
  readonly verifier: TokenVerifier;
  readonly clock: Clock;
}

/** The step of a mount that has Kubernetes Secrets written. It fails no mount. */
export class SyncStep {
  readonly #sync: SecretSync;
  readonly #renderer: Renderer;
  readonly #verifier: TokenVerifier;
  readonly #clock: Clock;

  constructor({ sync, renderer, verifier, clock }: SyncStepParts) {
    this.#sync = sync;
    this.#renderer = renderer;
    this.#verifier = verifier;
    this.#clock = clock;
  }

  /** Offers the Secrets of a plan, and waits a moment for those that are new. */
  async run(made: Made, signal: AbortSignal): Promise<Offered> {
    const { plan, request, provider, isFirst } = made;
    const { secretProviderClass, parameters } = request;
    const work = this.#renderer.workBeside();
    const secrets = await Promise.all(
      (plan.kubernetesSecrets ?? []).map((spec) => this.#content(spec, made, work, signal)),
    );
    const identity = offererOf(made, this.#verifier);
    const offered = this.#sync.offer({ identity, isFirst, provider, secretProviderClass, parameters, secrets });
    if (offered.tried !== undefined) await this.#wait(offered.tried, signal);
    return offered;
  }

  async #content(spec: KubernetesSecret, made: Made, work: RenderWork, signal: AbortSignal): Promise<OfferedSecret> {
    try {
      const values = new Map<string, Uint8Array>();
      for (const [key, value] of spec.data) {
        const bytes = await this.#bytesOf(value, made, work, signal);
        if (bytes === undefined) continue;
        // One file can be part of many Secrets.
        work.made({ path: `${spec.name}, ${key}`, contents: bytes });
        values.set(key, bytes);
      }
      const ids = new Set([...spec.data.values()].flatMap((value) => sourcesOf(value, made.plan)));
      return { spec, values, sources: [...ids].flatMap((id) => offeredSources(id, made, this.#clock.wall())) };
    } catch (thrown) {
      return { spec, problem: toProviderError(thrown).about(spec.subject) };
    }
  }

  /** Undefined: the file is of an optional secret, and not there. */
  async #bytesOf(
    value: KubernetesSecretValue,
    made: Made,
    work: RenderWork,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const { files, request } = made;
    if (value.kind === "file") return files.find(({ path }) => path === value.path)?.contents;
    return await this.#renderer.renderText(value, made, { work, namespace: request.namespace, signal });
  }

  async #wait(tried: Promise<void>, signal: AbortSignal): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(patience, resolve);
    const leave = () => resolve();
    signal.addEventListener("abort", leave, { once: true });
    await Promise.race([tried, over]);
    signal.removeEventListener("abort", leave);
    cancel();
  }
}

/** Who offers: nothing of a request is kept for longer than the mount but what its tokens need to be tried again. */
function offererOf({ identity, request }: Made, verifier: TokenVerifier): Offerer {
  const { namespace, serviceAccount, proved, unproved } = identity;
  if (proved) return { namespace, serviceAccount, proved };
  const { why, fix, later } = unproved === undefined ? noToken : explained[unproved];
  const asker = { namespace, serviceAccount, tokens: request.tokens };
  const again: Unproved["again"] = async () => {
    try {
      const { proved: isProved, unproved: cause } = await identify(asker, verifier);
      return isProved ? "proved" : cause !== undefined && explained[cause].later ? "later" : "never";
    } catch (thrown) {
      // What is no refusal is a module that could not be loaded just now.
      return thrown instanceof ProviderError ? "never" : "later";
    }
  };
  return { namespace, serviceAccount, proved, unproved: { why, fix, ...(later ? { again } : {}) } };
}

/** `Wanted.id`s that a value is made of; of a file that only the store could name, all that could have made it. */
function sourcesOf(value: KubernetesSecretValue, plan: Plan): readonly string[] {
  if (value.kind === "template") return [...value.names.values()];
  const output = plan.outputs.find(({ path }) => path === value.path);
  if (output !== undefined) return [output.from];
  const template = plan.templates?.find(({ path }) => path === value.path);
  return template === undefined ? (plan.expansions ?? []).map(({ from }) => from) : [...template.names.values()];
}

/** Since the store was asked for a secret, in milliseconds; of a search, whose parts have its id before their names, the longest. */
function ageOf(id: string, answers: Fetched["answers"]): number {
  const parts = [...answers].filter(([wanted]) => wanted.id === id || wanted.id.startsWith(`${id} `));
  return Math.max(0, ...parts.map(([, answer]) => ("ageMs" in answer ? answer.ageMs : 0)));
}

/** Of a search, the list of names and each secret that it found. */
function offeredSources(id: string, { plan, fetched }: Made, now: number): readonly OfferedSource[] {
  const secret = fetched.secrets.get(id);
  const source: Source | undefined = plan.secrets.find((wanted) => wanted.id === id)?.source;
  if (secret === undefined || source === undefined) return [];
  const at = now - ageOf(id, fetched.answers);
  if (secret.found === undefined) return [{ source, secret, fetchedAt: at }];
  const names = { value: new Redacted<Uint8Array>(Buffer.from(JSON.stringify([...secret.found.keys()]))) };
  const each = [...secret.found].map(([name, found]): OfferedSource => {
    return { source: { ...source, ref: [source.ref, name] }, secret: found, fetchedAt: at };
  });
  return [{ source, secret: names, fetchedAt: at }, ...each];
}
