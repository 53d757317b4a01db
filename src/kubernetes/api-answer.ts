import { type ErrorDetails, ProviderError } from "../errors.ts";
import type { HttpAnswer } from "../http/message.ts";
import type { Redacted } from "../redacted.ts";
import { type ApiStatus, readStatus } from "./api-status.ts";
import { tokenRefused } from "./own-token.ts";
import { plainJson } from "./plain-json.ts";
import { type ApiCall, admissionRefusal, forbidden } from "./refusal.ts";

/** One answer that nobody refused and no server failed at. */
export interface ApiAnswer {
  readonly status: number;
  /** The status that the API sent instead of an object. */
  readonly said: ApiStatus | undefined;
  /** The object of a 200 or 201. Throws `LK0018` for any other status, `LK0012` for what is not JSON. */
  json(): unknown;
}

/** The request that an answer is for. */
interface SentCall extends ApiCall {
  readonly url: string;
  readonly token: Redacted<string>;
}

/**
 * Tells refusals and failures from answers. A denial by a webhook or policy comes first, because it may have any status. Throws
 * `LK0012` for a server that has too much to do or fails, `LK0013` and `LK0019` for a refusal, `LK0017` for a token that is not
 * accepted.
 */
export function judgeAnswer(answer: HttpAnswer, call: SentCall): ApiAnswer {
  const { status, body } = answer;
  const said = status < 400 ? undefined : readStatus(body);
  const denied = admissionRefusal(status, said, call);
  if (denied !== undefined) throw denied;
  if (status === 401) throw tokenRefused(call.token, `${call.method} ${call.path}`, Date.now());
  if (status === 403) throw forbidden(said, call);
  // Without a Status it is not the API that answers, but something on the way.
  const isAnswer = status < 300 || status === 404 || (status < 500 && said !== undefined);
  if (!isAnswer || status === 408 || status === 429) throw failed(answer, said, call);
  return { status, said, json: () => jsonOf(answer, said, call) };
}

/** `LK0012` for a request that got no answer. */
export function brokenOff(url: string, { id, message }: ProviderError): ProviderError {
  return unreachable(url, `${id}: ${message}`, "check that the API server is up and that Latchkey may reach it");
}

function jsonOf({ status, body }: HttpAnswer, said: ApiStatus | undefined, call: SentCall): unknown {
  if (status !== 200 && status !== 201) {
    const reason = /^[A-Za-z]{1,64}$/.test(said?.reason ?? "") ? `, ${said?.reason}` : "";
    const what = `the Kubernetes API answered ${status}${reason} to ${call.method} ${call.path}`;
    throw new ProviderError("LK0018", what, {
      storeCode: String(status),
      fix: "check that --kubernetes-api is an API server of a version that Latchkey supports",
    });
  }
  const parsed = plainJson(Buffer.from(body).toString());
  if (parsed !== undefined) return parsed;
  const fix = "check that --kubernetes-api is the API server and not something in front of it";
  throw unreachable(call.url, "an answer that is not JSON", fix);
}

/** https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ */
function failed({ status, retryAfterMs }: HttpAnswer, said: ApiStatus | undefined, call: SentCall): ProviderError {
  const webhook = /failed calling webhook "([^"]{1,253})"/.exec(said?.message ?? "")?.[1];
  const why =
    webhook === undefined ? `status ${status}` : `status ${status}: it failed to call the webhook "${webhook}"`;
  return unreachable(call.url, why, fixFor(status, webhook), {
    storeCode: String(status),
    retryAfterMs,
    passing: true,
  });
}

function fixFor(status: number, webhook: string | undefined): string {
  if (webhook !== undefined)
    return "find out why the API server cannot call that webhook; until it can, nothing is written there";
  if (status === 429)
    return "nothing if it passes, because Latchkey asks again later; otherwise check the API server's load";
  return "check the API server's health and log; Latchkey asks again";
}

function unreachable(
  url: string,
  why: string,
  fix: string,
  more: Pick<ErrorDetails, "storeCode" | "retryAfterMs" | "passing"> = {},
): ProviderError {
  return new ProviderError("LK0012", `the Kubernetes API at ${url} did not give a usable answer (${why})`, {
    ...more,
    fix,
  });
}
