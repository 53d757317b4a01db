import { type Command, Option } from "commander";
import { adminSocketOf } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { variableOf } from "../config/options.ts";
import { options } from "../node/options.ts";
import type { CacheSelection } from "../server/control.ts";
import { print } from "./terminal.ts";

/** `latchkey cache ls` and `latchkey cache drop`. */
export function addCacheCommand(program: Command): void {
  const cache = program
    .command("cache")
    .description("list and drop the cached secrets of a running latchkey")
    .exitOverride();
  const socket = () =>
    new Option("--admin-socket <path>", `${options.adminSocket.describe} (${variableOf("adminSocket")})`);
  cache
    .command("ls")
    .description("list cached secrets with their owner, age and hits, but never a value")
    .addOption(socket())
    .option("--json", "as JSON")
    .exitOverride()
    .action(async (flags: { readonly adminSocket?: string; readonly json?: boolean }) => {
      const { listCache } = await import("./ask-cache.ts");
      await print(`${await listCache(adminSocketOf(flags.adminSocket), flags.json === true)}\n`);
    });
  cache
    .command("drop")
    .description("drop the cached secrets that match all given options")
    .addOption(socket())
    .option("--namespace <name>", "cached for this namespace")
    .option("--service-account <name>", "cached for this service account")
    .option("--store <kind>", "read from this kind of store")
    .option("--name <ref>", "with this name, as `latchkey cache ls` shows it")
    .option("--all", "all cached secrets")
    .exitOverride()
    .action(async ({ adminSocket, all, ...selection }: DropFlags) => {
      if (all !== true && Object.keys(selection).length === 0) {
        throw new ConfigError(
          "cache drop: choose entries with --namespace, --service-account, --store, --name or --all",
        );
      }
      const { dropFromCache } = await import("./ask-cache.ts");
      await print(`${await dropFromCache(adminSocketOf(adminSocket), selection)}\n`);
    });
}

interface DropFlags extends CacheSelection {
  readonly adminSocket?: string;
  readonly all?: boolean;
}
