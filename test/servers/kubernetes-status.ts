import type { Answer } from "./scripted.ts";

/** A Status as the API server answers where there is nothing else to say. */
export function status(code: number, reason: string, message: string): Answer {
  const body = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
  return { status: code, body };
}
