import { ProviderError } from "../../errors.ts";
import { unclearPath, unclearText } from "../../formats/plain-path.ts";
import { parseQuery, percentEncode } from "./go-query.ts";
import type { VaultRef } from "./types.ts";

/** Where a request goes. */
export type ApiPath = Pick<VaultRef, "path" | "query">;

/** The characters besides letters and digits that Go's `net/url` leaves unescaped in a path. */
const plainInPath = "$&+,/:;=@-_.~";

/**
 * A secret path as today's Vault provider reads it: `x`, `/x`, `v1/x` and `/v1/x` are one path; what follows the first `?`
 * is the query, sorted; the rest is cleaned like Go's `path.Join` and is not percent-decoded.
 * Throws `LK0003` for an empty path, a wrong query, a path that leaves `/v1`, one above 8 KiB, and characters that a proxy
 * could read in another way.
 */
export function parseApiPath(secretPath: string): ApiPath {
  const mark = secretPath.indexOf("?");
  const rawPath = mark < 0 ? secretPath : secretPath.slice(0, mark);
  const unclear = unclearText(rawPath);
  if (unclear !== undefined) throw wrongPath(secretPath, unclear, "write the path in plain characters");
  const query = mark < 0 ? "" : parseQuery(secretPath.slice(mark + 1));
  if (query === undefined) {
    throw wrongPath(
      secretPath,
      "has a query that cannot be read",
      "write it as name=value&name=value, without ; or a bare %",
    );
  }
  const path = cleanPath(withVersion(rawPath));
  if (!path.startsWith("/v1/")) {
    throw wrongPath(
      secretPath,
      "names nothing below /v1",
      "write the API path, such as secret/data/shop/db, without ..",
    );
  }
  if (Buffer.byteLength(path) + query.length > longest) {
    throw wrongPath(secretPath, "is longer than 8 KiB", "write a shorter path; the server would not take this one");
  }
  return { path, query };
}

/** Like `parseApiPath`, for a path that has to be written as the server will see it. Throws `LK0003` for `.`, `..` and `//` too. */
export function parsePlainApiPath(secretPath: string): ApiPath {
  const [rawPath = ""] = secretPath.split("?", 1);
  const unclear = unclearPath(rawPath);
  if (unclear !== undefined) throw wrongPath(secretPath, unclear, "write the path as the server knows it");
  return parseApiPath(secretPath);
}

/** Of path and query together, in bytes before they are escaped. */
const longest = 8192;

/** The path as a URL carries it, escaped byte by byte as Go's `net/url` does. */
export function encodePath(path: string): string {
  return percentEncode(Buffer.from(path, "utf8").toString("latin1"), plainInPath);
}

function withVersion(path: string): string {
  if (path.startsWith("/v1/")) return path;
  if (path.startsWith("v1/") || path.startsWith("/")) return path.startsWith("/") ? `/v1${path}` : `/${path}`;
  return `/v1/${path}`;
}

/** Go's `path.Clean` for an absolute path: no `//`, `.`, `..` or slash at the end. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

function wrongPath(secretPath: string, what: string, fix: string): ProviderError {
  return new ProviderError("LK0003", `the secret path ${JSON.stringify(secretPath.slice(0, 256))} ${what}`, { fix });
}
