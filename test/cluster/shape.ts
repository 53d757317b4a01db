/** Parts of an object that anybody may add to, and whose keys are names. */
const free = new Set(["f:data", "f:labels", "f:annotations", "f:ownerReferences"]);

/** Words of the API that programs decide by. */
const words = new Set(["kind", "apiVersion", "status", "reason", "code", "field", "type", "operation", "fieldsType"]);

/**
 * Where a played answer differs in shape from the real one: it has what the real one leaves out, another type, or another word
 * where programs read one. That the real one has more is no fault.
 */
export function shapeFaults(played: unknown, real: unknown, path = "$"): readonly string[] {
  if (typeOf(played) !== typeOf(real)) return [`${path}: ${typeOf(played)} instead of ${typeOf(real)}`];
  if (Array.isArray(played) && Array.isArray(real)) {
    return played.length > real.length
      ? [`${path}: ${played.length} entries instead of ${real.length}`]
      : played.flatMap((entry, index) => shapeFaults(entry, real[index], `${path}[${index}]`));
  }
  if (played === null || typeof played !== "object") return wordFault(played, real, path);
  return Object.entries(played).flatMap(([key, value]) => {
    const below = `${path}.${key}`;
    if (free.has(key)) return [];
    const theirs = Object.entries(real as object).find(([name]) => name === key);
    return theirs === undefined ? [`${below}: the real one has none`] : shapeFaults(value, theirs[1], below);
  });
}

function wordFault(played: unknown, real: unknown, path: string): readonly string[] {
  const key = path.slice(path.lastIndexOf(".") + 1);
  return words.has(key) && played !== real ? [`${path}: ${String(played)} instead of ${String(real)}`] : [];
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
