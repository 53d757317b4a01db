import { ProviderError } from "../../errors.ts";
import { isJsonObject, JsonNumber, type JsonObject, parseJsonOrNothing } from "../../formats/json.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { Redacted } from "../../redacted.ts";
import { type AccessToken, replaceAt } from "./kept-tokens.ts";

/** The life of a token that does not say its own, in seconds: short, so that it is asked for again. */
const usualLife = 300;

/** No token is kept for longer than a day, in seconds, whatever its answer says. */
const longestLife = 86_400;

/** Returns the JSON object of an answer; undefined for anything else. */
export function objectOf({ body }: HttpAnswer): JsonObject | undefined {
  const parsed = parseJsonOrNothing(body);
  return isJsonObject(parsed) ? parsed : undefined;
}

/**
 * The token in an answer (RFC 6749, 5.1); `whom` gave it. The login service writes `expires_in` as a number, the Instance
 * Metadata Service as text. Throws `LK0036`.
 */
export function tokenOf(object: JsonObject, whom: string, now: number): AccessToken {
  const text = object.get("access_token");
  // It becomes a header: RFC 6750, 2.1 has these characters.
  if (typeof text !== "string" || !/^[\w~.+/=-]+$/.test(text)) {
    throw new ProviderError("LK0036", `${whom} answered without an access token`, {
      login: true,
      fix: `check what answers in place of ${whom}`,
    });
  }
  return { text: new Redacted(text), replaceAt: replaceAt(lifeOf(object.get("expires_in")), now) };
}

function lifeOf(value: unknown): number {
  const seconds = Number(value instanceof JsonNumber ? value.text : typeof value === "string" ? value : Number.NaN);
  return seconds > 0 ? Math.min(seconds, longestLife) : usualLife;
}
