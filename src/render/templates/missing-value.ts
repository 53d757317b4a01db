import { nearest } from "../../nearest.ts";
import type { MissingValue } from "./job.ts";

/** Names with dots between them, as the engine tells of one that is not there. */
const undefinedVariable = /^undefined variable: ([\w-]{1,100}(?:\.[\w-]{1,100}){0,20})(?![\w.[-])/;

/** So many keys are compared. */
const mostKeys = 1_000;

/** Which value a problem of the engine says is missing, and the key that was probably meant; undefined for any other problem. */
export function missingValue(problem: string, scope: Readonly<Record<string, unknown>>): MissingValue | undefined {
  const [name = "", ...keys] = undefinedVariable.exec(problem)?.[1]?.split(".") ?? [];
  if (name === "") return undefined;
  let value: unknown = scope;
  for (const [at, key] of [name, ...keys].entries()) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return { name };
    if (Object.hasOwn(value, key)) {
      value = (value as Record<string, unknown>)[key];
      continue;
    }
    const near = nearest(key, Object.keys(value).slice(0, mostKeys));
    const isPlain = near !== undefined && /^[\w-]{1,100}$/.test(near);
    return isPlain ? { name, near: [...[name, ...keys].slice(0, at), near].join(".") } : { name };
  }
  return { name };
}
