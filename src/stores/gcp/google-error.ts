import { isJsonArray, isJsonObject, type JsonValue, memberOf, parseJsonOrNothing } from "../../formats/json.ts";

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

/** https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
const oauthForm = /^[a-z][a-z_]{1,63}$/;

/** Returns the error in a body; undefined for a body that is none of Google's: nothing of that may be believed. */
export function googleErrorIn(body: Uint8Array): GoogleError | undefined {
  const parsed = parseJsonOrNothing(body);
  const error = memberOf(isJsonArray(parsed) ? parsed[0] : parsed, "error");
  if (typeof error === "string") return oauthErrorOf(error, memberOf(parsed, "error_description"));
  if (!isJsonObject(error)) return undefined;
  const status = error.get("status");
  if (typeof status !== "string" || !statusForm.test(status)) return undefined;
  const message = error.get("message");
  return { code: status, message: typeof message === "string" ? message : "", ...infoOf(error.get("details")) };
}

function oauthErrorOf(code: string, description: JsonValue | undefined): GoogleError | undefined {
  if (!oauthForm.test(code)) return undefined;
  const message = typeof description === "string" ? description : "";
  return { code, message, reason: undefined, metadata: new Map() };
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
