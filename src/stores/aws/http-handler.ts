import type { HttpClient } from "../../http/client.ts";

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

/** What a call hands through the SDK to its handler. */
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
      const answered = { statusCode: answer.status, headers: Object.fromEntries(answer.headers), body: answer.body };
      return { response: answered };
    },
  };
}

function queryOf({ query = {} }: SdkRequest): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) for (const text of [value ?? ""].flat()) pairs.append(name, text);
  return pairs.size === 0 ? "" : `?${pairs}`;
}

/** What `createHttpHandler` gives. */
export type AwsHandler = ReturnType<typeof createHttpHandler>;
