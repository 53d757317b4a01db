/** Parts of a path that JMESPath takes as they are. */
const plain = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Parts that need double quotes and nothing else: they hold a hyphen, or begin with a digit. */
const quotable = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;

/** Returns the fix for text that is not a JMESPath: the same text with its names in quotes, if it lacks only that. */
export function jmesPathFix(text: string): string {
  const parts = text.slice(0, 256).split(".");
  const fits = parts.every((part) => quotable.test(part)) && !parts.every((part) => plain.test(part));
  if (fits && text.length <= 256) {
    const quoted = parts.map((part) => (plain.test(part) ? part : `"${part}"`)).join(".");
    return `put names with other characters than letters, digits and _ in double quotes: '${quoted}'`;
  }
  return `write a JMESPath such as db.password; a name with other characters in quotes: '"api-key"'`;
}
