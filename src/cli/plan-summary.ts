import type { Config } from "../config/config.ts";
import { modeText } from "../dialects/mode-bits.ts";
import { boundsOf } from "../fetch/bounds.ts";
import type { Output, Plan, Source, Wanted } from "../plan/plan.ts";
import type { Step } from "../plan/step.ts";
import { familyOf, loadableDefinition } from "../stores/index.ts";
import type { Store, Stores } from "../stores/store.ts";

/** One login, and what is read with it. */
interface PlannedSession {
  /** Kinds of one family share a login. */
  readonly stores: readonly string[];
  readonly settings: unknown;
  /** The proof of the pod's identity that the store gets. */
  readonly login: "none, it is on the node" | "nodePublishSecretRef" | "service account token";
  /** Of that token: an entry of the CSIDriver's `tokenRequests`. */
  readonly audience?: string;
  /** Annotations of the service account that are looked up in the Kubernetes API. */
  readonly annotations: readonly string[];
  readonly calls: { readonly login: number; readonly read: number };
}

/** One secret, where it lies and who may have it from the cache. */
interface PlannedSecret {
  readonly subject: string;
  readonly store: string;
  readonly name: string;
  readonly shared:
    | "by the pods of the service account"
    | "by this pod only"
    | "by nobody: it is issued anew"
    | "not cached";
  /** Milliseconds. */
  readonly refresh: number;
  readonly maxStale: number;
  readonly optional: boolean;
  /** New values are tried there before pods get them, and held back for so many milliseconds at most. */
  readonly verify?: { readonly kinds: readonly string[]; readonly hold: number };
  /** It is a search, for so many secrets at most; each is one read more. */
  readonly limit?: number;
  /** Where it is asked when the first place has no answer. */
  readonly next: readonly { readonly store: string; readonly name: string }[];
}

/** One file, or what makes files of a secret's keys. */
interface PlannedFile {
  /** Absent for an expansion. */
  readonly path?: string;
  /** Of an expansion: what becomes a file each. */
  readonly each?: "key" | "secret";
  readonly subject: string;
  /** Octal. */
  readonly mode: string;
  readonly from: readonly string[];
  readonly selection: string;
  readonly version: "the store's own" | "HMAC of path and content";
}

/** The summary of what a mount would do; it holds no value, no token and no credential. */
export interface PlanSummary {
  readonly tokenRequests: readonly { readonly audience: string }[];
  readonly sessions: readonly PlannedSession[];
  readonly secrets: readonly PlannedSecret[];
  readonly files: readonly PlannedFile[];
  /** Kubernetes Secrets that are written as well, in the pod's namespace. */
  readonly kubernetesSecrets: readonly PlannedKubernetesSecret[];
}

/** One Kubernetes Secret. */
interface PlannedKubernetesSecret {
  /** Of an immutable one: what its name begins with. */
  readonly name: string;
  readonly type: string;
  readonly immutable: boolean;
  /** Keys, each with the path of its file or `template`. */
  readonly data: readonly { readonly key: string; readonly from: string }[];
}

/** Says what a mount of a plan would do when nothing is cached yet. */
export async function summarize(plan: Plan, stores: Stores, config: Config): Promise<PlanSummary> {
  const sources = (await Promise.all(plan.secrets.map(({ source }) => withAsked(source, stores)))).flat();
  const groups = Map.groupBy(sources, ({ store, settings }) => JSON.stringify([familyOf(store), settings]));
  const sessions = await Promise.all([...groups.values()].map((group) => sessionOf(group, stores, config)));
  const audiences = new Set(sessions.flatMap(({ audience }) => (audience === undefined ? [] : [audience])));
  const nameOf = new Map<string, string>();
  const secrets = await Promise.all(plan.secrets.map((wanted) => secretOf(wanted, stores, config)));
  for (const [index, { id }] of plan.secrets.entries()) nameOf.set(id, secrets[index]?.name ?? "");
  return {
    tokenRequests: [...audiences].map((audience) => ({ audience })),
    sessions,
    secrets,
    files: filesOf(plan, nameOf),
    kubernetesSecrets: (plan.kubernetesSecrets ?? []).map(({ name, type, immutable, data }) => ({
      ...{ name, type, immutable },
      data: [...data].map(([key, value]) => ({ key, from: value.kind === "file" ? value.path : "template" })),
    })),
  };
}

/** A source, and those that it asks: a document's key service. */
async function withAsked(source: Source, stores: Stores): Promise<readonly Source[]> {
  const others = (await stores.load(source.store)).asks?.(source.settings, source.ref) ?? [];
  return [source, ...others];
}

async function sessionOf(group: readonly Source[], stores: Stores, config: Config): Promise<PlannedSession> {
  const [first] = group;
  if (first === undefined) throw new Error("a group has no member");
  const store = await stores.load(first.store);
  const { settings } = first;
  const audience = store.audience(settings)?.name;
  const isLocal = group.every(({ ref }) => store.isLocal(settings, ref));
  const kinds = Map.groupBy(group, (source) => source.store);
  const reads = [...kinds].map(([kind, members]) =>
    Math.ceil(members.length / loadableDefinition(kind).mostAtOnce(config)),
  );
  return {
    stores: [...kinds.keys()],
    settings: shortened(settings),
    login: isLocal ? "none, it is on the node" : loginOf(store, settings),
    ...(audience === undefined ? {} : { audience }),
    annotations: store.needs(settings).map(({ name }) => name),
    calls: { login: isLocal ? 0 : 1, read: reads.reduce((sum, each) => sum + each, 0) },
  };
}

function loginOf(store: Store, settings: unknown): PlannedSession["login"] {
  return store.proof(settings) === "credentials" ? "nodePublishSecretRef" : "service account token";
}

async function secretOf(wanted: Wanted, stores: Stores, config: Config): Promise<PlannedSecret> {
  const { source, next, find, subject, bounds, optional, verify } = wanted;
  const store = await stores.load(source.store);
  const { refresh, maxStale } = boundsOf(config, bounds);
  const others = (next?.sources ?? []).map(async (other) => ({
    store: other.store,
    name: (await stores.load(other.store)).nameOf(other.ref),
  }));
  return {
    subject,
    store: source.store,
    name: store.nameOf(source.ref),
    shared: sharedBy(store, source),
    refresh,
    maxStale,
    optional: optional === true,
    ...(find === undefined ? {} : { limit: find.limit }),
    ...(verify === undefined || !config.verify
      ? {}
      : { verify: { kinds: verify.targets.map(({ kind }) => kind), hold: verify.hold } }),
    next: await Promise.all(others),
  };
}

function sharedBy(store: Store, { settings, ref, share }: Source): PlannedSecret["shared"] {
  if (store.isLocal(settings, ref)) return "not cached";
  if (store.effect(ref) === "issue") return "by nobody: it is issued anew";
  return share === "pod" || store.scope(settings) === "pod" ? "by this pod only" : "by the pods of the service account";
}

function filesOf(plan: Plan, nameOf: ReadonlyMap<string, string>): readonly PlannedFile[] {
  const name = (id: string) => nameOf.get(id) ?? "";
  const making = ({ subject, mode, from, select, version }: Omit<Output, "path">): PlannedFile => ({
    ...{ subject, mode: modeText(mode), from: [name(from)], version: versionOf(version) },
    selection: [select.of === "envelope" ? "whole answer" : "", ...select.steps.map(stepText)]
      .filter(Boolean)
      .join(", "),
  });
  return [
    ...plan.outputs.map((output) => ({ path: output.path, ...making(output) })),
    ...(plan.expansions ?? []).map((each): PlannedFile => {
      const isFound = plan.secrets.some(({ id, find }) => id === each.from && find !== undefined);
      return { ...making(each), each: isFound ? "secret" : "key" };
    }),
    ...(plan.templates ?? []).map(({ path, subject, mode, names, version }) => ({
      ...{ path, subject, mode: modeText(mode), from: [...names.values()].map(name) },
      ...{ selection: "template", version: versionOf(version) },
    })),
  ];
}

function versionOf({ by }: Output["version"]): PlannedFile["version"] {
  return by === "store" ? "the store's own" : "HMAC of path and content";
}

function stepText(step: Step): string {
  switch (step.kind) {
    case "key":
      return `key ${step.text}`;
    case "textKey":
      return `key ${step.key} of ${step.format.toUpperCase()}`;
    case "jmesPath":
      return `JMESPath ${step.text}`;
    case "decode":
      return `decoded from ${step.encoding}`;
    case "format":
      return `as ${step.format}`;
    case "pem":
      return `PEM ${step.part}`;
    case "certificate":
      return step.form === "stored" ? "" : `PEM ${step.part ?? "of PKCS#12"}`;
    case "openKeyStore":
      return "opened by its password";
    case "keyStore":
      return `as PKCS#12 ${step.truststore ? "truststore" : "keystore"}`;
  }
}

/** Certificates are long and say little. */
function shortened(value: unknown): unknown {
  if (typeof value === "string") return value.length > 120 ? `(${value.length} characters)` : value;
  if (Array.isArray(value)) return value.map(shortened);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shortened(inner)]));
}
