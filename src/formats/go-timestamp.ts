const daysOfMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A date, with a time behind a space and no zone, or behind a `T` with a zone; all as Go's `time.Parse` takes them. */
const form =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?: +|([Tt]))(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d{2}:\d{2})?)?$/;

/**
 * A timestamp as yaml.v3 finds it in plain text, written as Go's JSON writes a time (RFC 3339). Undefined for text that
 * yaml.v3 leaves text, such as a time behind a space with an offset. A zone that JSON refuses gives null.
 */
export function goTimestamp(text: string): string | null | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, year = "", month = "", day = "", letter, hour = "0", minute = "0", second = "0", fraction = ""] = match;
  const zone = match[9];
  const hasTime = match[5] !== undefined;
  // A zone belongs to the form with a letter, and only to it.
  if (hasTime && (letter === undefined) !== (zone === undefined)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || !isDay(year, month, day)) return undefined;
  const offset = zoneOf(zone ?? "Z");
  if (typeof offset !== "string") return offset;
  const date = [year, month.padStart(2, "0"), day.padStart(2, "0")].join("-");
  const time = [hour, minute, second].map((part) => part.padStart(2, "0")).join(":");
  const digits = fraction.slice(0, 9).replace(/0+$/, "");
  return `${date}T${time}${digits === "" ? "" : `.${digits}`}${offset}`;
}

function isDay(year: string, month: string, day: string): boolean {
  const leap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const last = month.padStart(2, "0") === "02" && leap ? 29 : daysOfMonths[Number(month) - 1];
  return last !== undefined && Number(day) >= 1 && Number(day) <= last;
}

/** Go reads 60 minutes and 24 hours in a zone, carries them over, and then refuses to write 24 hours. */
function zoneOf(zone: string): string | null | undefined {
  if (zone === "Z") return "Z";
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))];
  if (hours > 24 || minutes > 60) return undefined;
  const total = hours * 60 + minutes;
  if (total === 0) return "Z";
  if (total >= 24 * 60) return null;
  const parts = [Math.trunc(total / 60), total % 60].map((part) => String(part).padStart(2, "0"));
  return `${zone.slice(0, 1)}${parts.join(":")}`;
}
