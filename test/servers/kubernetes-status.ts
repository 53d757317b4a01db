import type { Answer } from "./scripted.ts";

/** The object that was asked for, as a Status describes it; the API leaves out what is empty. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly object[];
}

/** A Status as the API server answers where there is nothing else to say. */
export function status(code: number, reason: string, message: string, details?: StatusDetails): Answer {
  const said = { ...(reason === "" ? {} : { reason }), ...(details === undefined ? {} : { details }) };
  const body = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, ...said, code };
  return { status: code, body };
}

/** The 404 for one object. */
export function notFound(kind: string, name: string, group?: string): Answer {
  const whole = group === undefined ? kind : `${kind}.${group}`;
  const details = { name, ...(group === undefined ? {} : { group }), kind };
  return status(404, "NotFound", `${whole} "${name}" not found`, details);
}

/** An object's part that is empty is left out, as Go's `omitempty` does. */
export function unlessEmpty<K extends string>(key: K, value: object): { readonly [N in K]?: object } {
  const part = { [key]: value } as { readonly [N in K]: object };
  return Object.keys(value).length === 0 ? {} : part;
}
