import { createReadStream } from "node:fs";
import { ConfigError } from "../config/config-error.ts";
import { FormatError } from "../formats/format-error.ts";
import { readListItems } from "../rotation/list-items.ts";
import { type PodStatus, readPodStatus } from "../rotation/pod-status.ts";
import { type ObjectRotation, type RotationReport, RotationStatuses } from "../rotation/rotation-report.ts";
import { ownProgress } from "./progress.ts";

/** Flags of `latchkey rotation`. */
export interface RotationFlags {
  readonly before?: string;
  readonly namespace?: string;
  readonly class?: string;
  readonly object?: string;
  readonly format: "human" | "json";
}

/** So many pods that are behind are named for people, for each object. */
const mostNamed = 10;

/** Prints which pods hold which version. Returns 1 if an old credential is still in use, 0 if not. Throws `ConfigError`. */
export async function rotationFromShell(file: string, flags: RotationFlags): Promise<number> {
  const before = flags.before === undefined ? undefined : await readStatuses(flags.before, flags);
  const report = (await readStatuses(file, flags)).report(before);
  process.stdout.write(flags.format === "json" ? `${JSON.stringify(report, null, 2)}\n` : humanReport(report));
  return report.safeToRetire ? 0 : 1;
}

async function readStatuses(file: string, flags: RotationFlags): Promise<RotationStatuses> {
  const statuses = new RotationStatuses();
  const read = async () => {
    for await (const item of readListItems(file === "-" ? process.stdin : createReadStream(file))) {
      const status = readPodStatus(item);
      if (status === undefined) statuses.skip();
      else if (isWanted(status, flags)) statuses.add(ofObject(status, flags.object));
    }
  };
  try {
    await (file === "-" ? ownProgress().during("waiting for standard input", read) : read());
  } catch (error) {
    if (error instanceof FormatError) throw new ConfigError(`${file}: ${error.message}; ${formFix}`);
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new ConfigError(`${file}: cannot be read (${code}); check the path and its permissions`);
  }
  return statuses;
}

function isWanted({ namespace, secretProviderClass }: PodStatus, flags: RotationFlags): boolean {
  return (flags.namespace ?? namespace) === namespace && (flags.class ?? secretProviderClass) === secretProviderClass;
}

function ofObject(status: PodStatus, object: string | undefined): PodStatus {
  return object === undefined ? status : { ...status, objects: status.objects.filter(({ id }) => id === object) };
}

const formFix = "give the output of kubectl get secretproviderclasspodstatuses -A -o json --show-managed-fields";

function humanReport({ objects, statuses, skipped, compared, safeToRetire }: RotationReport): string {
  const others = skipped === 0 ? [] : [`${skipped} objects of the list are no SecretProviderClassPodStatus`];
  if (objects.length === 0) return [...others, "no pod holds anything", "safe to retire: no", ""].join("\n");
  const behind = objects.filter((each) => each.behind.length > 0).flatMap(behindLines);
  const isUnknown = objects.some(({ versions }) => versions.length > 1 && !versions.some(({ newest }) => newest));
  return [
    ...table(["CLASS", "OBJECT", "PODS", "NEWEST", "BEHIND", "SINCE", "SAFE TO RETIRE"], objects.map(rowOf)),
    ...(behind.length === 0 ? [] : ["", ...behind]),
    "",
    ...others,
    ...(isUnknown ? ["which version is newer is not known: add --show-managed-fields to kubectl get"] : []),
    `${statuses} volumes; safe to retire: ${safeToRetire ? "yes" : "no"}${safeToRetire && !compared ? unlessOld : ""}`,
    "",
  ].join("\n");
}

const unlessOld = ", if these are the new versions (--before compares them with a listing from before the rotation)";

function rowOf({ namespace, secretProviderClass, object, pods, versions, behind, safeToRetire }: ObjectRotation) {
  const newest = versions.find((each) => each.newest);
  return [
    shown(`${namespace}/${secretProviderClass}`),
    shown(object),
    String(pods),
    newest === undefined ? "?" : String(newest.pods),
    newest === undefined && behind.length === 0 ? "?" : String(behind.length),
    newest?.from ?? "?",
    safeToRetire ? "yes" : "no",
  ];
}

function behindLines({ namespace, secretProviderClass, object, behind }: ObjectRotation): readonly string[] {
  const named = behind
    .slice(0, mostNamed)
    .map(
      ({ pod, node, since }) =>
        `  ${shown(pod)}${node === undefined ? "" : ` on ${shown(node)}`}${since === undefined ? "" : `, since ${since}`}`,
    );
  const more = behind.length > mostNamed ? [`  and ${behind.length - mostNamed} more`] : [];
  return [`behind with ${shown(object)} of ${shown(`${namespace}/${secretProviderClass}`)}:`, ...named, ...more];
}

/** Names come from the cluster: nothing of them moves a terminal's cursor. */
function shown(text: string): string {
  return text.replace(/\p{C}+/gu, "?");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
