import { isUtf8 } from "node:buffer";
import { combineErrors, ProviderError, toProviderError } from "../errors.ts";
import { writeGoJson } from "../formats/go-json.ts";
import { isJsonArray, isJsonObject, type JsonValue, parseJson, parseJsonOrNothing } from "../formats/json.ts";
import { ownBytes } from "../formats/own-bytes.ts";
import type { Find, Wanted } from "../plan/plan.ts";
import { quoted } from "../plan/problems.ts";
import type { Work } from "../plan/work.ts";
import { Redacted } from "../redacted.ts";
import type { Secret } from "../stores/store.ts";
import type { Answer } from "./source-order.ts";

/** All that a search found, as one secret, or why it could not be had; and all that was asked for it: the list of names first. */
export interface SearchResult {
  readonly value: Secret | ProviderError;
  readonly parts: readonly (readonly [Wanted, Answer])[];
}

/** The parts of its mount that a search needs. */
export interface SearchOptions {
  readonly ask: (wanted: Wanted) => Answer | Promise<Answer>;
  /** That all searches of the mount may take. */
  readonly work: Work;
}

/** A secret that is asked for takes so much work, whatever it is. */
const workOfSecret = 200;

/**
 * Asks for a list of names, and then for the secrets of those that count. One that has gone meanwhile is left out; one that
 * may not be read fails the mount. Where there is none it is `LK0034`, and an empty secret for a search that is optional.
 */
export async function askSearch(wanted: Wanted, find: Find, { ask, work }: SearchOptions): Promise<SearchResult> {
  const listed = await ask(wanted);
  const parts: (readonly [Wanted, Answer])[] = [[wanted, listed]];
  if (listed instanceof ProviderError) return { value: listed, parts };
  try {
    const names = namesIn(listed.value);
    const fits = await fitting(names, find, work);
    work.charge(fits.length * workOfSecret, `what ${wanted.subject} finds`);
    const each = wantedOf(wanted, find, fits);
    const asked = [...each.values()].map(async (one) => [one, await ask(one)] as const);
    parts.push(...(await Promise.all(asked)));
    const together = join(
      [...each.keys()],
      parts.slice(1).map(([, answer]) => answer),
    );
    if (together.size === 0 && wanted.optional !== true) throw nothingFound(find, each.size === 0 ? names.length : 0);
    return { value: new FoundSecret(together), parts };
  } catch (thrown) {
    return { value: toProviderError(thrown), parts };
  }
}

/** The secrets by name. Throws one error for all that failed. */
function join(names: readonly string[], answers: readonly Answer[]): ReadonlyMap<string, Secret> {
  const failures: ProviderError[] = [];
  const found = new Map<string, Secret>();
  for (const [index, answer] of answers.entries()) {
    if (!(answer instanceof ProviderError)) found.set(names[index] ?? "", answer.value);
    else if (answer.reason !== "absent") failures.push(answer);
  }
  const [first, ...rest] = failures;
  if (first !== undefined) throw combineErrors([first, ...rest]);
  return found;
}

/** The names that were found. Throws `LK0036` for a list that is none. */
function namesIn({ value }: Secret): readonly string[] {
  const list = parseJson(value.reveal());
  if (isJsonArray(list)) return list.filter((name) => typeof name === "string");
  throw new ProviderError("LK0036", "the store did not give a list of names", {
    fix: "check what answers at the store's address",
  });
}

/** Those that count. Throws `LK0043` for too much work, `LK0044` for more than the search may find. */
async function fitting(all: readonly string[], find: Find, work: Work): Promise<readonly string[]> {
  const { accepts, limit } = find;
  const names: string[] = [];
  for (const name of all) {
    work.charge(1 + (find.workFor?.(name) ?? 0), "finding secrets by a pattern");
    const turn = work.turn();
    if (turn !== undefined) await turn;
    if (accepts(name)) names.push(name);
  }
  if (names.length <= limit) return names;
  throw new ProviderError("LK0044", `${names.length} names match, but the limit is ${limit}`, {
    fix: "narrow the search by a longer prefix or a pattern, or raise limit",
  });
}

/** The secrets that each search's names led to before: a source that stays the same object need not be keyed again. */
const made = new WeakMap<Wanted, Map<string, Wanted>>();

/** Returns each name's secret, by short name. Throws `LK0040` if two names are the same without the prefix. */
function wantedOf(search: Wanted, find: Find, names: readonly string[]): ReadonlyMap<string, Wanted> {
  const before = made.get(search);
  const now = new Map<string, Wanted>();
  const byShort = new Map<string, Wanted>();
  for (const name of names) {
    const wanted = before?.get(name) ?? oneOf(search, find, name);
    now.set(name, wanted);
    const short = find.shortOf(name);
    if (byShort.has(short)) throw alike(short);
    byShort.set(short, wanted);
  }
  made.set(search, now);
  return byShort;
}

function oneOf({ id, subject, source, bounds }: Wanted, find: Find, name: string): Wanted {
  const ref = find.refOf(name);
  const own = { id: `${id} ${name}`, subject: `${subject}, ${quoted(name)}`, source: { ...source, ref } };
  return bounds === undefined ? own : { ...own, bounds };
}

/** Secrets by name, and all of them as a JSON object for templates and for files of the whole. */
class FoundSecret implements Secret {
  readonly found: ReadonlyMap<string, Secret>;

  constructor(found: ReadonlyMap<string, Secret>) {
    this.found = found;
  }

  /** Made where it is wanted: most searches become one file a secret. Throws `LK0040` for a secret that is not text. */
  get value(): Redacted<Uint8Array> {
    const members = [...this.found].map(([name, secret]) => [name, memberOf(name, secret)] as const);
    return new Redacted<Uint8Array>(ownBytes(writeGoJson(new Map(members))));
  }
}

/** A JSON object or list is one there, anything else is its text. */
function memberOf(name: string, { value }: Secret): JsonValue {
  const bytes = value.reveal();
  if (!isUtf8(bytes)) {
    throw new ProviderError("LK0040", `the secret ${quoted(name)} is not text`, {
      fix: "take it as a file, with expand, or leave it out of the search",
    });
  }
  const text = Buffer.from(bytes).toString("utf8");
  const parsed = /^\s*[[{]/.test(text) ? parseJsonOrNothing(text) : undefined;
  return isJsonObject(parsed) || isJsonArray(parsed) ? parsed : text;
}

function nothingFound({ emptyAdvice = "check prefix, pattern and tags" }: Find, listed: number): ProviderError {
  const why = listed === 0 ? emptyAdvice : `check the pattern: it matches none of the ${listed} names below the prefix`;
  return new ProviderError("LK0034", "the search finds nothing", {
    fix: `${why}; if finding nothing is fine, write optional: true`,
  });
}

function alike(short: string): ProviderError {
  return new ProviderError("LK0040", `two names are ${quoted(short)} without the prefix`, {
    fix: "choose another prefix, or a pattern that matches one of them",
  });
}
