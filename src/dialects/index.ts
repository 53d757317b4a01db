import { aws } from "./aws/definition.ts";
import { azure } from "./azure/definition.ts";
import type { DialectDefinition } from "./definition.ts";
import { gcp } from "./gcp/definition.ts";
import { native } from "./native/definition.ts";
import { openbao, vault } from "./vault/definition.ts";

/** Every dialect; the first is served if the operator names none. */
const registry = [
  // One line each.
  native,
  vault,
  openbao,
  aws,
  gcp,
  azure,
] as const;

/** The ways to write `spec.parameters` that Latchkey reads; each has its own socket, `<name>.sock`. */
export type DialectName = (typeof registry)[number]["name"];

/** The definition of each dialect. */
export const dialectDefinitions: readonly DialectDefinition[] = registry;

/** The providers that they take the place of. */
export const peers = dialectDefinitions.flatMap(({ peer }) => (peer === undefined ? [] : [peer]));

/** Their names. */
export const dialectNames = registry.map(({ name }) => name) as [DialectName, ...DialectName[]];

/** Narrows the name of a provider to that of a dialect. */
export function isDialect(name: string): name is DialectName {
  return dialectNames.some((known) => known === name);
}

/** Returns what is known of a dialect before it is loaded. Throws if there is none. */
export function dialectDefinition(name: string): DialectDefinition {
  const found = dialectDefinitions.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no dialect ${JSON.stringify(name)}`);
  return found;
}
