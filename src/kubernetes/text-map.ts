import * as z from "zod";

/**
 * Labels, annotations or parameters as a map: empty if the API left them out, as it does with what is empty. Not a
 * `z.record`, which would lose the legal key `__proto__`.
 */
export const textMap = z.unknown().optional().transform(textsOf);

function textsOf(object: unknown): ReadonlyMap<string, string> {
  if (typeof object !== "object" || object === null) return new Map();
  return new Map(Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
