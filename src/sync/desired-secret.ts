import { canonicalText } from "../cache/keys.ts";
import { immutableHashLength } from "../dialects/native/kubernetes-names.ts";
import { contentProblem, missingKeys } from "../dialects/native/kubernetes-secret-types.ts";
import { ProviderError } from "../errors.ts";
import type { KubernetesSecret } from "../plan/plan.ts";
import { Redacted } from "../redacted.ts";
import { keyedDigest } from "./keyed-digest.ts";
import type { OfferedContent, OfferedSource } from "./offer.ts";
import type { SourceState } from "./source-state.ts";

/** One Kubernetes Secret as it should be. */
export interface DesiredSecret {
  readonly namespace: string;
  /** With the hash of its content behind it where it is immutable. */
  readonly name: string;
  readonly spec: KubernetesSecret;
  readonly data: Redacted<ReadonlyMap<string, Uint8Array>>;
  /** Of all values together. */
  readonly bytes: number;
  /** Of everything that makes it what it is: keyed, so it may be shown. */
  readonly digest: string;
  readonly sources: readonly SourceState[];
}

/** The API's limit for all values of a Secret together (https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size). */
const mostBytes = 1024 ** 2;

/** Makes the Secret of a mount's values. Throws `LK0053` where no Secret can be made of them. */
export function desiredSecret(
  { spec, values, sources }: OfferedContent,
  namespace: string,
  key: Redacted<Uint8Array>,
): DesiredSecret {
  const bytes = [...values.values()].reduce((sum, value) => sum + value.length, 0);
  checkValues(spec, values, bytes);
  checkSources(spec, sources);
  // With where it lies: that two Secrets hold the same is nobody's business either.
  const parts = [
    ...[namespace, spec.name],
    ...[
      spec.type,
      String(spec.immutable),
      canonicalText([...spec.labels].sort()),
      canonicalText([...spec.annotations].sort()),
    ],
    ...[...values].sort(([a], [b]) => (a < b ? -1 : 1)).flat(),
  ];
  const digest = keyedDigest(key.reveal(), "content", parts);
  const name = spec.immutable ? `${spec.name}-${digest.toString("hex").slice(0, immutableHashLength)}` : spec.name;
  return {
    ...{ namespace, name, spec, bytes, digest: digest.toString("base64url") },
    data: new Redacted(values),
    sources: sources.map((source) => sourceState(source, namespace, key)),
  };
}

function sourceState(
  { source, secret, fetchedAt }: OfferedSource,
  namespace: string,
  key: Redacted<Uint8Array>,
): SourceState {
  const where = canonicalText(source);
  const short = (purpose: string, parts: readonly (string | Uint8Array)[]) =>
    keyedDigest(key.reveal(), purpose, [namespace, ...parts])
      .toString("base64url")
      .slice(0, 16);
  return { id: short("source", [where]), digest: short("value", [where, secret.value.reveal()]), fetchedAt };
}

function checkValues(spec: KubernetesSecret, values: ReadonlyMap<string, Uint8Array>, bytes: number): void {
  if (bytes > mostBytes) {
    throw unfit(
      spec,
      `its values have ${bytes} bytes; a Kubernetes Secret holds ${mostBytes}`,
      "spread them over several Secrets",
    );
  }
  const missing = missingKeys(spec.type, (key) => values.has(key)) ?? (values.size === 0 ? "any key" : undefined);
  if (missing !== undefined) {
    const fix = "store the secret that the key is made from; it is optional and does not exist";
    throw unfit(spec, `a Secret of type ${spec.type} cannot be made without ${missing}`, fix);
  }
  const wrong = contentProblem(spec.type, values);
  if (wrong !== undefined) throw unfit(spec, wrong.message, wrong.fix);
}

/** Throws `LK0053` for content of one pod: it ends with the pod, and the Secret would change with each other pod's. */
function checkSources(spec: KubernetesSecret, sources: readonly OfferedSource[]): void {
  if (!sources.some(({ source, secret }) => source.share === "pod" || secret.issued === true)) return;
  const message = "it is made from an answer that belongs to one pod alone (a lease, a certificate, share: pod)";
  throw unfit(spec, message, "make Kubernetes Secrets from values that the store keeps");
}

function unfit({ subject }: KubernetesSecret, message: string, fix: string): ProviderError {
  return new ProviderError("LK0053", message, { subject, fix });
}
