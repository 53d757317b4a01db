import { ProviderError } from "../errors.ts";
import type { HttpAnswer, HttpRequest } from "./message.ts";

/** The statuses that Vault's Go client follows, always with the method unchanged. */
const followed = new Set([301, 302, 307]);

/** The request that a redirect asks for; undefined where the answer is none. Throws `LK0036` for one that is not followed. */
export function redirectOf(request: HttpRequest, answer: HttpAnswer): HttpRequest | undefined {
  if (!followed.has(answer.status)) return undefined;
  const base = new URL(request.origin);
  const target = URL.parse(answer.headers.get("location") ?? "about:blank", `${request.origin}${request.path}`);
  if (target === null || !/^https?:$/.test(target.protocol)) {
    throw wrongRedirect(base.host, "redirects to an address that is not HTTP");
  }
  if (base.protocol === "https:" && target.protocol !== "https:") {
    throw wrongRedirect(base.host, "redirects from https to http, which is not followed");
  }
  // Only the server behind a Unix socket itself is found there.
  const socketPath = target.origin === base.origin ? request.socketPath : undefined;
  return { ...request, origin: target.origin, socketPath, path: `${target.pathname}${target.search}` };
}

function wrongRedirect(host: string, what: string): ProviderError {
  return new ProviderError("LK0036", `${host} ${what}`, { fix: "use the address of the active server" });
}
