import type { ZodType } from "zod";
import * as z from "zod";
import { ProviderError } from "../../errors.ts";
import { unclearPath } from "../../formats/plain-path.ts";
import { FoundNames } from "../found-names.ts";
import { inTime } from "../in-time.ts";
import type { CallContext, Secret } from "../store.ts";
import { readError } from "./errors.ts";
import type { ReaderParts } from "./reader.ts";
import { awsTags, sortedTags } from "./tags.ts";
import type { AwsRef, AwsSearch } from "./types.ts";

/**
 * Returns the schema of a search. Names of both services are made of these characters. Names of secrets that a service
 * owns have a `!` inside (https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html); a
 * leading `!` inverts the filter.
 */
export function awsSearch<S extends AwsRef["service"]>(service: S): ZodType<AwsSearch<S>> {
  return z
    .strictObject({
      prefix: z
        .string()
        .regex(/^[A-Za-z0-9/_+=.@-][A-Za-z0-9/_+=.@!-]{0,511}$/, "must be the beginning of a name")
        // What may follow is a name, so this is one as far as it goes.
        .refine((prefix) => unclearPath(`${prefix}x`) === undefined, "must not contain an empty part, . or ..")
        .optional(),
      tags: awsTags.optional(),
    })
    .refine(({ prefix, tags }) => prefix !== undefined || Object.keys(tags ?? {}).length > 0, {
      message: "needs a prefix or tags: without them it would find everything in the account",
    })
    .transform(({ prefix = "", tags = {} }) => ({ service, prefix, tags: sortedTags(tags) }));
}

/** The search for people. */
export function nameOfSearch({ service, prefix, tags }: AwsSearch): string {
  const what = service === "ssm" ? "parameters" : "secrets";
  const tagged = tags.map(([key]) => JSON.stringify(key)).join(", ");
  return `${what}${prefix === "" ? "" : ` below ${prefix}`}${tagged === "" ? "" : ` by the tags ${tagged}`}`;
}

/** One page of names, and where the next one starts. */
export interface NamesPage {
  readonly names: readonly string[];
  readonly nextToken: string | undefined;
}

/** The names in a list of an answer, of those entries that fit. Throws `LK0036` for a list that is none. */
export function namesIn<E extends { readonly Name?: unknown }>(
  list: readonly (E | null)[] | undefined,
  fits: (entry: E) => boolean = () => true,
): readonly string[] {
  if (!Array.isArray(list)) throw noList();
  return (list as readonly (E | null)[]).flatMap((entry) => {
    if (typeof entry?.Name !== "string") throw noList();
    return fits(entry) ? [entry.Name] : [];
  });
}

/** How one service is asked for a page. `action` is the right that it needs, on every resource or on those of the search. */
export interface PageSource {
  readonly action: string;
  readonly resource: string;
  readonly where: string;
  page(nextToken: string | undefined, options: SendOptions): Promise<NamesPage>;
}

/** The options that the SDK's `send` takes. */
export interface SendOptions {
  readonly abortSignal: AbortSignal;
  readonly onSend: () => void;
}

/** Asks for page after page. Throws what a failure means. */
export async function searchAws(
  search: AwsSearch,
  source: PageSource,
  { call, credentials }: ReaderParts,
  { signal, count }: CallContext,
): Promise<Secret> {
  const names = new FoundNames(nameOfSearch(search));
  const options = { abortSignal: signal, onSend: () => count("read") };
  try {
    let nextToken: string | undefined;
    do {
      names.call();
      const page = await inTime(() => source.page(nextToken, options), signal, source.where);
      names.add(page.names.filter((name) => name.startsWith(search.prefix)));
      nextToken = tokenBehind(nextToken, page.nextToken);
    } while (nextToken !== undefined);
    return names.secret;
  } catch (thrown) {
    // Its own words.
    if (thrown instanceof ProviderError && thrown.id === "LK0044") throw thrown;
    const { action, resource } = source;
    const secrets = Object.values(credentials).map(String);
    throw readError(thrown, { name: nameOfSearch(search), action, resource, secrets }, call);
  }
}

/** Where the next page starts; undefined behind the last one. Throws `LK0036` for the place where this one started. */
function tokenBehind(before: string | undefined, token: unknown): string | undefined {
  if (token === undefined || token === null || token === "") return undefined;
  if (typeof token !== "string" || token === before) throw noList();
  return token;
}

function noList(): ProviderError {
  return new ProviderError("LK0036", "the answer is not a list of names", {
    fix: "check what answers at the endpoint of AWS",
  });
}
