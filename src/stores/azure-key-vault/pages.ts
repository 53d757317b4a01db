import { ProviderError } from "../../errors.ts";
import { isJsonArray, isJsonObject, type JsonObject } from "../../formats/json.ts";
import type { FoundNames } from "../found-names.ts";
import type { CallContext } from "../store.ts";
import type { VaultCall } from "./read-error.ts";
import { apiVersion, type VaultClient } from "./vault-client.ts";

/** The paths of the types (https://learn.microsoft.com/en-us/rest/api/keyvault/). */
export const collections = { secret: "secrets", key: "keys", certificate: "certificates" } as const;

/** As many items as one page may have (https://learn.microsoft.com/en-us/rest/api/keyvault/secrets/get-secrets/get-secrets#uri-parameters). */
const pageSize = 25;

/** How a list is asked for. */
export interface ListCall {
  /** Path of the list, such as `/secrets/NAME/versions`. */
  readonly path: string;
  readonly call: Omit<VaultCall, "principal" | "tenant" | "vault" | "secrets">;
  /** Bounds the calls, and gathers names. */
  readonly found: FoundNames;
}

/** All items of a list, page by page. Throws `LK0036` for a page that is none, `LK0044` for too many. */
export async function* itemsOf(
  client: VaultClient,
  { path, call, found }: ListCall,
  context: CallContext,
): AsyncGenerator<JsonObject> {
  let next: string | undefined = `${path}?maxresults=${pageSize}&api-version=${apiVersion}`;
  while (next !== undefined) {
    found.call();
    const page: JsonObject = await client.get(next, call, context);
    const value = page.get("value") ?? [];
    if (!isJsonArray(value)) throw noPage();
    for (const item of value) {
      if (!isJsonObject(item)) throw noPage();
      yield item;
    }
    next = pathBehind(next, page.get("nextLink"), client.place.url);
  }
}

/** The path of the next page, which is the vault's own; undefined behind the last one. A link that leads elsewhere would take the token along. */
function pathBehind(before: string, link: unknown, vault: string): string | undefined {
  if (link === undefined || link === null || link === "") return undefined;
  const base = new URL(vault);
  const prefix = base.pathname.replace(/\/$/, "");
  const url = typeof link === "string" && URL.canParse(link) ? new URL(link) : undefined;
  if (url === undefined || url.host !== base.host || !url.pathname.startsWith(`${prefix}/`)) throw noPage();
  const path = `${url.pathname.slice(prefix.length)}${url.search}`;
  if (path === before) throw noPage();
  return path;
}

/** The error for a list that is none. */
export function noPage(): ProviderError {
  return new ProviderError("LK0036", "the vault answered with a list that is none", {
    fix: "check what answers in place of the vault",
  });
}

/** True for an item that may be read. Today's provider passes over what has no attributes, too. */
export function isEnabled(item: JsonObject): boolean {
  const attributes = item.get("attributes");
  return isJsonObject(attributes) && attributes.get("enabled") !== false;
}

/** The parts of an item's id behind the name of its collection. Throws `LK0036`. */
export function idOf(item: JsonObject): { readonly name: string; readonly version: string | undefined } {
  // Keys call it kid.
  const id = item.get("id") ?? item.get("kid");
  const [, name, version] =
    /\/(?:secrets|keys|certificates)\/([0-9A-Za-z-]{1,127})(?:\/([0-9A-Za-z-]{1,64}))?\/?$/.exec(
      typeof id === "string" ? id : "",
    ) ?? [];
  if (name === undefined) throw noPage();
  return { name, version };
}
