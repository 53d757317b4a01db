import type { JsonObject } from "../../formats/json.ts";
import { JsonNumber } from "../../formats/json.ts";
import { Redacted } from "../../redacted.ts";
import { unusable } from "./errors.ts";
import type { FailedCall } from "./failed-call.ts";

/** The scope of every token (https://cloud.google.com/secret-manager/docs/accessing-the-api#oauth-scopes). */
export const cloudScope = "https://www.googleapis.com/auth/cloud-platform";

/** A token that Google's APIs take, and when it ends, in milliseconds since the epoch. */
export interface AccessToken {
  readonly token: Redacted<string>;
  readonly expiresAt: number;
}

/** A token, and whose it is. */
export interface GcpLogin extends AccessToken {
  /** As IAM policies name it: `serviceAccount:...`, `principal://...`. */
  readonly member: string;
}

/** The purpose of a request, and its receiver. */
type Asked = Pick<FailedCall, "what" | "service" | "operation">;

/** A token whose life nobody told is asked for anew after this time, in milliseconds. */
const unknownLife = 300_000;

/** The characters that HTTP lets stand in a header, so that no answer can break a request (https://www.rfc-editor.org/rfc/rfc6750#section-2.1). */
const tokenForm = /^[A-Za-z0-9\-._~+/]+=*$/;

/** Returns the token in an answer of OAuth (https://www.rfc-editor.org/rfc/rfc6749#section-5.1). Throws `LK0036` without one. */
export function tokenIn(answer: JsonObject, about: Asked): AccessToken {
  const life = answer.get("expires_in");
  const seconds = life instanceof JsonNumber ? Number(life.text) : Number.NaN;
  return tokenOf(answer.get("access_token"), Date.now() + (seconds > 0 ? seconds * 1_000 : unknownLife), about);
}

/** Returns a token that an answer holds. Throws `LK0036` for what is none: an empty one would be sent as nobody's. */
export function tokenOf(text: unknown, expiresAt: number, about: Asked): AccessToken {
  if (typeof text !== "string" || !tokenForm.test(text))
    throw unusable(`${about.what} failed: the answer holds no token`, about);
  return { token: new Redacted(text), expiresAt: Number.isFinite(expiresAt) ? expiresAt : Date.now() + unknownLife };
}
