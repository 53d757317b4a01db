import type { Answer, RecordedRequest } from "../scripted.ts";
import { slowCrc32c } from "./crc32c.ts";
import { googleError } from "./errors.ts";
import type { GcpState } from "./state.ts";

/** Names of answers have the number of the project. */
export function numbered(name: string, state: GcpState): string {
  return name.replace(
    /^projects\/([^/]+)/,
    (_, project: string) => `projects/${state.projects.get(project) ?? project}`,
  );
}

/** Requests may name a project by its number. */
export function unnumbered(name: string, state: GcpState): string {
  const ids = new Map([...state.projects].map(([id, number]) => [number, id]));
  return name.replace(/^projects\/([^/]+)/, (_, project: string) => `projects/${ids.get(project) ?? project}`);
}

/** https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access */
export function accessVersion(name: string, version: string, state: GcpState): Answer {
  const secret = state.secrets.get(name);
  if (secret === undefined)
    return googleError("NOT_FOUND", `Secret [${numbered(name, state)}] not found or has no versions.`);
  const number = version === "latest" ? secret.versions.length : (secret.aliases.get(version) ?? Number(version));
  const stored = secret.versions[number - 1];
  const shown = `${numbered(name, state)}/versions/${Number.isNaN(number) ? version : number}`;
  if (stored === undefined) return googleError("NOT_FOUND", `Secret Version [${shown}] not found.`);
  if (stored.state !== "ENABLED")
    return googleError("FAILED_PRECONDITION", `Secret Version [${shown}] is in ${stored.state} state.`);
  const data = stored.data.toString("base64");
  return { body: { name: shown, payload: { data, dataCrc32c: String(slowCrc32c(stored.data)) } } };
}

/** https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/list */
export function listSecrets(parent: string, request: RecordedRequest, state: GcpState): Answer {
  const own = [...state.secrets].filter(([name]) => parentOf(name) === parent);
  const page = pageOf(own, request, state);
  if (page === undefined) return wrongFilter;
  const secrets = page.entries.map(([name, { labels }]) => ({
    name: numbered(name, state),
    labels,
    replication: { automatic: {} },
  }));
  return { body: { ...(secrets.length === 0 ? {} : { secrets }), ...page.rest } };
}

/** The answer to a filter that is none. */
export const wrongFilter = googleError("INVALID_ARGUMENT", "Invalid filter.");

/** Returns the parent of a secret or parameter. */
export function parentOf(name: string): string {
  return name.slice(0, name.lastIndexOf("/", name.lastIndexOf("/") - 1));
}

type Labelled = { readonly labels: Readonly<Record<string, string>> };

/** Entries of one page, and what says where the next one starts. */
interface Page<T> {
  readonly entries: readonly (readonly [string, T])[];
  readonly rest: object;
}

/** Returns a page; undefined for a filter that is none. It finds `name:` anywhere in a name, in any case, and labels by value. */
export function pageOf<T extends Labelled>(
  all: readonly (readonly [string, T])[],
  { query }: RecordedRequest,
  { pageSize }: GcpState,
): Page<T> | undefined {
  const terms = (query.get("filter") ?? "").split(" AND ").filter((term) => term !== "");
  if (!terms.every((term) => /^(?:name:[\w-]+|labels\.[^=\s]+=.*)$/u.test(term))) {
    return undefined;
  }
  const fitting = all.filter(([name, entry]) => terms.every((term) => fits(term, name, entry)));
  const start = Number(query.get("pageToken") ?? "0");
  const size = Math.min(Number(query.get("pageSize") ?? "25000"), pageSize);
  const end = start + size;
  const rest = { ...(end < fitting.length ? { nextPageToken: String(end) } : {}), totalSize: fitting.length };
  return { entries: fitting.slice(start, end), rest };
}

function fits(term: string, name: string, { labels }: Labelled): boolean {
  if (term.startsWith("name:"))
    return name.slice(name.lastIndexOf("/")).toLowerCase().includes(term.slice(5).toLowerCase());
  const [, key = "", value = ""] = /^labels\.([^=]+)=(.*)$/.exec(term) ?? [];
  return labels[key] === value.replace(/^"|"$/g, "");
}
