import { isJsonObject, type JsonObject } from "../../formats/json.ts";
import type { AzureSearch } from "../azure/types.ts";
import { FoundNames } from "../found-names.ts";
import type { CallContext, Secret } from "../store.ts";
import { collections, idOf, isEnabled, itemsOf } from "./pages.ts";
import { nameOfSearch } from "./search.ts";
import type { VaultClient } from "./vault-client.ts";

/**
 * Lists the names that a search finds. What is disabled is left out, and so are the secrets and keys that belong to a
 * certificate, as in `az keyvault secret list`. The API has no filters: the whole vault is gone through.
 */
export async function findNames(search: AzureSearch, client: VaultClient, context: CallContext): Promise<Secret> {
  const { type, prefix } = search;
  const what = `listing ${nameOfSearch(search)} in the vault ${client.place.name} as ${client.principal}`;
  const found = new FoundNames(nameOfSearch(search));
  const list = { path: `/${collections[type]}`, call: { what, type, action: "list" as const }, found };
  for await (const item of itemsOf(client, list, context)) {
    const { name } = idOf(item);
    const fits = name.startsWith(prefix) && isEnabled(item) && item.get("managed") !== true && hasTags(item, search);
    if (fits) found.add([name]);
  }
  return found.secret;
}

function hasTags(item: JsonObject, { tags }: AzureSearch): boolean {
  const given = item.get("tags");
  return tags.every(([name, value]) => isJsonObject(given) && given.get(name) === value);
}
