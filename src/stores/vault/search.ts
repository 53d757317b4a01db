import type { LimitFunction } from "p-limit";
import type { ZodType } from "zod";
import * as z from "zod";
import { ProviderError } from "../../errors.ts";
import { FoundNames, noName } from "../found-names.ts";
import type { Search, Secret } from "../store.ts";
import { cleanPath, parsePlainApiPath } from "./api-path.ts";
import { emptySearchFix } from "./path-advice.ts";
import { vaultNamespace } from "./settings.ts";
import type { VaultRef, VaultSearch } from "./types.ts";

/** `kv` and `mount` are for engines whose paths do not tell them: `data` is taken for version 2's own segment. */
const query: ZodType<VaultSearch> = z
  .strictObject({
    prefix: z.string().min(1),
    kv: z.union([z.literal(1), z.literal(2)]).optional(),
    mount: z.string().min(1).optional(),
    namespace: vaultNamespace.optional(),
    tags: z.never("a search in Vault has no tags: find by prefix or pattern").optional(),
  })
  .transform(({ prefix, kv, mount, namespace }, context) => {
    try {
      return { ...placeOf(prefix, kv, mount), ...(namespace === undefined ? {} : { namespace }) };
    } catch (thrown) {
      if (!(thrown instanceof ProviderError)) throw thrown;
      context.addIssue({ code: "custom", path: ["prefix"], message: `${thrown.message}: ${thrown.details.fix}` });
      return z.NEVER;
    }
  });

/** How a key-value engine is searched: by the beginnings of paths. */
export const vaultSearch: Search<VaultRef, VaultSearch> = {
  query,
  prefixOf: ({ prefix }) => prefix,
  emptyAdvice: emptySearchFix,
  refOf: ({ namespace }, name) => {
    const path = `/v1/${name}`;
    if (cleanPath(path) !== path) throw noName(name);
    return { method: "GET", path, query: "", ...(namespace === undefined ? {} : { namespace }) };
  },
};

/** The ref for people. */
export function nameOfSearch({ prefix }: VaultSearch): string {
  return `secrets below ${prefix}`;
}

/** The keys of one folder by the path that lists it; undefined where there is none. */
export type ListFolder = (path: string) => Promise<readonly string[] | undefined>;

/**
 * Walks through all folders below the search's. `uses` is how many requests the login may make. Throws what `list` throws,
 * `LK0036` for keys that are none, `LK0044`.
 */
export async function searchVault(
  search: VaultSearch,
  list: ListFolder,
  limit: LimitFunction,
  uses = Number.POSITIVE_INFINITY,
): Promise<Secret> {
  const bound = { calls: uses, fix: "choose a longer prefix, or raise the role's token_num_uses" };
  const names = new FoundNames(nameOfSearch(search), bound);
  const folder = search.prefix.slice(0, search.prefix.lastIndexOf("/") + 1);
  const walk = async (listed: string, below: string): Promise<void> => {
    names.call();
    const keys = (await limit(() => list(listed))) ?? [];
    const wanted = keys.filter((key) => `${below}${key}`.startsWith(search.prefix));
    const wrong = wanted.find((key) => !isKey(key));
    if (wrong !== undefined) throw noName(`${below}${wrong}`);
    names.add(wanted.filter((key) => !key.endsWith("/")).map((key) => `${below}${key}`));
    const folders = wanted.filter((key) => key.endsWith("/"));
    await Promise.all(folders.map((key) => walk(`${listed}/${key.slice(0, -1)}`, `${below}${key}`)));
  };
  try {
    await walk(search.listed, folder);
  } finally {
    // Nothing is waited for any more: the server is not asked what is left.
    limit.clearQueue();
  }
  return names.secret;
}

/** A secret's own name, or with a slash at its end a folder's: neither leads anywhere else. */
function isKey(key: string): boolean {
  return /^[^/]+\/?$/.test(key) && !/^\.\.?\/?$/.test(key);
}

/** Of KV version 2 the secrets are below `data` and their list is below `metadata` (https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#list-secrets). */
function placeOf(text: string, kv: 1 | 2 | undefined, mount: string | undefined): VaultSearch {
  const { path, query: more } = parsePlainApiPath(text);
  if (more !== "") throw wrong(text, "has a query", "write the beginning of a path");
  const prefix = `${path.slice("/v1/".length)}${text.endsWith("/") || path.endsWith("/data") ? "/" : ""}`;
  const parts = prefix.split("/").slice(0, -1);
  if (parts.length === 0) throw wrong(text, "names no folder", "write a slash after the mount, such as secret/data/");
  const above = mount?.replace(/^\/+|\/+$/g, "").split("/");
  if (above?.some((part, index) => part !== parts[index])) {
    throw wrong(text, `is not below ${JSON.stringify(mount)}`, "write the whole path, the mount too");
  }
  const depth = above?.length ?? parts.indexOf("data", 1);
  const isSecond = kv !== 1 && parts[depth] === "data";
  if (kv === 2 && !isSecond) throw wrong(text, "has no /data/ after the mount", "write it as secret/data/shop/");
  const listed = isSecond ? [...parts.slice(0, depth), "metadata", ...parts.slice(depth + 1)] : parts;
  return { prefix, listed: `/v1/${listed.join("/")}` };
}

function wrong(text: string, what: string, fix: string): ProviderError {
  return new ProviderError("LK0003", `the prefix ${JSON.stringify(text.slice(0, 256))} ${what}`, { fix });
}
