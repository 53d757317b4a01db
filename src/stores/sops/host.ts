import type { Config } from "../../config/config.ts";
import { valuesOf } from "../../config/values-of.ts";
import { sopsOptions } from "./options.ts";

/** The operator's settings for every document. */
export interface SopsHost {
  /** Files with age identities where a profile names none; with placeholders. */
  readonly ageKeyFiles?: readonly string[] | undefined;
}

/** Returns the operator's settings for documents. */
export function sopsHost(config: Config): SopsHost {
  const { sopsAgeKeyFile } = valuesOf(sopsOptions, config);
  return sopsAgeKeyFile === undefined ? {} : { ageKeyFiles: [sopsAgeKeyFile] };
}
