import { canonicalText } from "../cache/keys.ts";
import type { Find, NextSources, Source, Wanted } from "./plan.ts";
import type { Verify } from "./verify.ts";
import { strictest, type WantedBounds } from "./wanted-bounds.ts";

/** One source with everything that wants it. */
interface Mention {
  readonly id: string;
  readonly source: Source;
  readonly next: NextSources | undefined;
  readonly find: Find | undefined;
  readonly verify: Verify | undefined;
  readonly subjects: string[];
  bounds: WantedBounds;
  optional: boolean;
  together: string | undefined;
}

/** How a source is wanted. */
export interface HowWanted {
  readonly bounds?: WantedBounds;
  readonly next?: NextSources | undefined;
  readonly find?: Find | undefined;
  readonly optional?: boolean;
  readonly together?: string | undefined;
  readonly verify?: Verify | undefined;
}

/** The secrets of a plan: equal sources (store, settings, ref; the next ones too) become one, whatever the number of files made from it. */
export class WantedList {
  readonly #bySource = new Map<string, Mention>();
  /** Settings are few and can be long (certificates), refs are many: each settings is compared once. */
  readonly #settingsOf = new Map<unknown, number>();
  readonly #numberOf = new Map<string, number>();

  /** Notes that `subject` wants `source`; gives the id that outputs point to. Of several bounds the strictest hold, and one that needs it is enough. */
  add(
    subject: string,
    source: Source,
    { bounds = {}, next, find, optional = false, together, verify }: HowWanted = {},
  ): string {
    // What a search takes of its names is code, so each is one of its own.
    const own = find === undefined ? "" : subject;
    // One that is tried may have another value than one that is not.
    const trial = verify === undefined ? "" : canonicalText(verify);
    const key = [this.#keyOf(source), own, next === undefined ? "" : this.#keyOfNext(next), trial].join("\n");
    const known = this.#bySource.get(key);
    if (known !== undefined) {
      known.subjects.push(subject);
      known.bounds = strictest(known.bounds, bounds);
      known.optional &&= optional;
      known.together ??= together;
      return known.id;
    }
    const id = `secret-${this.#bySource.size}`;
    this.#bySource.set(key, { id, source, next, find, verify, subjects: [subject], bounds, optional, together });
    return id;
  }

  /** In the order of first mention. */
  get secrets(): readonly Wanted[] {
    return [...this.#bySource.values()].map(
      ({ id, source, next, find, verify, subjects, bounds, optional, together }) => ({
        id,
        subject: listed(subjects),
        source,
        ...(next === undefined ? {} : { next }),
        ...(find === undefined ? {} : { find }),
        ...(verify === undefined ? {} : { verify }),
        ...(optional ? { optional: true as const } : {}),
        ...(together === undefined ? {} : { together }),
        ...(Object.values(bounds).some((ms) => ms !== undefined) ? { bounds } : {}),
      }),
    );
  }

  #keyOf({ store, settings, ref, share }: Source): string {
    return `${store} ${this.#settingsNumber(settings)} ${share ?? ""} ${canonicalText(ref)}`;
  }

  /** `tryNext` is left out: a plan is one dialect's, and so is its rule. */
  #keyOfNext({ stale, hedgeMs, sources }: NextSources): string {
    return [`${stale} ${hedgeMs}`, ...sources.map((source) => this.#keyOf(source))].join("\n");
  }

  /** The same number for equal settings. */
  #settingsNumber(settings: unknown): number {
    const known = this.#settingsOf.get(settings);
    if (known !== undefined) return known;
    const text = canonicalText(settings);
    const number = this.#numberOf.get(text) ?? this.#numberOf.size;
    this.#numberOf.set(text, number);
    this.#settingsOf.set(settings, number);
    return number;
  }
}

/** Errors name the first few of many. */
function listed(all: readonly string[]): string {
  // One object can be several files.
  const subjects = [...new Set(all)];
  const shown = subjects.slice(0, 3).join(", ");
  return subjects.length > 3 ? `${shown} and ${subjects.length - 3} more` : shown;
}
