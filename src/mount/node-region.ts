import type { Clock } from "../cache/clock.ts";
import { ProviderError } from "../errors.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { RecordKeeper } from "../kubernetes/record-keeper.ts";
import { isRegionLike, regionMistake } from "../stores/aws/regions.ts";

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
    const before = kept === undefined ? "" : Buffer.from(kept).toString();
    if (isRegionLike(before)) this.#known = before;
    else {
      this.#known = await this.#ask(namespace, pod);
      await keeper?.saveRecord(recordName, Buffer.from(this.#known));
    }
    return this.#known;
  }

  async #ask(namespace: string, pod: string | undefined): Promise<string> {
    const { api, nodeName, clock, random } = this.#options;
    const [{ nodeRegionLabel, readNodeName, readNodeRegion }, { askAgain }] = await Promise.all([
      import("../kubernetes/node-region.ts"),
      import("../kubernetes/ask-again.ts"),
    ]);
    const ask = async (signal: AbortSignal) => {
      const node = nodeName ?? (await readNodeName(api, namespace, pod ?? "", signal));
      return checked(await readNodeRegion(api, node, signal), `the label ${nodeRegionLabel} of the node ${node}`);
    };
    return await askAgain(ask, { clock, random, longest });
  }
}

/** Clusters beyond AWS use the label for places of their own. Throws `LK0014` for one that is not a region of AWS. */
function checked(region: string, place: string): string {
  const mistake = regionMistake(region);
  if (mistake === undefined && isRegionLike(region)) return region;
  const { what = "is not a region", meant = "REGION" } = mistake ?? {};
  throw new ProviderError("LK0014", `${place} says ${JSON.stringify(region)}, which ${what}`, {
    fix: `set \`region\` in the SecretProviderClass, or start Latchkey with --aws-region ${meant}`,
  });
}
