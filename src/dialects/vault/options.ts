import { type Option, optional } from "../../config/option.ts";
import { path, text } from "../../config/values.ts";
import type { Flavour } from "./flavour.ts";

/** The names of the options for the key of a flavour's object versions. */
export function versionKeyNames<N extends Flavour["name"]>(name: N) {
  return { file: `${name}VersionKeyFile`, secret: `${name}HmacSecretName` } as const;
}

/** The options of a flavour, besides those of its servers. */
export function versionKeyOptions({ name, product }: Flavour): Readonly<Record<string, Option<string>>> {
  const { file, secret } = versionKeyNames(name);
  return {
    [file]: optional(path, `key of the ${name} dialect's object versions; default: that of --version-key-file`),
    [secret]: {
      ...optional(
        text,
        `Kubernetes Secret in Latchkey's own namespace with the key of the ${name} dialect's object versions, as the ${product} provider keeps it; instead of a file`,
      ),
      servesOnly: true,
    },
  };
}
