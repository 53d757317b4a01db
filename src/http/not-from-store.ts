import { ProviderError } from "../errors.ts";
import type { HttpAnswer } from "./message.ts";

/** The statuses of a proxy or balancer that gets no answer from anything behind it. */
const nobodyBehind: ReadonlySet<number> = new Set([502, 503, 504]);

/** A media type as the header names it, without parameters. */
const mediaType = /^\s*([\w.+-]{1,64}\/[\w.+-]{1,64})\s*(?:;|$)/;

/** True for a web page: no API answers one, whatever the status. A header alone tells nothing: some servers send JSON under it. */
export function isWebPage({ headers, body }: Pick<HttpAnswer, "headers" | "body">): boolean {
  const start = Buffer.from(body.subarray(0, 256))
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart();
  const isNamed = /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(headers.get("content-type") ?? "");
  return isNamed ? start.startsWith("<") : /^<(?:!doctype\s+html|html)\b/i.test(start);
}

/**
 * The error of an answer that `store` did not give: a proxy, an ingress or a balancer before it did. It is an outage,
 * whatever the status, because nobody who knows the secret said anything. `what` says what was asked for.
 */
export function notFromStore(what: string, store: string, answer: HttpAnswer): ProviderError {
  const { status, headers, retryAfterMs } = answer;
  const type = mediaType.exec(headers.get("content-type") ?? "")?.[1];
  const shown = type === undefined ? "" : `, ${type}`;
  return new ProviderError("LK0030", `${what} (status ${status}${shown}): the answer is not from ${store}`, {
    storeCode: String(status),
    fix:
      fixOf(answer) ??
      `look for the proxy, ingress or balancer that answered in place of ${store}, and find out why it did`,
    retryAfterMs,
    reached: !nobodyBehind.has(status),
    passing: nobodyBehind.has(status),
  });
}

/** Of a server before it looks at the request, or of a proxy: URL, headers, body. */
const tooLarge: ReadonlySet<number> = new Set([413, 414, 431]);

/** The answer of web servers to plain HTTP at their TLS port. */
const wantsTls = /HTTP request (?:was sent )?to (?:an )?HTTPS (?:server|port)/i;

function fixOf({ status, body }: HttpAnswer): string | undefined {
  if (tooLarge.has(status)) return tooLargeFix;
  const text = status === 400 ? Buffer.from(body.subarray(0, 1024)).toString("latin1") : "";
  return wantsTls.test(text) ? "write https:// in the address: the server speaks TLS there" : undefined;
}

/** The fix for a request that is too large for the server or for something before it. */
export const tooLargeFix =
  "the request is too large for the server or a proxy before it: shorten path, query, namespace or role, or raise the limit there";
