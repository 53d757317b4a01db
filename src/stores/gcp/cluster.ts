import { shared } from "../../async/once.ts";
import { ProviderError, toProviderError } from "../../errors.ts";
import { poolOfConfiguration } from "./credentials-file.ts";
import { universeOf } from "./endpoints.ts";
import type { GcpHost } from "./host.ts";
import type { ReadMetadata } from "./metadata.ts";
import { projectForm } from "./names.ts";
import type { GcpPool } from "./types.ts";

/** Longest that facts are looked up, in milliseconds; the look-up is shared, so it does not end with whoever asked first. */
const longest = 5_000;

/** The facts about this cluster that logins hang on. Learnt once: a node does not change its cluster. */
export class Cluster {
  readonly #host: GcpHost;
  readonly #metadata: ReadMetadata;
  readonly #pool: () => Promise<GcpPool>;
  readonly #project: () => Promise<string>;
  readonly #number: () => Promise<string>;
  #known: GcpPool | undefined;
  #knownNumber: string | undefined;

  constructor(host: GcpHost, metadata: ReadMetadata) {
    this.#host = host;
    this.#metadata = metadata;
    this.#known = host.pool;
    this.#pool = shared(() => this.#learnPool(AbortSignal.timeout(longest)));
    this.#project = kept(() => this.#metadata("project/project-id", AbortSignal.timeout(longest)));
    this.#number = kept(() => this.#metadata("project/numeric-project-id", AbortSignal.timeout(longest)));
  }

  /** The pool, as far as it is known without asking. */
  get known(): GcpPool | undefined {
    return this.#known;
  }

  /** The pool that knows this cluster's tokens. Throws `LK0030` if nobody tells, `LK0020` for facts that are none. */
  async pool(): Promise<GcpPool> {
    this.#known ??= await this.#pool();
    return this.#known;
  }

  /** The project of refs that name none. */
  async project(): Promise<string> {
    return this.#host.project ?? this.#host.cluster?.project ?? checked("project/project-id", await this.#project());
  }

  /** The number of the cluster's project, for people: asked for once and never waited for. */
  get projectNumber(): string | undefined {
    if (this.#host.pool === undefined && this.#knownNumber === undefined) {
      this.#number().then(
        (number) => {
          this.#knownNumber = number;
        },
        () => undefined,
      );
    }
    return this.#knownNumber;
  }

  /** As today: a GKE cluster by variables and metadata server, and if those do not tell, a credential configuration. */
  async #learnPool(signal: AbortSignal): Promise<GcpPool> {
    try {
      return await this.#gkePool(signal);
    } catch (thrown) {
      const { credentialsFile } = this.#host;
      const pool = credentialsFile === undefined ? undefined : await poolOfConfiguration(credentialsFile);
      if (pool !== undefined) return pool;
      throw toProviderError(thrown);
    }
  }

  async #gkePool(signal: AbortSignal): Promise<GcpPool> {
    const { cluster = {} } = this.#host;
    const ask = async (given: string | undefined, path: string) =>
      given ?? checked(path, await this.#metadata(path, signal));
    const [project, location, name] = await Promise.all([
      cluster.project ?? this.project(),
      ask(cluster.location, "instance/attributes/cluster-location"),
      ask(cluster.name, "instance/attributes/cluster-name"),
    ]);
    const base = cluster.endpoint ?? `https://container.${universeOf(this.#host)}/v1`;
    const provider = `${base}/projects/${project}/locations/${location}/clusters/${name}`;
    return { kind: "cluster", id: `${project}.svc.id.goog`, provider };
  }
}

/** Returns a function that keeps what `ask` gave for good, and shares it while it runs. */
function kept<T>(ask: () => Promise<T>): () => Promise<T> {
  let known: { readonly value: T } | undefined;
  const asking = shared(ask);
  return async () => {
    known ??= { value: await asking() };
    return known.value;
  };
}

/** Names of projects, locations and clusters: they become part of what a token is exchanged for. Throws `LK0020`. */
function checked(path: string, text: string): string {
  if (projectForm.test(text)) return text;
  throw new ProviderError("LK0020", `the metadata server says ${JSON.stringify(text.slice(0, 64))} for ${path}`, {
    login: true,
    fix: "give --gcp-cluster-project, --gcp-cluster-location and --gcp-cluster-name",
  });
}

/** The audience of service account tokens that a pool takes. */
export function audienceOf(pool: GcpPool): string {
  return pool.kind === "cluster" ? pool.id : pool.resource;
}

/** The audience that a token is exchanged for (https://cloud.google.com/kubernetes-engine/fleet-management/docs/use-workload-identity). */
export function exchangeAudience(pool: GcpPool): string {
  return pool.kind === "cluster" ? `identitynamespace:${pool.id}:${pool.provider}` : pool.resource;
}
