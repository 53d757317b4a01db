import type { ZodType } from "zod";
import * as z from "zod";
import { ProviderError } from "../../errors.ts";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, memberOf } from "../../formats/json.ts";
import { FoundNames } from "../found-names.ts";
import type { Secret } from "../store.ts";
import { lastPart } from "./names.ts";
import type { GcpSearch, GcpService } from "./types.ts";

/** https://cloud.google.com/secret-manager/docs/creating-and-managing-labels: small letters of any script, digits, `_` and `-`. */
const keyForm = /^\p{Ll}[\p{Ll}\p{Lo}\p{N}_-]*$/u;
const valueForm = /^[\p{Ll}\p{Lo}\p{N}_-]*$/u;

const labels = z.record(z.string().min(1).max(63), z.string().max(63)).superRefine((given, context) => {
  for (const [key, value] of Object.entries(given)) {
    // Not quoted: a label is part of the filter that is sent.
    if (keyForm.test(key) && valueForm.test(value)) continue;
    context.addIssue({ code: "custom", path: [key], message: "must be a label: small letters, digits, _ and -" });
  }
});

/** Returns the schema of a search. */
export function gcpSearch<S extends Exclude<GcpService, "cloudkms">>(service: S): ZodType<GcpSearch<S>> {
  return z
    .strictObject({
      prefix: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,255}$/, "must be the beginning of a name")
        .optional(),
      labels: z.preprocess(withoutPrototype, labels).optional(),
    })
    .refine(({ prefix, labels: given }) => prefix !== undefined || Object.keys(given ?? {}).length > 0, {
      message: "needs a prefix or labels: without them it would find all that the project has",
    })
    .transform(({ prefix = "", labels: given = {} }) => ({
      service,
      prefix,
      labels: Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1)),
    }));
}

/** zod's records leave `__proto__` out without a word, and a condition less is another condition. */
function withoutPrototype(value: unknown, context: z.RefinementCtx): unknown {
  if (typeof value === "object" && value !== null && Object.hasOwn(value, "__proto__")) {
    context.addIssue({ code: "custom", message: "__proto__ is no label" });
  }
  return value;
}

/** The search for people. */
export function nameOfSearch({ service, prefix, labels: given }: GcpSearch): string {
  const what = service === "secretmanager" ? "secrets" : "parameters";
  const labelled = given.map(([key]) => JSON.stringify(key)).join(", ");
  return `${what}${prefix === "" ? "" : ` that begin with ${prefix}`}${labelled === "" ? "" : ` by the labels ${labelled}`}`;
}

/** The largest page (https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/list). */
const pageSize = "1000";

/**
 * Returns the query of a page. The filter makes the list shorter and decides nothing: its `name:` finds what stands anywhere in a
 * name, in any case (https://cloud.google.com/secret-manager/docs/filtering).
 */
export function pageQuery({ prefix, labels: given }: GcpSearch, pageToken: string | undefined): string {
  const terms = [
    ...(prefix === "" ? [] : [`name:${prefix}`]),
    ...given.map(([key, value]) => `labels.${key}="${value}"`),
  ];
  const query = new URLSearchParams({ pageSize, filter: terms.join(" AND ") });
  if (pageToken !== undefined) query.set("pageToken", pageToken);
  return query.toString();
}

/** Asks for page after page; `field` holds the resources of a page. Throws `LK0044` for too many, `LK0036` for what is no list. */
export async function searchPages(search: GcpSearch, field: "secrets" | "parameters", page: AskPage): Promise<Secret> {
  const names = new FoundNames(nameOfSearch(search));
  for await (const each of itemsOf(names, field, page)) names.add(nameOf(each, search));
  return names.secret;
}

/** Asks for the page that a token leads to; without one for the first. */
type AskPage = (pageToken: string | undefined) => Promise<JsonObject>;

/** All resources of a list, page by page. Throws `LK0044` for too many pages, `LK0036` for a page that is none. */
export async function* itemsOf(found: FoundNames, field: string, page: AskPage): AsyncGenerator<JsonValue> {
  let pageToken: string | undefined;
  do {
    found.call();
    const answer = await page(pageToken);
    // An empty page has no list.
    const list = answer.get(field) ?? [];
    if (!isJsonArray(list)) throw noList();
    yield* list;
    pageToken = tokenBehind(pageToken, answer.get("nextPageToken"));
  } while (pageToken !== undefined);
}

/** The name of a resource that the search finds, or none. */
function nameOf(item: JsonValue, { prefix, labels: given }: GcpSearch): readonly string[] {
  const name = memberOf(item, "name");
  if (typeof name !== "string") throw noList();
  const own = memberOf(item, "labels");
  const fits = given.every(([key, value]) => isJsonObject(own) && own.get(key) === value);
  return fits && lastPart(name).startsWith(prefix) ? [lastPart(name)] : [];
}

function tokenBehind(before: string | undefined, token: JsonValue | undefined): string | undefined {
  if (token === undefined || token === "") return undefined;
  if (typeof token !== "string" || token === before) throw noList();
  return token;
}

/** The error for a list that is none. */
export function noList(): ProviderError {
  return new ProviderError("LK0036", "the answer is a list that is none", {
    fix: "check what answers at the endpoint of Google Cloud",
  });
}
