import { isJsonObject, JsonNumber, type JsonObject } from "../../formats/json.ts";
import type { AzureRef } from "../azure/types.ts";
import { FoundNames } from "../found-names.ts";
import type { CallContext } from "../store.ts";
import { collections, idOf, isEnabled, itemsOf, noPage } from "./pages.ts";
import { nameOfObject } from "./ref.ts";
import type { VaultClient } from "./vault-client.ts";

/** The enabled versions of an object, the newest first. Equal times keep the vault's order. */
export async function versionsOf(
  { type, name }: Pick<AzureRef, "type" | "name">,
  client: VaultClient,
  context: CallContext,
): Promise<readonly string[]> {
  const what = `listing the versions of ${nameOfObject({ type, name })} in the vault ${client.place.name} as ${client.principal}`;
  const list = {
    path: `/${collections[type]}/${name}/versions`,
    call: { what, name, type, action: "list" as const },
    found: new FoundNames(`versions of ${name}`),
  };
  const versions: { readonly version: string; readonly created: number }[] = [];
  for await (const item of itemsOf(client, list, context)) {
    const { version } = idOf(item);
    if (version === undefined) throw noPage();
    if (isEnabled(item)) versions.push({ version, created: createdOf(item) });
  }
  return versions.sort((a, b) => b.created - a.created).map(({ version }) => version);
}

/** Seconds since the epoch; what has no time is the oldest. */
function createdOf(item: JsonObject): number {
  const attributes = item.get("attributes");
  const created = isJsonObject(attributes) ? attributes.get("created") : undefined;
  const seconds = created instanceof JsonNumber ? Number(created.text) : Number.NaN;
  return Number.isFinite(seconds) ? seconds : Number.NEGATIVE_INFINITY;
}
