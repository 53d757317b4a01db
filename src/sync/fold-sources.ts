import { hash } from "node:crypto";
import type { SourceState } from "./source-state.ts";

/** More sources than these are told in groups: all annotations of an object together have 256 KiB. */
const mostTold = 1_000;

/** So many groups at most. */
const groups = 512;

/** A group's id; a source's own is base64url. */
const groupId = /^~\d+$/;

/** Sources as notes tell them: each one, or groups of them if there are many. */
export function foldSources(sources: readonly SourceState[]): readonly SourceState[] {
  return sources.length > mostTold ? grouped(sources) : sources;
}

/** Two lists of sources by the same names: if one of them tells groups, both do. */
export function comparable(
  one: readonly SourceState[],
  other: readonly SourceState[],
): readonly [readonly SourceState[], readonly SourceState[]] {
  const [a, b] = [foldSources(one), foldSources(other)];
  const isGrouped = [...a, ...b].some(({ id }) => groupId.test(id));
  return isGrouped ? [grouped(a), grouped(b)] : [a, b];
}

/** A group has another digest if one of its sources has; which one that is, and when that was fetched, is lost. */
function grouped(sources: readonly SourceState[]): readonly SourceState[] {
  const byGroup = Map.groupBy(sources, ({ id }) => (groupId.test(id) ? id : `~${numberOf(id)}`));
  return [...byGroup].map(([id, members]) => (members[0]?.id === id ? members[0] : groupOf(id, members)));
}

function groupOf(id: string, members: readonly SourceState[]): SourceState {
  const text = members
    .map((member) => `${member.id} ${member.digest}`)
    .sort()
    .join("\n");
  return {
    ...{ id, digest: hash("sha256", text, "base64url").slice(0, 16) },
    fetchedAt: Math.max(...members.map(({ fetchedAt }) => fetchedAt)),
    oldestAt: Math.min(...members.map(({ fetchedAt }) => fetchedAt)),
  };
}

function numberOf(id: string): number {
  return Buffer.from(id.slice(0, 4), "base64url").readUInt16BE() % groups;
}
