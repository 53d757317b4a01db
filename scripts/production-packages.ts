import { readFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** A package that the program is made from. */
export interface ProductionPackage {
  /** Below the repository, as the lock file has it. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** SPDX identifiers; several where one may choose. */
  readonly licences: readonly string[];
}

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly license?: string | readonly { readonly type: string }[];
}

/** The production tree of the lock file, by path. What is optional is Node itself, which the image brings. */
export async function productionPackages(): Promise<readonly ProductionPackage[]> {
  const { packages } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"));
  return Object.entries<Locked>(packages).flatMap(([path, { version, license = [], ...kind }]) => {
    if (path === "" || kind.dev || kind.optional || kind.devOptional) return [];
    // "(A OR B)" leaves the choice to whom it is given (https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/).
    const licences =
      typeof license === "string" ? license.replace(/^\((.*)\)$/, "$1").split(" OR ") : license.map(({ type }) => type);
    return [{ path, name: path.slice(path.lastIndexOf("node_modules/") + 13), version, licences }];
  });
}
