import { ConfigError } from "./config-error.ts";
import { type CoreValues, flagOf } from "./options.ts";

/** Settings that are each right and wrong together. Throws `ConfigError`. */
export function checkTogether(values: CoreValues): void {
  checkVersionKeys(values);
  if (values.tokenKeys !== undefined && values.tokenIssuer === undefined) {
    throw new ConfigError("--token-keys needs --token-issuer: the `iss` of the cluster's service account tokens");
  }
  if (values.cacheDir !== undefined && values.cacheKeyFile === undefined && values.versionKeyFile === undefined) {
    throw new ConfigError(
      "--cache-dir needs --cache-key-file or --version-key-file: files in a directory are sealed with a key",
    );
  }
  if ((values.audit === "off") !== (values.auditFile === undefined)) {
    throw new ConfigError("set both --audit and --audit-file: whether lines are written, and where");
  }
  if (values.sync && values.versionKeyFile === undefined) {
    throw new ConfigError("--sync needs --version-key-file: nodes use it to see that content is the same");
  }
  if (values.providers.length === 0) throw new ConfigError(`${flagOf("providers")}: name at least one dialect`);
}

function checkVersionKeys(values: CoreValues): void {
  if (values.versionKeyFile !== undefined && values.versionKey !== undefined) {
    throw new ConfigError("--version-key-file and --version-key cannot both be set; keep one of them");
  }
  if (values.versionKeyFile === undefined && values.versionKey === undefined) {
    throw new ConfigError(
      "no key for object versions: give --version-key-file FILE (the same key on every node, so that versions change only with content), " +
        "or --version-key ephemeral to accept that versions change with every start and node",
    );
  }
}
