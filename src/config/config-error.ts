/** A wrong setting: stops the start. The message names the setting, its value and what is allowed. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
