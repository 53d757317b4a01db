import type { Stores } from "../stores/store.ts";
import type { Assumed, AssumeFrom } from "./assumed.ts";
import type { JsonSchema } from "./json-schema.ts";

/** The questions that commands before the pod ask of a dialect, besides its plans. */
export interface Judging<O = unknown> {
  /** Returns the schema of its parameters, if its words do not say all of it. */
  schema?(stores: Stores): Promise<JsonSchema>;
  /** Takes for granted what a node or its operator would say. */
  assume?(texts: ReadonlyMap<string, string>, own: O, from: AssumeFrom): Assumed<O>;
  /** Returns the parameter that a SecretProviderClass writes addresses of servers in; undefined if it writes none. */
  addressParameter?(texts: ReadonlyMap<string, string>): string | undefined;
  /** Returns the parameter that says how a pod logs in, if it is written. */
  loginParameter?(texts: ReadonlyMap<string, string>): string | undefined;
  /** Returns what the native form needs and neither parameters nor operator say, with the fix; undefined if nothing is missing. */
  missing?(texts: ReadonlyMap<string, string>, own: O): string | undefined;
}
