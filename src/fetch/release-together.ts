import { releaseTogether } from "../cache/spread.ts";
import { ProviderError } from "../errors.ts";
import type { Wanted } from "../plan/plan.ts";
import type { Answer, Answered } from "./source-order.ts";

/**
 * The same answers, with secrets that name one `together` released at once: while the change of one waits for its time, the
 * others stay at their older values, if they changed in the same rotation.
 */
export function releasedTogether(answers: ReadonlyMap<Wanted, Answer>, now: number): ReadonlyMap<Wanted, Answer> {
  const units = Map.groupBy([...answers].filter(isChanging), ([{ together }]) => together);
  if (units.size === 0) return answers;
  const released = new Map(answers);
  for (const members of units.values()) {
    const releasesAt = releaseTogether(members.map(([, { change }]) => change));
    for (const [wanted, answer] of members) {
      const isLater = answer.change.since >= releasesAt;
      released.set(wanted, isLater ? answer : taken(answer, now < releasesAt ? "older" : "newest", now));
    }
  }
  return released;
}

type Changing = Answered & Required<Pick<Answered, "change">> & { readonly change: NonNullable<Answered["change"]> };

function isChanging(each: readonly [Wanted, Answer]): each is [Wanted, Changing] {
  const [{ together }, answer] = each;
  return together !== undefined && !(answer instanceof ProviderError) && answer.change !== undefined;
}

function taken(answer: Changing, which: "older" | "newest", now: number): Answered {
  const { value, fetchedAt } = answer.change[which];
  return { ...answer, value, ageMs: now - fetchedAt };
}
