import { ConfigError } from "./config-error.ts";
import { type CoreValues, flagOf } from "./options.ts";

/** Settings that are each right and wrong together. Throws `ConfigError`. */
export function checkTogether(values: CoreValues): void {
  checkVersionKeys(values);
  if (values.tokenKeys !== undefined && values.tokenIssuer === undefined) {
    throw new ConfigError("--token-keys needs --token-issuer: the `iss` of the cluster's service account tokens");
  }
  checkCacheKey(values);
  if ((values.audit === "off") !== (values.auditFile === undefined)) {
    throw new ConfigError("set both --audit and --audit-file: whether lines are written, and where");
  }
  if (values.sync && values.versionKeyFile === undefined) {
    throw new ConfigError("--sync needs --version-key-file: nodes use it to see that content is the same");
  }
  if (values.providers.length === 0) throw new ConfigError(`${flagOf("providers")}: name at least one dialect`);
}

function checkCacheKey(values: CoreValues): void {
  const { cacheDir, cacheKeyFile, cacheKeyWrap, cacheKeyWrapRole, cacheKeyWrapTokenFile } = values;
  if (cacheKeyWrap !== undefined) {
    if (cacheDir === undefined) throw new ConfigError("--cache-key-wrap needs --cache-dir");
    if (cacheKeyFile !== undefined) throw new ConfigError("--cache-key-wrap and --cache-key-file cannot both be set");
    if (cacheKeyWrapRole === undefined || cacheKeyWrapTokenFile === undefined) {
      throw new ConfigError(
        "--cache-key-wrap needs --cache-key-wrap-role and --cache-key-wrap-token-file: as whom Latchkey asks is not guessed",
      );
    }
    return;
  }
  if (cacheDir !== undefined && cacheKeyFile === undefined && values.versionKeyFile === undefined) {
    throw new ConfigError(
      "--cache-dir needs --cache-key-file, --cache-key-wrap or --version-key-file: files in a directory are sealed with a key",
    );
  }
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
