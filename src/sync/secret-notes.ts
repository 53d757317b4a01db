import * as z from "zod";
import { plainJson } from "../kubernetes/plain-json.ts";
import type { DesiredSecret } from "./desired-secret.ts";
import { comparable, foldSources } from "./fold-sources.ts";
import type { SourceState } from "./source-state.ts";

/** The notes that Latchkey writes into the annotations of a Secret. */
export interface SecretNotes {
  /** The keyed digest of all that it wrote. */
  readonly content: string | undefined;
  /** Whose mounts write it. */
  readonly serviceAccount: string | undefined;
  /** Of the SecretProviderClass. */
  readonly generation: number;
  readonly sources: readonly SourceState[];
}

const names = {
  content: "latchkey/content",
  serviceAccount: "latchkey/service-account",
  generation: "latchkey/class-generation",
  sources: "latchkey/sources",
} as const;

const sourceList = z.array(z.tuple([z.string(), z.string(), z.number()]).rest(z.number()));

/** The annotations for a Secret; `present` are those of the one that it replaces. */
export function notesFor(
  { digest, sources }: DesiredSecret,
  serviceAccount: string,
  generation: number,
  present: ReadonlyMap<string, string> = new Map(),
): readonly (readonly [string, string])[] {
  return [
    [names.content, digest],
    [names.serviceAccount, serviceAccount],
    [names.generation, String(generation)],
    [names.sources, JSON.stringify(toldSources(sources, readNotes(present).sources))],
  ];
}

/** Returns the sources to note. If another node found the same in a source later than we did, its time is kept. */
function toldSources(sources: readonly SourceState[], present: readonly SourceState[]): readonly unknown[] {
  const [own, others] = comparable(foldSources(sources), present);
  const known = new Map(others.map((source) => [`${source.id} ${source.digest}`, source]));
  const later = (a: number, b = 0) => Math.round(Math.max(a, b));
  return own.map(({ id, digest, fetchedAt, oldestAt }) => {
    const same = known.get(`${id} ${digest}`);
    const told = [id, digest, later(fetchedAt, same?.fetchedAt)];
    return oldestAt === undefined ? told : [...told, later(oldestAt, same?.oldestAt)];
  });
}

/** Reads them back; what somebody else has made unreadable counts as not there. */
export function readNotes(annotations: ReadonlyMap<string, string>): SecretNotes {
  return {
    content: annotations.get(names.content),
    serviceAccount: annotations.get(names.serviceAccount),
    generation: Number(/^\d{1,15}$/.exec(annotations.get(names.generation) ?? "")?.[0] ?? 0),
    sources: readSources(annotations.get(names.sources) ?? "[]"),
  };
}

function readSources(text: string): readonly SourceState[] {
  const parsed = sourceList.safeParse(plainJson(text));
  return (parsed.data ?? []).map(([id, digest, fetchedAt, oldestAt]) => {
    return { id, digest, fetchedAt, ...(oldestAt === undefined ? {} : { oldestAt }) };
  });
}
