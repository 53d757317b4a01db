import { flagOf } from "./options.ts";

/** A flag of a provider that Latchkey takes the place of, and that it does not have. */
export interface PeerFlag {
  /** Without dashes. */
  readonly name: string;
  /** The flags that do its job here; empty if none is needed. */
  readonly flags: readonly string[];
  /** The instruction on what to do instead. */
  readonly answer: string;
}

/** The flags of one provider. */
export interface Peer {
  /** Its name for people: `Vault`. */
  readonly product: string;
  readonly flags: readonly PeerFlag[];
}

/**
 * Explains what to give instead of the flags of other providers on a command line, one line for each answer: the flags that
 * Latchkey does not have, and those with one dash that it has with two. Empty if there are none. `own` are the names of
 * Latchkey's own settings.
 */
export function explainPeerFlags(
  argv: readonly string[],
  own: readonly string[],
  peers: readonly Peer[],
): readonly string[] {
  const known = new Set(own.map(flagOf));
  return argv.flatMap((argument) => {
    const [, dashes = "", name = ""] = /^(--?)([a-z][a-z0-9_-]*)(?:=|$)/.exec(argument) ?? [];
    if (known.has(`--${name}`)) return dashes === "-" ? [`-${name}: write it with two dashes, --${name}`] : [];
    const having = peers.flatMap(({ product, flags }) =>
      flags.filter((flag) => flag.name === name).map(({ answer }) => ({ product, answer })),
    );
    // Providers that mean different things by one flag have an answer each.
    return [...Map.groupBy(having, ({ answer }) => answer)].map(([answer, all]) => {
      return `${dashes}${name} (of the ${all.map(({ product }) => product).join(" and ")} provider): ${answer}`;
    });
  });
}
