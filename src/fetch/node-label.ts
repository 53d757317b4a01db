import type { Clock } from "../async/clock.ts";
import type { NodeLabel } from "../dialects/definition.ts";
import type { OperatorDefaults } from "../dialects/dialect.ts";
import { dialectDefinitions } from "../dialects/index.ts";
import { ProviderError } from "../errors.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import type { RecordKeeper } from "../record-keeper.ts";

/** Longest that the API is asked, in milliseconds; the question is shared, so it does not end with whoever asked first. */
const longest = 5_000;

/** Where labels are looked up. */
export interface NodeLabelOptions {
  readonly api: KubernetesApi;
  /** This node; absent: the one that the asking pod runs on, which is the same. */
  readonly nodeName: string | undefined;
  readonly keeper: RecordKeeper | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

/** The value of one label of this node: asked of the API once, for a node does not move, and kept over a restart. */
export class NodeLabelValue {
  readonly #label: Pick<NodeLabel, "label" | "record" | "mistake" | "fix">;
  readonly #options: NodeLabelOptions;
  #known: string | undefined;
  #asking: Promise<string> | undefined;

  constructor(label: Pick<NodeLabel, "label" | "record" | "mistake" | "fix">, options: NodeLabelOptions) {
    this.#label = label;
    this.#options = options;
  }

  /** The value. Throws what the API client throws, or `LK0014`, if it cannot be learnt; the next one asks again. */
  async get(namespace: string, pod: string | undefined): Promise<string> {
    if (this.#known !== undefined) return this.#known;
    this.#asking ??= this.#learn(namespace, pod).finally(() => {
      this.#asking = undefined;
    });
    return await this.#asking;
  }

  async #learn(namespace: string, pod: string | undefined): Promise<string> {
    const { keeper } = this.#options;
    const { record, mistake } = this.#label;
    const kept = await keeper?.loadRecord(record);
    const before = kept === undefined ? "" : Buffer.from(kept).toString();
    if (before !== "" && mistake(before) === undefined) this.#known = before;
    else {
      this.#known = await this.#ask(namespace, pod);
      await keeper?.saveRecord(record, Buffer.from(this.#known));
    }
    return this.#known;
  }

  async #ask(namespace: string, pod: string | undefined): Promise<string> {
    const { api, nodeName, clock, random } = this.#options;
    const { label, fix } = this.#label;
    const [{ readNodeLabel, readNodeName }, { askAgain }] = await Promise.all([
      import("../kubernetes/node-label.ts"),
      import("../kubernetes/ask-again.ts"),
    ]);
    const ask = async (signal: AbortSignal) => {
      const node = nodeName ?? (await readNodeName(api, { namespace, name: pod ?? "", fix: fix() }, signal));
      const value = await readNodeLabel(api, { node, label, fix: fix() }, signal);
      return this.#checked(value, `the label ${label} of the node ${node}`);
    };
    return await askAgain(ask, { clock, random, longest });
  }

  /** Clusters beyond a cloud use its labels for things of their own. Throws `LK0014` for a value that is none of the cloud's. */
  #checked(value: string, place: string): string {
    const mistake = this.#label.mistake(value);
    if (mistake === undefined) return value;
    throw new ProviderError("LK0014", `${place} says ${JSON.stringify(value)}, which ${mistake.what}`, {
      fix: this.#label.fix(mistake.meant),
    });
  }
}

/** A label that a plan cannot be made without. */
export interface NeededLabel {
  get: NodeLabelValue["get"];
  /** Returns the operator's settings with the value in them. */
  in(operator: OperatorDefaults, value: string): OperatorDefaults;
}

/** The labels of this node that the plans of served dialects need. */
export class NodeLabels {
  readonly #values: ReadonlyMap<string, readonly [NodeLabel, NodeLabelValue]>;

  constructor(served: readonly string[], options: NodeLabelOptions) {
    this.#values = new Map(
      dialectDefinitions.flatMap(({ name, nodeLabel }) =>
        nodeLabel === undefined || !served.includes(name)
          ? []
          : [[name, [nodeLabel, new NodeLabelValue(nodeLabel, options)]]],
      ),
    );
  }

  /** The label that a plan of these parameters needs; undefined if it needs none. */
  of(
    dialect: string,
    parameters: ReadonlyMap<string, string>,
    { dialects }: OperatorDefaults,
  ): NeededLabel | undefined {
    const [label, value] = this.#values.get(dialect) ?? [];
    if (label === undefined || value === undefined || !label.isNeeded(parameters, dialects[dialect])) return undefined;
    return {
      get: (namespace, pod) => value.get(namespace, pod),
      in: (operator, text) => {
        const own = label.with(operator.dialects[dialect], text);
        return { ...operator, dialects: { ...operator.dialects, [dialect]: own } };
      },
    };
  }
}
