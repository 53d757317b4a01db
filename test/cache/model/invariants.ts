import type { Served } from "../../../src/cache/ask.ts";
import type { Bounds } from "../../../src/cache/freshness.ts";
import { hour, second } from "../cache-fixture.ts";
import type { Given, ModelStore, Owner, Withdrawal } from "./model-store.ts";
import type { Mount } from "./steps.ts";

/** An answer with all that it is judged by. */
export interface Answered {
  readonly mount: Mount;
  readonly bounds: Bounds;
  readonly served: Served<string>;
  /** When the mount asked and when it was answered, and how far the store had come when it asked. */
  readonly askedAt: number;
  readonly now: number;
  readonly order: number;
  /** Nothing had kept answers of the store back for some time. */
  readonly calm: boolean;
}

/** No flight takes longer, with all its tries and the pauses between them. */
export const longestFlight = 30 * second;

/** Returns what is wrong with an answer, each in a sentence. */
export function judge(answered: Answered, store: ModelStore): readonly string[] {
  const { mount, served } = answered;
  const given = store.given.get(served.value);
  if (given === undefined) return [`${served.value} was never given`];
  const wrong: readonly (readonly [boolean, string])[] = [
    [given.identity !== mount.identity || given.nature !== mount.nature, "it is another's"],
    [given.proved !== mount.proved, "it crosses between proved and not proved"],
    [!mount.proved && (served.how !== "fetched" || given.order <= answered.order), "it was not fetched for this mount"],
    [given.nature === "issued" && given.pod !== mount.pod, "it was issued to another pod"],
    [answered.now >= given.expiresAt, "it has expired"],
    [isWithdrawn(answered, given, store.withdrawals), "it was withdrawn"],
    [answered.now - given.readAt > oldest(answered), "it is too old"],
    [isBeforeBound(answered, given), "it is from before notBefore"],
  ];
  const asText = JSON.stringify({ ...answered, given });
  return wrong.filter(([is]) => is).map(([, sentence]) => `${sentence}: ${asText}`);
}

/** Whether it was read before it was withdrawn. A flight that was on its way then is answered, for the store gave it. */
function isWithdrawn(answered: Answered, given: Given, withdrawals: readonly Withdrawal[]): boolean {
  const { mount, served, order, now } = answered;
  if (!mount.proved) return false;
  return withdrawals
    .filter((withdrawal) => concerns(withdrawal, mount) && withdrawal.order > given.order)
    .some((withdrawal) => withdrawal.order <= order || (withdrawal.at < now && served.how !== "fetched"));
}

export function concerns(withdrawal: Withdrawal, { identity, nature, pod }: Owner): boolean {
  if (withdrawal.identity !== identity) return false;
  if (withdrawal.nature !== undefined && withdrawal.nature !== nature) return false;
  return withdrawal.pod === undefined || withdrawal.pod === pod;
}

function oldest({ mount, bounds, served, calm }: Answered): number {
  const held = mount.remount && bounds.spread > 0;
  if (held || mount.nature === "issued") return Number.POSITIVE_INFINITY;
  const fresh = (mount.nature === "immutable" ? Math.max(hour, bounds.refresh) : bounds.refresh) * 1.1;
  if (served.how === "fetched") return longestFlight;
  return served.how === "cached" || calm ? fresh : Math.max(fresh, bounds.maxStale);
}

function isBeforeBound({ bounds, served }: Answered, given: Given): boolean {
  return served.how === "cached" && given.readWall < (bounds.notBefore ?? 0);
}
