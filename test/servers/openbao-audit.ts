import { readFile } from "node:fs/promises";

/** A request that OpenBao itself says it got. */
export interface AuditedRequest {
  /** `read`, `update`, `list`, ... */
  readonly operation: string;
  /** Without `/v1/`. */
  readonly path: string;
  /** True for the test's own set-up calls. */
  readonly byRoot: boolean;
}

interface AuditLine {
  readonly type: string;
  readonly auth?: { readonly policies?: readonly string[] };
  readonly request?: { readonly operation?: string; readonly path?: string };
}

/** The part of a server's configuration that writes every request to a file. Values are hashed in it. */
export function auditConfiguration(file: string): object {
  return { audit: { type: "file", path: "requests", options: { file_path: file } } };
}

/** The requests in an audit file, in order. Each was written before its answer went out. */
export async function readAudit(file: string): Promise<readonly AuditedRequest[]> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  const entries = lines.map((line) => JSON.parse(line) as AuditLine);
  return entries.flatMap(({ type, auth, request }) => {
    const { operation = "", path = "" } = request ?? {};
    if (type !== "request" || path === "sys/audit/test") return [];
    return [{ operation, path, byRoot: auth?.policies?.includes("root") === true }];
  });
}
