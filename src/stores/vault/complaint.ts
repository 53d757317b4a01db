import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, parseJsonOrNothing } from "../../formats/json.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { isWebPage } from "../../http/not-from-store.ts";
import { shownText } from "../shown-text.ts";

/** The message of an answer without success. */
export interface Complaint {
  /** False where the answer does not have the form of the server's own: a proxy or balancer gave it. */
  readonly own: boolean;
  /** The server's texts in `errors`. */
  readonly texts: readonly string[];
  /** Its texts in `warnings`. */
  readonly warnings: readonly string[];
  /** All of that as it may be shown; empty where there is nothing. */
  readonly shown: string;
}

/** Only the structured `errors` and `warnings` are shown, without `secrets`: any other body may quote anything. */
export function complaintOf(body: Uint8Array, secrets: readonly string[] = []): Complaint {
  const object = objectIn(body);
  if (object === undefined || !isOwn(object)) return { own: false, texts: [], warnings: [], shown: "" };
  const texts = textsIn(object.get("errors")) ?? [];
  const warnings = textsIn(object.get("warnings")) ?? [];
  return { own: true, texts, warnings, shown: shownText([...texts, ...warnings].join("; "), secrets) };
}

/**
 * The server's errors are a list of texts. Where it says more than that, such as which version was deleted, the answer is
 * a whole one. Gateways have a `request_id` too, so that alone tells nothing.
 */
function isOwn(object: JsonObject): boolean {
  if (textsIn(object.get("errors")) !== undefined || textsIn(object.get("warnings")) !== undefined) return true;
  return typeof object.get("request_id") === "string" && wholeAnswer.some((name) => object.has(name));
}

/** The fields that every whole answer has, if only as null. */
const wholeAnswer = ["lease_duration", "data", "warnings", "auth"];

/** Redirects that are not followed, a rate limit, a standby: the status says it all. */
const needNoWords: ReadonlySet<number> = new Set([301, 302, 307, 429, 472, 473]);

/** Returns whether the server did what it was asked: no proxy's web page, whatever its status, says so. */
export function isSuccess(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status <= 299 && !isWebPage(answer);
}

/** True where something before the server gave the answer, which knows nothing of a secret or a login. */
export function isForeign({ status }: HttpAnswer, { own }: Complaint): boolean {
  return !own && !needNoWords.has(status);
}

const inactive = /\b(sealed|standby|not initialized)\b/i;

/** True where the server itself says that it is sealed or not the active one: it did nothing. */
export function isInactive({ status, body }: HttpAnswer): boolean {
  if (status === 472 || status === 473) return true;
  return status === 503 && complaintOf(body).texts.some((text) => inactive.test(text));
}

function textsIn(value: JsonValue | undefined): readonly string[] | undefined {
  if (!isJsonArray(value)) return undefined;
  const texts = value.filter((item) => typeof item === "string");
  return texts.length === value.length ? texts : undefined;
}

function objectIn(body: Uint8Array): JsonObject | undefined {
  const parsed = body.byteLength === 0 ? null : parseJsonOrNothing(body);
  return isJsonObject(parsed) ? parsed : undefined;
}
