import { LRUCache } from "lru-cache";
import type { Ask } from "./ask.ts";
import type { Entry } from "./entries.ts";
import type { Loaded } from "./freshness.ts";
import { isOfPod, keyOfPod, sharedKey } from "./keys.ts";

type Asked = Pick<Ask<unknown>, "key" | "pod" | "forPod" | "issues">;

/** Tells under which key an answer is kept: the identity's, or the pod's where it is for one pod alone. */
export class PodKeys {
  /** Keys of answers that turned out to be for one pod; if the ask says so itself, its key is not learnt. */
  readonly #learnt = new LRUCache<string, "issued" | "pod">({ max: 10_000 });

  /** The key of what this pod is to be served. */
  keyFor(ask: Asked): string {
    return isOwn(ask) || this.#learnt.has(ask.key) ? keyOfPod(ask.key, ask.pod) : ask.key;
  }

  /** The key of an answer that came to an ask; remembers whether it is for one pod alone. */
  learn(ask: Asked, { issued, forPod = false }: Pick<Loaded<unknown>, "issued" | "forPod">): string {
    if ((issued || forPod) && !isOwn(ask)) this.#learnt.set(ask.key, issued ? "issued" : "pod");
    return this.keyFor(ask);
  }

  /** Takes what an earlier process had learnt. */
  restore({ key, issued }: Pick<Entry<unknown>, "key" | "issued">): void {
    if (isOfPod(key)) this.#learnt.set(sharedKey(key), issued ? "issued" : "pod");
  }

  /** Whether asking by a key has made something new before. */
  issues(key: string): boolean {
    return this.#learnt.get(key) === "issued";
  }

  /** Whether a request may be sent twice. */
  isRepeatable({ key, issues }: Asked): boolean {
    return issues !== true && !this.issues(key);
  }
}

/** Whether the answer is known beforehand to be for one pod alone. */
function isOwn({ forPod, issues }: Asked): boolean {
  return forPod === true || issues === true;
}
