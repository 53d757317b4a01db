import {
  isJsonArray,
  isJsonObject,
  JsonNumber,
  type JsonValue,
  memberOf,
  parseJsonOrNothing,
} from "../../formats/json.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { oauthErrorIn } from "../oauth-error.ts";

/** An error as Google's APIs write it (https://cloud.google.com/apis/design/errors#http_mapping), without trust in its shape. */
export interface GoogleError {
  /** A gRPC code's name, such as `PERMISSION_DENIED`, or an OAuth code, such as `invalid_grant`. */
  readonly code: string;
  readonly message: string;
  /** The reason of its ErrorInfo, such as `SERVICE_DISABLED`. */
  readonly reason: string | undefined;
  /** The details of that reason, such as `service`. */
  readonly metadata: ReadonlyMap<string, string>;
}

const statusForm = /^[A-Z][A-Z_]{1,63}$/;

/** Returns the error in an answer; undefined for one that is none of Google's: nothing of that may be believed. */
export function googleErrorIn({
  status: answered,
  body,
}: Pick<HttpAnswer, "status" | "body">): GoogleError | undefined {
  const parsed = parseJsonOrNothing(body);
  const oauth = isJsonObject(parsed) ? oauthErrorIn(parsed) : undefined;
  if (oauth !== undefined) {
    return { code: oauth.code, message: oauth.description, reason: undefined, metadata: new Map() };
  }
  const error = memberOf(isJsonArray(parsed) ? parsed[0] : parsed, "error");
  if (!isJsonObject(error)) return undefined;
  const [code, status] = [error.get("code"), error.get("status")];
  // Google repeats the answer's own status beside the name.
  if (!(code instanceof JsonNumber) || Number(code.text) !== answered) return undefined;
  if (typeof status !== "string" || !statusForm.test(status)) return undefined;
  const message = error.get("message");
  return { code: status, message: typeof message === "string" ? message : "", ...infoOf(error.get("details")) };
}

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto */
const infoType = "type.googleapis.com/google.rpc.ErrorInfo";

function infoOf(details: JsonValue | undefined): Pick<GoogleError, "reason" | "metadata"> {
  const list = isJsonArray(details) ? details : [];
  const info = list.find((each) => memberOf(each, "@type") === infoType);
  const reason = memberOf(info, "reason");
  const metadata = memberOf(info, "metadata");
  const texts = isJsonObject(metadata) ? [...metadata].flatMap(([key, value]) => textEntry(key, value)) : [];
  return {
    reason: typeof reason === "string" && statusForm.test(reason) ? reason : undefined,
    metadata: new Map(texts),
  };
}

function textEntry(key: string, value: JsonValue): readonly (readonly [string, string])[] {
  return typeof value === "string" ? [[key, value]] : [];
}
