import { type Command, Option } from "commander";
import { adminSocketOf } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { variableOf } from "../config/options.ts";
import type { CacheSelection } from "../server/control.ts";
import { options } from "./options.ts";
import { print } from "./terminal.ts";

/** `latchkey cache ls` and `latchkey cache drop`. */
export function addCacheCommand(program: Command): void {
  const cache = program.command("cache").description("see and drop what a running latchkey has cached").exitOverride();
  const socket = () =>
    new Option("--admin-socket <path>", `${options.adminSocket.describe} (${variableOf("adminSocket")})`);
  cache
    .command("ls")
    .description("list cached secrets: whose they are, their ages and hits; never a value")
    .addOption(socket())
    .option("--json", "as JSON")
    .exitOverride()
    .action(async (flags: { readonly adminSocket?: string; readonly json?: boolean }) => {
      const { listCache } = await import("./cache.ts");
      await print(`${await listCache(adminSocketOf(flags.adminSocket), flags.json === true)}\n`);
    });
  cache
    .command("drop")
    .description("forget cached secrets that fit all of the given words")
    .addOption(socket())
    .option("--namespace <name>", "of this namespace")
    .option("--service-account <name>", "of this service account")
    .option("--store <kind>", "of this kind of store")
    .option("--name <ref>", "of this name, as `latchkey cache ls` shows it")
    .option("--all", "every one")
    .exitOverride()
    .action(async ({ adminSocket, all, ...selection }: DropFlags) => {
      if (all !== true && Object.keys(selection).length === 0) {
        throw new ConfigError(
          "cache drop: say which entries: --namespace, --service-account, --store, --name, or --all",
        );
      }
      const { dropFromCache } = await import("./cache.ts");
      await print(`${await dropFromCache(adminSocketOf(adminSocket), selection)}\n`);
    });
}

interface DropFlags extends CacheSelection {
  readonly adminSocket?: string;
  readonly all?: boolean;
}
