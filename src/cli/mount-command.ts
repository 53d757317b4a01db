import type { Command } from "commander";
import { options } from "../node/options.ts";
import type { Finish } from "./finish.ts";
import type { MountFlags } from "./mount-from-shell.ts";
import { addOptions, readFlags } from "./option-flags.ts";

/** Settings that mean something to a process that serves, and nothing to one mount. */
const serving: readonly string[] = [
  "socketDir",
  "providers",
  "drain",
  "deliver",
  "kubeletDir",
  "allowDiskTarget",
  "maxInflightBytes",
  "storeQueue",
  "refresh",
  "minRefresh",
  "maxStale",
  "staleAfter",
  "denyMemory",
  "cacheBytes",
  "versionKey",
  "tokenRequests",
  "cacheDir",
  "cacheKeyFile",
  "cacheKeyWrap",
  "cacheKeyWrapRole",
  "cacheKeyWrapTokenFile",
  "cacheKeyWrapAddress",
  "cacheKeyWrapCaFile",
  "allowDiskCache",
  "adminSocket",
  "adminListen",
];

/** `latchkey mount`. */
export function addMountCommand(program: Command, finish: Finish): void {
  const all = (text: string, before: readonly string[] | undefined) => [...(before ?? []), text];
  const mount = program
    .command("mount")
    .description("make one real mount from a shell, into a directory of your own")
    .argument("<file>", "YAML file with the SecretProviderClass; - reads standard input")
    .requiredOption("--namespace <name>", "namespace of the pod")
    .requiredOption("--service-account <name>", "service account of the pod")
    .requiredOption("--target <directory>", "where the files go: a new or empty directory")
    .option("--pod <name>", "name of the pod")
    .option("--name <name>", "name of the SecretProviderClass, if the file has several")
    .option("--token-file <file>", "file with a service account token, for the audiences in it; may be repeated", all)
    .option("--token-env <variable>", "environment variable with such a token; may be repeated", all)
    .option("--token <audience=file>", "file with a token for one audience, whatever is in it; may be repeated", all)
    .option("--secret <key=file>", "file with one entry of nodePublishSecretRef's Secret; may be repeated", all)
    .option("--values", "also print the contents of the files");
  const names = Object.entries(options).flatMap(([name, { servesOnly }]) =>
    servesOnly === true || serving.includes(name) ? [] : [name],
  );
  addOptions(mount, names);
  mount.action(async (file: string, flags: MountFlags) => {
    const { mountFromShell } = await import("./mount-from-shell.ts");
    finish(await mountFromShell(file, flags, readFlags(flags)));
  });
}
