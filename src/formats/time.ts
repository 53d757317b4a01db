/** https://www.rfc-editor.org/rfc/rfc3339#section-5.6 */
const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** The fix for a time that is wrong. */
export const timeFix = "write a time as RFC 3339 does, with its zone: 2026-11-23T12:00:00Z";

/** A time of RFC 3339 in milliseconds since the epoch; undefined for what is none. */
export function parseTime(text: string): number | undefined {
  const time = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
