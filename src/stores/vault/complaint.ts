import { FormatError } from "../../formats/format-error.ts";
import { isJsonArray, isJsonObject, type JsonValue, parseJson } from "../../formats/json.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { shownText } from "../shown-text.ts";

/** What Vault says in `errors`. */
export interface Complaint {
  readonly texts: readonly string[];
  /** The texts as they may be shown; empty where there is none. */
  readonly shown: string;
}

/** Only the structured `errors` are shown, without `secrets`: any other body may quote anything. */
export function complaintOf(body: Uint8Array, secrets: readonly string[] = []): Complaint {
  const texts = errorsOf(body).filter((text) => typeof text === "string");
  return { texts, shown: shownText(texts.join("; "), secrets) };
}

const inactive = /\b(sealed|standby|not initialized)\b/i;

/** True where the server itself says that it is sealed or not the active one: it did nothing. */
export function isInactive({ status, body }: HttpAnswer): boolean {
  if (status === 472 || status === 473) return true;
  return status === 503 && complaintOf(body).texts.some((text) => inactive.test(text));
}

function errorsOf(body: Uint8Array): readonly JsonValue[] {
  try {
    const parsed = body.byteLength === 0 ? null : parseJson(body);
    const errors = isJsonObject(parsed) ? parsed.get("errors") : undefined;
    return isJsonArray(errors) ? errors : [];
  } catch (thrown) {
    if (thrown instanceof FormatError) return [];
    throw thrown;
  }
}
