import type { ValueType } from "./values.ts";

/** One setting of the process. Its flag, variable and key in the config file are all made from its name in the table. */
export interface Option<T = unknown> {
  readonly describe: string;
  readonly type: ValueType<T>;
  /** The value where nobody gave one; undefined where there is none. */
  readonly fallback: T | undefined;
  /**
   * Variables of today's providers and SDKs that mean the same, asked after `LATCHKEY_*`, first ones first. Of several in
   * one place the first that is set at all stands for the others, even where it is empty.
   */
  readonly env?: readonly (readonly string[])[];
  /** A variable that silences those of `env` where it is true, in any case. */
  readonly unless?: string;
  /** Those variables count only where this dialect is served. */
  readonly dialect?: string;
  /** Options of one group are one word: who says one of them more strongly silences what others say of all. */
  readonly group?: string;
  /** Once any source switches it on, it stays on. */
  readonly sticky?: true;
  /** Never shown: the value can be secret. */
  readonly hidden?: true;
  /** A plan hangs on it: commands that plan have its flag too. */
  readonly shapesPlans?: true;
  /** It means nothing to a single mount from a shell. */
  readonly servesOnly?: true;
}

/** Settings by name. */
export type OptionTable = Readonly<Record<string, Option>>;

/** The values of a table's settings, by name. */
export type ValuesOf<T extends OptionTable> = {
  readonly [N in keyof T]: T[N] extends { readonly type: ValueType<infer V>; readonly fallback: infer F }
    ? V | Extract<F, undefined>
    : never;
};

/** Marks settings that plans hang on. */
export function forPlans<T extends OptionTable>(table: T): T {
  return Object.fromEntries(Object.entries(table).map(([name, each]) => [name, { ...each, shapesPlans: true }])) as T;
}

/** A setting with a default. */
export function option<T>(type: ValueType<T>, fallback: T, describe: string): Option<T> & { readonly fallback: T } {
  return { type, fallback, describe };
}

/** A setting that can be left open; `env` as in `Option`, one place each. */
export function optional<T>(type: ValueType<T>, describe: string, ...env: readonly string[]): Option<T> {
  return { type, fallback: undefined, describe, env: env.map((name) => [name]) };
}
