const shownLength = 256;

/** So much is looked at: a server can say megabytes, and what is searched below takes time by the square of it. */
const readLength = 8_192;

/** What looks like a JSON web token is one, whoever quotes it. */
const webToken = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/** One that was cut. */
const cutToken = /\beyJ[\w.-]*$/;

/** A store's own words as an error may show them: `secrets` and tokens taken out, one line, 256 characters at most. */
export function shownText(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret !== "");
  const whole = known.reduce((left, secret) => left.replaceAll(secret, "[redacted]"), text);
  const start = whole.slice(0, readLength).replace(webToken, "[redacted]");
  const safe = whole.length > readLength ? start.replace(cutToken, "[redacted]") : start;
  const line = safe.replace(/[\s\p{Cc}]+/gu, " ").replace(/[.: ]+$/, "");
  return line.length > shownLength ? `${line.slice(0, shownLength - 1)}…` : line;
}
