import type { Bounds } from "../../../src/cache/freshness.ts";
import fc from "../../property.ts";
import { hour, minute, second } from "../cache-fixture.ts";

/** The moods of a store, each of which holds for every call. */
const moods = ["up", "refusing", "hanging", "slow", "sealed", "broken", "busy"] as const;
export type Mood = (typeof moods)[number];

/** The verdicts of a store on one secret. */
const verdicts = ["given", "denied", "absent"] as const;
export type Verdict = (typeof verdicts)[number];

/** How answers to a ref are. */
const natures = ["static", "expiring", "issued", "immutable"] as const;
export type Nature = (typeof natures)[number];

/** So long after being asked a store that is slow answers, and so long answers that end are good. */
export const slowness = 4 * second;
export const life = { expiring: 30 * minute, issued: hour } as const;

/** Bounds that SecretProviderClasses have; `notBefore` counts back from the time of the mount. */
export const boundsTable: readonly (Bounds & { readonly name: string })[] = [
  { name: "default", refresh: 2 * minute, maxStale: 24 * hour, spread: 0 },
  { name: "never fresh", refresh: 0, maxStale: 24 * hour, spread: 0 },
  { name: "never stale", refresh: 2 * minute, maxStale: 0, spread: 0 },
  { name: "hour", refresh: 10 * minute, maxStale: hour, spread: 0 },
  { name: "spread", refresh: minute, maxStale: 24 * hour, spread: hour },
  { name: "not before", refresh: 10 * minute, maxStale: 24 * hour, spread: 0, notBefore: 5 * second },
];

export interface Mount {
  readonly kind: "mount";
  readonly identity: number;
  readonly nature: Nature;
  readonly pod: number;
  readonly proved: boolean;
  readonly remount: boolean;
  readonly bounds: number;
}

/** One thing that happens. */
export type Step =
  | Mount
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "mood"; readonly mood: Mood }
  | { readonly kind: "rotate"; readonly identity: number; readonly nature: Nature }
  | { readonly kind: "verdict"; readonly identity: number; readonly nature: Nature; readonly verdict: Verdict }
  | { readonly kind: "login"; readonly identity: number; readonly denied: boolean }
  | { readonly kind: "throttle"; readonly identity: number; readonly throttled: boolean }
  | { readonly kind: "restart" }
  | { readonly kind: "jump"; readonly ms: number }
  | { readonly kind: "drop"; readonly identity: number };

const identity = fc.nat({ max: 2 });
const nature = fc.constantFrom(...natures);
const times = [0, 100, second, 3 * second, 20 * second, minute, 3 * minute, 15 * minute, 41 * minute, 13 * hour];

const mount: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("mount" as const),
  identity,
  nature,
  pod: fc.nat({ max: 2 }),
  proved: fc.integer({ min: 0, max: 9 }).map((roll) => roll > 0),
  remount: fc.boolean(),
  bounds: fc.nat({ max: boundsTable.length - 1 }),
});

const record = <S extends Step>(shape: { [K in keyof S]: fc.Arbitrary<S[K]> }): fc.Arbitrary<Step> =>
  fc.record(shape) as fc.Arbitrary<Step>;
const constant = <const T>(value: T) => fc.constant(value);

/** A history of 30 to 60 steps. Stores are up and give more often than not, for else little would happen. */
export const history: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 24, arbitrary: mount },
    { weight: 12, arbitrary: record({ kind: constant("pass"), ms: fc.constantFrom(...times) }) },
    { weight: 3, arbitrary: record({ kind: constant("mood"), mood: fc.constantFrom("up", "up", "up", ...moods) }) },
    { weight: 3, arbitrary: record({ kind: constant("rotate"), identity, nature }) },
    {
      weight: 3,
      arbitrary: record({
        kind: constant("verdict"),
        identity,
        nature,
        verdict: fc.constantFrom("given", "given", ...verdicts),
      }),
    },
    { weight: 1, arbitrary: record({ kind: constant("login"), identity, denied: fc.boolean() }) },
    { weight: 1, arbitrary: record({ kind: constant("throttle"), identity, throttled: fc.boolean() }) },
    { weight: 1, arbitrary: record({ kind: constant("restart") }) },
    { weight: 1, arbitrary: record({ kind: constant("jump"), ms: fc.constantFrom(-hour, -minute, minute, hour) }) },
    { weight: 1, arbitrary: record({ kind: constant("drop"), identity }) },
  ),
  { minLength: 30, maxLength: 60, size: "max" },
);
