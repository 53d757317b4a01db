const shownLength = 256;

/** So much is looked at: a server can say megabytes, and what is searched below takes time by the square of it. */
const readLength = 8_192;

/** Anything that looks like a JSON web token counts as one, whoever quotes it. */
const webToken = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/** One that was cut. */
const cutToken = /\beyJ[\w.-]*$/;

/** Nothing shorter keeps anybody out, and it stands in ordinary words: without it they could not be understood. */
const shortestSecret = 8;

/** Stands for what was taken out until all of it has been: no secret is found in the word for another. */
const gap = "\ue000";

/**
 * A store's own words as an error may show them: `secrets` of eight characters and more and tokens taken out, one line, 256
 * characters at most. For people only: what an answer means is judged by its words as they came.
 */
export function shownText(text: string, secrets: readonly string[]): string {
  const known = secrets.filter(({ length }) => length >= shortestSecret).sort((a, b) => b.length - a.length);
  const whole = known.reduce((left, secret) => left.replaceAll(secret, gap), text);
  const start = whole.slice(0, readLength).replace(webToken, gap);
  const safe = (whole.length > readLength ? start.replace(cutToken, gap) : start).replaceAll(gap, "[redacted]");
  const line = safe.replace(/[\s\p{Cc}]+/gu, " ").replace(/[.: ]+$/, "");
  return line.length > shownLength ? `${line.slice(0, shownLength - 1)}…` : line;
}
