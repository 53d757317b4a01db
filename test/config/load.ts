import type { Config } from "../../src/config/config.ts";
import type { ValuesOf } from "../../src/config/option.ts";
import { loadConfig as load } from "../../src/node/load-config.ts";
import type { awsOptions } from "../../src/stores/aws/options.ts";
import type { serverOptions } from "../../src/stores/vault/options.ts";

type ServerValues<P extends "vault" | "openbao"> = ValuesOf<ReturnType<typeof serverOptions<P>>>;

/** All settings, those that stores and dialects bring among them. */
export type AllSettings = Config &
  ServerValues<"vault"> &
  ServerValues<"openbao"> &
  ValuesOf<typeof awsOptions> & { readonly vaultHmacSecretName: string | undefined };

/** Loads settings as `latchkey serve` does. */
export async function loadConfig(sources: Parameters<typeof load>[0]): Promise<AllSettings> {
  return (await load(sources)) as AllSettings;
}
