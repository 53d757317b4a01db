import { type Command, Option } from "commander";
import { adminSocketOf } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { variableOf } from "../config/options.ts";
import { options } from "../node/options.ts";
import type { CacheSelection } from "../server/control.ts";
import { print } from "./terminal.ts";

/** `latchkey cache ls`, `latchkey cache drop` and `latchkey cache expire`. */
export function addCacheCommand(program: Command): void {
  const cache = program
    .command("cache")
    .description("list, drop and expire the cached secrets of a running latchkey")
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
  addChoosing(cache, socket, {
    name: "drop",
    about: "drop the cached secrets that match all given options",
    run: async (path, selection) => (await import("./ask-cache.ts")).dropFromCache(path, selection),
  });
  addChoosing(cache, socket, {
    name: "expire",
    about: "ask again for the cached secrets that match all given options, and keep them for an outage",
    run: async (path, selection) => (await import("./ask-cache.ts")).expireInCache(path, selection),
  });
}

/** A command on the cached secrets that its options choose. */
interface Choosing {
  readonly name: string;
  readonly about: string;
  readonly run: (socketPath: string, selection: CacheSelection) => Promise<string>;
}

function addChoosing(cache: Command, socket: () => Option, { name, about, run }: Choosing): void {
  cache
    .command(name)
    .description(about)
    .addOption(socket())
    .option("--namespace <name>", "cached for this namespace")
    .option("--service-account <name>", "cached for this service account")
    .option("--store <kind>", "read from this kind of store")
    .option("--name <ref>", "with this name, as `latchkey cache ls` shows it")
    .option("--place <address>", "read from this place, as `latchkey cache ls` shows it")
    .option("--all", "all cached secrets")
    .exitOverride()
    .action(async ({ adminSocket, all, ...selection }: ChoosingFlags) => {
      if (all !== true && Object.keys(selection).length === 0) {
        throw new ConfigError(
          `cache ${name}: choose entries with --namespace, --service-account, --store, --name, --place or --all`,
        );
      }
      await print(`${await run(adminSocketOf(adminSocket), selection)}\n`);
    });
}

interface ChoosingFlags extends CacheSelection {
  readonly adminSocket?: string;
  readonly all?: boolean;
}
