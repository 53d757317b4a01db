import { request } from "node:http";
import type { Listed } from "../cache/entries.ts";
import { ConfigError } from "../config/config-error.ts";
import { printable } from "../lint/formats/human.ts";
import type { CacheSelection } from "../server/control.ts";

/** Prints what a running Latchkey has cached: refs, identities, ages, hits, never a value. Throws `ConfigError`. */
export async function listCache(socketPath: string, json: boolean): Promise<string> {
  const { entries } = (await ask(socketPath, "GET", "/cache")) as { readonly entries: readonly Listed[] };
  if (json) return JSON.stringify(entries, null, 2);
  const rows = [...entries].sort((a, b) => sortKey(a).localeCompare(sortKey(b))).map(rowOf);
  return table([["NAMESPACE", "SERVICEACCOUNT", "STORE", "NAME", "PLACE", "AGE", "HITS", "BYTES", "KIND"], ...rows]);
}

/** Makes a running Latchkey forget entries; says how many. Throws `ConfigError`. */
export async function dropFromCache(socketPath: string, selection: CacheSelection): Promise<string> {
  const { dropped } = (await ask(socketPath, "POST", "/cache/drop", selection)) as { readonly dropped: number };
  return `dropped ${dropped} ${dropped === 1 ? "entry" : "entries"}; the next mount asks the store`;
}

/** Has a running Latchkey ask for entries again at the next mount; says how many. Throws `ConfigError`. */
export async function expireInCache(socketPath: string, selection: CacheSelection): Promise<string> {
  const { expired } = (await ask(socketPath, "POST", "/cache/expire", selection)) as { readonly expired: number };
  const [entries, they] = expired === 1 ? ["entry", "it stays"] : ["entries", "they stay"];
  return `expired ${expired} ${entries}; the next mount asks the store, and ${they} for an outage`;
}

function sortKey({ about }: Listed): string {
  return [about.namespace, about.serviceAccount, about.store, about.name, about.place].join("\0");
}

function rowOf({ about, ageMs, hits, bytes, issued }: Listed): readonly string[] {
  const { namespace, serviceAccount, store, name, place } = about;
  const age = `${Math.round(ageMs / 1000)}s`;
  // Names come from SecretProviderClasses: nothing in them may steer the terminal.
  const names = [namespace, serviceAccount, store, name, place].map(printable);
  return [...names, age, String(hits), String(bytes), issued ? "issued" : "kept"];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

async function ask(socketPath: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = request({ socketPath, method, path, timeout: 10_000 }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    response.on("end", () =>
      response.statusCode === 200 ? resolve(text) : reject(new Error(`status ${response.statusCode}`)),
    );
  });
  sent.on("timeout", () => sent.destroy(new Error("no answer")));
  sent.on("error", reject);
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const text = await promise.catch((error: NodeJS.ErrnoException) => {
    const why = error.code ?? error.message;
    throw new ConfigError(
      `--admin-socket: Latchkey does not answer at ${socketPath} (${why}); give the --admin-socket of latchkey serve, and run as the same user`,
    );
  });
  return JSON.parse(text);
}
