import type { DialectName } from "../config/dialect-names.ts";
import type { Dialect } from "./dialect.ts";

/** Every dialect, each loaded on first use. */
const loaders: Readonly<Record<DialectName, () => Promise<Dialect>>> = {
  latchkey: async () => (await import("./native/native-dialect.ts")).nativeDialect,
  vault: async () => (await import("./vault/vault-dialect.ts")).vaultDialect,
  openbao: async () => (await import("./vault/vault-dialect.ts")).openbaoDialect,
  aws: async () => (await import("./aws/aws-dialect.ts")).awsDialect,
};

/** Loads one dialect. */
export function loadDialect(name: DialectName): Promise<Dialect> {
  return loaders[name]();
}
