import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { flagOf } from "../config/options.ts";
import type { Warn } from "../http/pem.ts";
import type { JudgedOption } from "../stores/definition.ts";
import { storeFamilies } from "../stores/index.ts";
import type { Stores } from "../stores/store.ts";
import { checkTls } from "./check-tls.ts";

/** Checks what flags say of stores by the stores' own schemas, so that a wrong word stops the start. Throws `ConfigError`. */
export async function checkStoreFlags(config: Config, stores: Stores, warn: Warn): Promise<void> {
  for (const { options, judged = [], tls } of storeFamilies) {
    for (const each of judged) {
      const value = config[each.option as keyof Config];
      // A store is loaded only if somebody set something.
      if (value !== options[each.option]?.fallback) await checkFlag(value, each, stores);
    }
    for (const { option, settings } of tls?.(config) ?? []) await checkTls(settings, flagOf(option), warn);
  }
}

/** The other fields of the settings are missing here; only problems of this one count. */
async function checkFlag(value: unknown, { option, kind, field }: JudgedOption, stores: Stores): Promise<void> {
  const { readShape } = await import("../dialects/read-shape.ts");
  const shape = readShape((await stores.load(kind)).settings("operator"), { [field]: value });
  const problem = "problems" in shape ? shape.problems.find(({ path }) => path[0] === field) : undefined;
  if (problem === undefined) return;
  const fix = problem.fix === undefined ? "" : ` (${problem.fix})`;
  throw new ConfigError(`${flagOf(option)}: ${JSON.stringify(value)} ${problem.message}${fix}`);
}
