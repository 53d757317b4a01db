import { isJsonObject, parseJsonOrNothing } from "../../formats/json.ts";
import type { HttpClient } from "../../http/client.ts";
import type { HttpAnswer } from "../../http/message.ts";
import { isWebPage, notFromStore } from "../../http/not-from-store.ts";

/** The request as the SDK made it (`HttpRequest` of @smithy/types). */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
}

/** The options that a call hands through the SDK to its handler. */
export interface SendOptions {
  readonly abortSignal: AbortSignal;
  /** Called each time a request goes out. */
  readonly onSend: () => void;
}

/**
 * The SDK's way to the network, on our client: bounded answers, idle connections that may break, errors as `ProviderError`.
 * The SDK's own handler puts headers into request options, which NODE_DEBUG=net prints.
 */
export function createHttpHandler(http: HttpClient) {
  return {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(request: SdkRequest, { abortSignal, onSend }: SendOptions) {
      const { method, headers, body } = request;
      const port = request.port === undefined ? "" : `:${request.port}`;
      const answer = await http.send({
        origin: new URL(`${request.protocol}//${request.hostname}${port}`).origin,
        path: `${request.path}${queryOf(request)}`,
        method,
        headers,
        body,
        signal: abortSignal,
        // All calls that we make are reads in effect: a second arrival does no harm.
        resend: true,
        onSend,
      });
      if (!isFromAws(answer)) throw notFromStore(`${method} ${request.hostname}`, "AWS", answer);
      const answered = { statusCode: answer.status, headers: Object.fromEntries(answer.headers), body: answer.body };
      return { response: answered };
    },
  };
}

/** Headers that only AWS sends, with every answer or with every error. */
const ownHeaders = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-errortype"];

/**
 * Whether the service itself answered: a success that is no web page, or a failure with AWS's own headers or error code.
 * Any other failure comes from a proxy, which knows nothing of a secret or a role.
 */
function isFromAws(answer: HttpAnswer): boolean {
  const { status, headers, body } = answer;
  if (status === 429) return true;
  if (isWebPage(answer)) return false;
  if (status < 300 || ownHeaders.some((name) => headers.has(name))) return true;
  const text = Buffer.from(body).toString("utf8");
  if (errorOfSts.test(text)) return true;
  const parsed = parseJsonOrNothing(text);
  return isJsonObject(parsed) && typeof parsed.get("__type") === "string";
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
const errorOfSts = /^\s*(?:<\?xml[^>]*\?>\s*)?<ErrorResponse(?:\s[^>]*)?>\s*<Error>/;

function queryOf({ query = {} }: SdkRequest): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) for (const text of [value ?? ""].flat()) pairs.append(name, text);
  return pairs.size === 0 ? "" : `?${pairs}`;
}

/** The handler that `createHttpHandler` returns. */
export type AwsHandler = ReturnType<typeof createHttpHandler>;
