import { join } from "node:path";
import type { IssuedToken } from "../tokens.ts";
import type { MountRequest } from "./wire.ts";

const TOKENS_KEY = "csi.storage.k8s.io/serviceAccount.tokens";

/** The pod that a volume is published for. */
interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly serviceAccount: string;
}

/** One NodePublishVolume, as kubelet and driver see it. */
export interface PublishOptions {
  /** Names the socket. */
  readonly provider: string;
  /** `spec.parameters` of the SecretProviderClass. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly pod: Pod;
  /** The kubelet's directory: volumes lie below `<targetRoot>/pods`. */
  readonly targetRoot: string;
  /** Name of the SecretProviderClass; default `secrets`. */
  readonly secretProviderClass?: string;
  /** `volumeAttributes` of the pod's volume. */
  readonly volumeAttributes?: Readonly<Record<string, string>>;
  /** Name of the volume; default `secrets`. */
  readonly volume?: string;
  /** Data of the nodePublishSecretRef Secret. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Tokens by audience; absent: the CSIDriver asks for none. */
  readonly tokens?: Readonly<Record<string, IssuedToken>>;
  /** Where the tokens go; `secrets` is `serviceAccountTokenInSecrets`. Default `attributes`. */
  readonly tokensIn?: "attributes" | "secrets";
  /** Decimal file mode; default 420. */
  readonly permission?: number;
  /** Default: the kubelet's two minutes. */
  readonly timeoutMs?: number;
}

/** Where the volume of a pod is mounted. */
export function targetPath({ targetRoot, pod, volume = "secrets" }: PublishOptions): string {
  return join(targetRoot, "pods", pod.uid, "volumes", "kubernetes.io~csi", volume, "mount");
}

/** The request that the driver makes of a publish. */
export function mountRequest(options: PublishOptions): MountRequest {
  return {
    attributes: goJson(attributes(options)),
    secrets: secrets(options),
    target_path: targetPath(options),
    permission: String(options.permission ?? 0o644),
    current_object_version: [],
  };
}

/** Parameters, over them the volume's attributes, over them what the kubelet says. */
function attributes(options: PublishOptions): Map<string, string> {
  const { parameters, volumeAttributes = {}, pod, secretProviderClass = "secrets" } = options;
  const all = new Map([...Object.entries(parameters), ...Object.entries(volumeAttributes)]);
  all.set("secretProviderClass", secretProviderClass);
  all.set("csi.storage.k8s.io/pod.name", pod.name);
  all.set("csi.storage.k8s.io/pod.namespace", pod.namespace);
  all.set("csi.storage.k8s.io/pod.uid", pod.uid);
  all.set("csi.storage.k8s.io/serviceAccount.name", pod.serviceAccount);
  all.set("csi.storage.k8s.io/ephemeral", "true");
  if (options.tokens !== undefined && options.tokensIn !== "secrets") all.set(TOKENS_KEY, tokens(options.tokens));
  return all;
}

function secrets({ secrets = {}, tokens: issued, tokensIn }: PublishOptions): string {
  const all = new Map(Object.entries(secrets));
  if (issued !== undefined && tokensIn === "secrets") all.set(TOKENS_KEY, tokens(issued));
  return all.size === 0 ? "null" : goJson(all);
}

function tokens(issued: Readonly<Record<string, IssuedToken>>): string {
  const byAudience = Object.entries(issued).map(([audience, token]) => `${JSON.stringify(audience)}:${goText(token)}`);
  return `{${byAudience.join(",")}}`;
}

/** A map as Go writes it: keys in order of their bytes. No plain object on the way: `__proto__` is a legal key. */
function goJson(map: ReadonlyMap<string, string>): string {
  const entries = [...map].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${entries.map(([key, value]) => `${goText(key)}:${goText(value)}`).join(",")}}`;
}

/** JSON with the escapes that Go's encoder adds for HTML. */
function goText(value: unknown): string {
  const escaped = (found: string) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escaped);
}
