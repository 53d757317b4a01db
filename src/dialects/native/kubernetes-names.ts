/** Rules of Kubernetes for what a Secret consists of (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/). */

/** Characters of the hash that stands behind the name of an immutable Secret, and behind a `-`. */
export const immutableHashLength = 10;

/** Why a text is not a name of a Secret; undefined for one that is. `spare` characters are left for what is put behind it. */
export function secretNameProblem(name: string, spare = 0): string | undefined {
  if (name.length > longestSubdomain - spare) return `longer than ${longestSubdomain - spare} characters`;
  return isSubdomain(name)
    ? undefined
    : "not made of small letters, digits, - and . alone, or begins or ends with - or .";
}

/** Why a text is not a key of a Secret's data. */
export function dataKeyProblem(key: string): string | undefined {
  if (key.length > longestSubdomain) return `longer than ${longestSubdomain} characters`;
  if (!/^[-._A-Za-z0-9]+$/.test(key)) return "not made of letters, digits, -, _ and . alone";
  return key === "." || key.startsWith("..") ? "`.`, or begins with `..`" : undefined;
}

/** Why a text is not a key of a label or annotation. */
export function metadataKeyProblem(key: string): string | undefined {
  const [name = "", prefix, ...rest] = key.split("/").reverse();
  if (rest.length > 0) return "has more than one /";
  if (prefix !== undefined && (prefix.length > longestSubdomain || !isSubdomain(prefix)))
    return "its prefix is not a DNS name";
  return isQualified(name) ? undefined : "its name is not letters, digits, -, _ and ., 63 at most";
}

/** Why a text is no value of a label. */
export function labelValueProblem(value: string): string | undefined {
  return value === "" || isQualified(value) ? undefined : "not letters, digits, -, _ and ., 63 at most";
}

/** The longest DNS name (RFC 1123). */
const longestSubdomain = 253;

function isSubdomain(text: string): boolean {
  return text.split(".").every((label) => /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(label));
}

function isQualified(text: string): boolean {
  return text.length <= 63 && /^[A-Za-z0-9](?:[-_.A-Za-z0-9]*[A-Za-z0-9])?$/.test(text);
}
