import { ProviderError } from "../errors.ts";
import type { ApiStatus } from "./api-status.ts";
import { quotableWords } from "./quotable.ts";

/** One request, as errors name it. */
export interface ApiCall {
  readonly method: string;
  readonly path: string;
  /** The values that must not appear in an answer that is shown. */
  readonly values: () => readonly string[];
}

/** Somebody whom the API server asks before it stores an object, by the words that it says for them. */
const gatekeepers = [
  /admission webhook "([^"]{1,253})" denied the request(?:: )?([\s\S]*)$/,
  /(?:ValidatingAdmissionPolicy|MutatingAdmissionPolicy) '([^']{1,253})'(?: with binding '[^']{1,253}')? denied request(?:: )?([\s\S]*)$/,
] as const;

/**
 * `LK0019` if a webhook or policy of the cluster denied the request, whatever status it chose for that (a webhook may
 * answer 401, 409 or 429); undefined otherwise.
 */
export function admissionRefusal(
  status: number,
  said: ApiStatus | undefined,
  call: ApiCall,
): ProviderError | undefined {
  for (const gatekeeper of gatekeepers) {
    const match = gatekeeper.exec(said?.message ?? "");
    if (match === null) continue;
    const [whole, name = "", reason = ""] = match;
    const who = whole.startsWith("admission webhook")
      ? `the admission webhook "${name}"`
      : `the ${whole.split(" ", 1)[0]} "${name}"`;
    const words = quotableWords(reason, call.values());
    return new ProviderError("LK0019", `${who} denied ${call.method} ${call.path}${denialWords(words)}`, {
      storeCode: String(status),
      fix: "change the object to what it asks for, or ask its owners to let Latchkey's service account write it",
    });
  }
  return undefined;
}

function denialWords(words: string | undefined): string {
  if (words === undefined) return "; its message is left out because it quotes a value";
  return words === "" ? "" : `: ${words}`;
}

/** `LK0013` for a 403 that no webhook and no policy made: a missing right, a quota, a namespace that goes away, anything else. */
export function forbidden(said: ApiStatus | undefined, call: ApiCall): ProviderError {
  const { words, fix } = explain(said, call);
  const message = `the Kubernetes API answered 403 to ${call.method} ${call.path}`;
  return new ProviderError("LK0013", words === undefined ? message : `${message}: ${words}`, { storeCode: "403", fix });
}

interface Explained {
  readonly words: string | undefined;
  readonly fix: string;
}

/** The API server's own words for rights, quotas and namespaces hold names alone, and are made without a look at values. */
function explain(said: ApiStatus | undefined, call: ApiCall): Explained {
  const message = said?.message ?? "";
  const words = quotableWords(message, []);
  const right = /\bcannot (\w+) resource "([^"]+)" in API group "[^"]*"(?: in the namespace "([^"]+)")?/.exec(message);
  if (right !== null) return { words, fix: rightFix(right) };
  if (/\bcannot \w+ path "/.test(message)) return { words, fix: pathFix(call.path) };
  if (said?.causes.some(({ reason }) => reason === "NamespaceTerminating")) {
    return { words, fix: "wait until the namespace is gone, and create it again if you still need it" };
  }
  if (/: exceeded quota: /.test(message)) {
    return { words, fix: "raise the ResourceQuota of the namespace, or delete objects that it counts" };
  }
  return {
    words: quotableWords(message, call.values()),
    fix: "look for the reason in the API server's audit log; an admission plug-in refused the request",
  };
}

function rightFix([, verb, resource, namespace]: RegExpExecArray): string {
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace ${namespace}`;
  return `give Latchkey's service account the right \`${verb}\` for \`${resource}\` ${where}; LK0013 in docs/errors.md names the value of the chart that does`;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles */
function pathFix(path: string): string {
  if (!/^\/(?:openid\/|\.well-known\/)/.test(path)) return "let Latchkey's service account read that path";
  return "bind the cluster role system:service-account-issuer-discovery to Latchkey's service account, or give the keys by --token-keys and --token-issuer";
}
