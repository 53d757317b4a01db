import type { Config } from "../config/config.ts";
import type { IgnoredVariable } from "../config/ignored-variable.ts";
import type { OptionTable } from "../config/option.ts";
import type { Peer } from "../config/peer-flags.ts";
import type { Dialect } from "./dialect.ts";
import type { Judging } from "./judging.ts";
import type { DialectWords } from "./words.ts";

/**
 * Everything that the rest of Latchkey knows of a dialect before its module is loaded. It is cheap to import: no schema, no
 * I/O. `O` are the operator's settings that its SecretProviderClasses fall back to.
 */
export interface DialectDefinition<O = unknown> {
  /** `spec.provider`, and the name of the socket. */
  readonly name: string;
  /** The provider that it takes the place of; absent for the native dialect. */
  readonly peer?: Peer;
  /** The operator's options for it, besides those of its stores. */
  readonly options: OptionTable;
  readonly words: DialectWords;
  /** The audiences of the tokens that its pods need, for people. */
  readonly audiences: string;
  /** Variables that its peer obeys and Latchkey does not. */
  readonly ignored: readonly IgnoredVariable[];
  /** Where the key of its object versions lies, if it has one of its own. */
  readonly versionKey?: VersionKeyOptions;
  /** The label of the node that a plan takes a setting from if nobody makes it. */
  readonly nodeLabel?: NodeLabel<O>;
  /** Returns what its SecretProviderClasses fall back to. */
  operator(config: Config): O;
  /** Throws `ConfigError` for options that are each right and wrong together. */
  readonly check?: (config: Config) => void;
  load(): Promise<Dialect<O>>;
  /** Loads what judges its parameters before a mount. */
  judging(): Promise<Judging<O>>;
}

/** The options that name the key of a dialect's object versions. */
interface VersionKeyOptions {
  /** Of a file. */
  readonly file: string;
  /** Of the Kubernetes Secret in which the peer keeps it. */
  readonly secret: string;
}

/** A label of the node that stands for a setting which neither SecretProviderClass nor operator makes. */
export interface NodeLabel<O = unknown> {
  readonly label: string;
  /** The name under which its value is kept over a restart. */
  readonly record: string;
  /** True if a plan of these parameters cannot be made without it. */
  isNeeded(parameters: ReadonlyMap<string, string>, own: O): boolean;
  /** Returns what is wrong with a value and what could be meant; undefined if nothing is. */
  mistake(value: string): { readonly what: string; readonly meant?: string | undefined } | undefined;
  /** Returns the fix if it cannot be had; `meant` is what could be meant. */
  fix(meant?: string): string;
  /** Returns the operator's settings with the value in them. */
  with(own: O, value: string): O;
}
