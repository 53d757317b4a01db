import type { OptionTable, ValuesOf } from "./option.ts";

/** Returns the values of a table's own settings among all that were given. Throws for a table that was not among them. */
export function valuesOf<T extends OptionTable>(table: T, given: object): ValuesOf<T> {
  const entries = Object.keys(table).map((name) => {
    if (!Object.hasOwn(given, name)) throw new Error(`the setting ${name} is not in the table that was read`);
    return [name, given[name as keyof typeof given]];
  });
  return Object.fromEntries(entries) as ValuesOf<T>;
}
