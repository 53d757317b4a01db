const longestMs = 24 * 60 * 60 * 1000;

/**
 * `Retry-After` in milliseconds, seconds or a date (RFC 9110, 10.2.3), at most a day; undefined where it says neither.
 * `now` in milliseconds since the epoch.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestMs);
}
