/** The keys that the killed writer saves. */
export const keys: readonly string[] = Array.from({ length: 12 }, (_, index) => `key-${index}`);

/** The one value that is right for a version of a key; their lengths differ much. */
export function textOf(key: string, version: number): string {
  return `${key} ${version} `.repeat(1 + ((version * 31 + key.length) % 300));
}
