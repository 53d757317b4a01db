import { turns } from "../async/turns.ts";
import { canonicalText } from "../cache/keys.ts";
import { ProviderError } from "../errors.ts";
import type { NextSources, Plan, Source, Wanted, WantedGroup } from "../plan/plan.ts";
import { strictest } from "../plan/wanted-bounds.ts";
import type { Stores } from "../stores/store.ts";
import type { Answer } from "./source-order.ts";

/**
 * The plan, with what comes from one secret in groups: asked for apart, a current and a previous stage would change at different
 * moments, each with the age and the fate of an entry of its own.
 */
export async function withGroups(plan: Plan, stores: Stores): Promise<Plan> {
  if (plan.secrets.length < 2) return plan;
  const pause = turns();
  const units: (string | undefined)[] = [];
  for (const wanted of plan.secrets) {
    units.push(await unitOf(wanted, stores));
    await pause();
  }
  const byUnit = Map.groupBy(plan.secrets, (_, index) => units[index]);
  byUnit.delete(undefined);
  const several = [...byUnit.values()].filter((members) => members.length > 1);
  if (several.length === 0) return plan;
  return { ...plan, groups: await Promise.all(several.map((members) => groupOf(members, stores))) };
}

/** The answer for one member of a group. */
export interface OfGroup {
  readonly answer: Answer;
  /** The whole group's request, if the error is that of the whole group. */
  readonly whole?: Wanted;
}

/** Returns the `index`th member's part of a group's answer. */
export function ofGroup(answer: Answer, { wanted, members }: WantedGroup, index: number): OfGroup {
  if (answer instanceof ProviderError) return { answer, whole: wanted };
  const { value, from, ...served } = answer;
  const secret = value.together?.[index];
  if (secret === undefined)
    return {
      answer: new ProviderError("LK0034", "the secret has no such version", {
        fix: "check the version, stage or label that the SecretProviderClass names",
      }),
    };
  // Which of the next sources it was, in the member's own words.
  const at = from === undefined ? undefined : placeOf.get(from);
  const own = at === undefined ? undefined : members[index]?.next?.sources[at];
  return { answer: { ...served, value: secret, ...(own === undefined ? {} : { from: own }) } };
}

/** Where a group's next source stands among its sources. */
const placeOf = new WeakMap<Source, number>();

/** Equal for what is asked of one secret in the same places and by the same rules; undefined for what stands alone. */
async function unitOf({ source, next, find }: Wanted, stores: Stores): Promise<string | undefined> {
  if (find !== undefined) return undefined;
  const sources = [source, ...(next?.sources ?? [])];
  const units = await Promise.all(sources.map((each) => unitOfSource(each, stores)));
  if (units.includes(undefined)) return undefined;
  return canonicalText([units, next?.stale, next?.hedgeMs]);
}

async function unitOfSource({ store, settings, ref, share }: Source, stores: Stores): Promise<unknown> {
  const unit = (await stores.load(store)).together?.unitOf(ref);
  return unit === undefined ? undefined : [store, settings, share, unit];
}

async function groupOf(members: readonly Wanted[], stores: Stores): Promise<WantedGroup> {
  const [first, ...rest] = members;
  if (first === undefined) throw new TypeError("a group without members");
  const bounds = rest.reduce((all, { bounds: own = {} }) => strictest(all, own), first.bounds ?? {});
  const next = first.next && (await nextOf(first.next, members, stores));
  const wanted: Wanted = {
    id: `together ${first.id}`,
    subject: [...new Set(members.map(({ subject }) => subject))].join(", "),
    source: await joined(members, ({ source }) => source, stores),
    bounds,
    ...(next === undefined ? {} : { next }),
    ...verifyOf(members),
    ...(members.every(({ optional }) => optional === true) ? { optional: true as const } : {}),
  };
  return { wanted, members };
}

/** A group changes at once, so each member that is tried decides for all of them. */
function verifyOf(members: readonly Wanted[]): Pick<Wanted, "verify"> {
  const tried = members.flatMap(({ verify }, member) => (verify === undefined ? [] : [{ ...verify, member }]));
  if (tried.length === 0) return {};
  const targets = tried.flatMap(({ targets: each, member }) => each.map((target) => ({ ...target, member })));
  return { verify: { targets, hold: Math.min(...tried.map(({ hold }) => hold)) } };
}

async function nextOf(next: NextSources, members: readonly Wanted[], stores: Stores): Promise<NextSources> {
  const [first, ...rest] = next.sources.map((source, at) =>
    joined(members, (member) => member.next?.sources[at] ?? source, stores),
  );
  if (first === undefined) return next;
  const sources = [await first, ...(await Promise.all(rest))] as const;
  for (const [at, source] of sources.entries()) placeOf.set(source, at);
  return { ...next, sources };
}

/** One source for those of all members. */
async function joined(
  members: readonly Wanted[],
  sourceOf: (member: Wanted) => Source,
  stores: Stores,
): Promise<Source> {
  const [first] = members;
  if (first === undefined) throw new TypeError("a group without members");
  const source = sourceOf(first);
  const refs = members.map((member) => ({ ref: sourceOf(member).ref, optional: member.optional === true }));
  const { together } = await stores.load(source.store);
  return together === undefined ? source : { ...source, ref: together.join(refs) };
}
