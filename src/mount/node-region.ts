import type { Clock } from "../cache/clock.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { RecordKeeper } from "../kubernetes/record-keeper.ts";

/** Longest that the API is asked, in milliseconds; the question is shared, so it does not end with whoever asked first. */
const longest = 5_000;

const recordName = "node-region";

/** Where the region is looked up. */
export interface NodeRegionOptions {
  readonly api: KubernetesApi;
  /** This node; absent: the one that the asking pod runs on, which is the same. */
  readonly nodeName: string | undefined;
  readonly keeper: RecordKeeper | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

/** The region of this node: asked of the API once, for a node does not move, and kept over a restart. */
export class NodeRegion {
  readonly #options: NodeRegionOptions;
  #known: string | undefined;
  #asking: Promise<string> | undefined;

  constructor(options: NodeRegionOptions) {
    this.#options = options;
  }

  /** The region. Throws what the API client throws, or `LK0014`, if it cannot be learnt; the next one asks again. */
  async get(namespace: string, pod: string | undefined): Promise<string> {
    if (this.#known !== undefined) return this.#known;
    this.#asking ??= this.#learn(namespace, pod).finally(() => {
      this.#asking = undefined;
    });
    return await this.#asking;
  }

  async #learn(namespace: string, pod: string | undefined): Promise<string> {
    const { keeper } = this.#options;
    const kept = await keeper?.loadRecord(recordName);
    this.#known = kept === undefined ? await this.#ask(namespace, pod) : Buffer.from(kept).toString();
    if (kept === undefined) await keeper?.saveRecord(recordName, Buffer.from(this.#known));
    return this.#known;
  }

  async #ask(namespace: string, pod: string | undefined): Promise<string> {
    const { api, nodeName, clock, random } = this.#options;
    const [{ readNodeName, readNodeRegion }, { askAgain }] = await Promise.all([
      import("../kubernetes/node-region.ts"),
      import("../kubernetes/ask-again.ts"),
    ]);
    const ask = async (signal: AbortSignal) =>
      readNodeRegion(api, nodeName ?? (await readNodeName(api, namespace, pod ?? "", signal)), signal);
    return await askAgain(ask, { clock, random, longest });
  }
}
