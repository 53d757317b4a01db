import { toProviderError } from "../../errors.ts";
import { isJsonObject, type JsonObject, parseJsonOrNothing } from "../../formats/json.ts";
import type { HttpClient } from "../../http/client.ts";
import { isWebPage } from "../../http/not-from-store.ts";
import type { CallContext, StoreOperation } from "../store.ts";
import { errorOf, foreign, unusable, withContext } from "./errors.ts";
import type { FailedCall } from "./failed-call.ts";

/** One call of Google's. */
export interface GcpCall {
  readonly url: URL;
  /** The token that is sent as a bearer. */
  readonly bearer?: string | undefined;
  /** Sent as JSON by POST; a form if it is text. */
  readonly body?: object | string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly about: FailedCall;
  readonly counted: StoreOperation;
}

/** Sends a call and returns the JSON object of its answer. Throws what the failure means. */
export async function callGoogle(http: HttpClient, call: GcpCall, { signal, count }: CallContext): Promise<JsonObject> {
  const { url, body, about } = call;
  const sending = http.send({
    method: body === undefined ? "GET" : "POST",
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    headers: headersOf(call),
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    signal,
    resend: true,
    onSend: () => count(call.counted),
  });
  const answer = await sending.catch((thrown: unknown) => {
    throw withContext(toProviderError(thrown), about);
  });
  if (answer.status !== 200) throw errorOf(answer, about);
  if (isWebPage(answer)) throw foreign(answer, about);
  const parsed = parseJsonOrNothing(answer.body);
  if (isJsonObject(parsed)) return parsed;
  throw unusable(`${about.what} failed: the answer is not a JSON object`, about);
}

function headersOf({ bearer, body, headers }: GcpCall): Record<string, string> {
  const type = typeof body === "string" ? "application/x-www-form-urlencoded" : "application/json";
  return {
    accept: "application/json",
    ...(body === undefined ? {} : { "content-type": type }),
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...headers,
  };
}
