const shownLength = 256;

/** What looks like a JSON web token is one, whoever quotes it. */
const webToken = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/** A store's own words as an error may show them: `secrets` and tokens taken out, one line, 256 characters at most. */
export function shownText(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret !== "");
  const safe = known
    .reduce((left, secret) => left.replaceAll(secret, "[redacted]"), text)
    .replace(webToken, "[redacted]");
  const line = safe.replace(/[\s\p{Cc}]+/gu, " ").replace(/[.: ]+$/, "");
  return line.length > shownLength ? `${line.slice(0, shownLength - 1)}…` : line;
}
