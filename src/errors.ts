/**
 * The meaning of a failure, never judged by a status code alone.
 * `outage` and `throttled`: the store cannot be asked now. `denied` and `absent`: the store said no. `fault`, `invalid`
 * and `limit`: something has to be changed or repaired before another try helps.
 */
export type Reason = "outage" | "throttled" | "denied" | "absent" | "fault" | "invalid" | "limit";

interface CatalogueEntry {
  readonly reason: Reason;
  readonly title: string;
  /** True where nobody could be authenticated: the only difference between the two gRPC codes of `denied`. */
  readonly unauthenticated?: true;
}

/** Every error that Latchkey can answer, by its stable id; `docs/errors.md` explains each one (a test holds both together). */
export const catalogue = {
  LK0001: { reason: "fault", title: "unexpected failure inside Latchkey" },
  LK0002: { reason: "invalid", title: "the driver's request cannot be read" },
  LK0003: { reason: "invalid", title: "the SecretProviderClass is wrong" },
  LK0004: { reason: "invalid", title: "the SecretProviderClass uses something that this version does not support" },
  LK0005: { reason: "limit", title: "the files are larger than a reply may be" },
  LK0006: { reason: "outage", title: "the time for this mount ran out" },
  LK0007: { reason: "invalid", title: "the target path is refused" },
  LK0008: { reason: "fault", title: "the files could not be written" },
  LK0009: { reason: "limit", title: "Latchkey is stopping or has too much to do" },
  LK0010: { reason: "denied", title: "the token belongs to somebody else" },
  LK0011: { reason: "denied", title: "no token for the audience that the store needs", unauthenticated: true },
  LK0012: { reason: "outage", title: "the Kubernetes API cannot be reached" },
  LK0013: { reason: "denied", title: "the Kubernetes API refused a request" },
  LK0014: { reason: "invalid", title: "the service account lacks what the store needs" },
  LK0015: { reason: "fault", title: "the key of object versions cannot be used" },
  LK0016: { reason: "denied", title: "a credential that the store needs is missing", unauthenticated: true },
  LK0017: { reason: "outage", title: "the Kubernetes API does not accept Latchkey's token" },
  LK0018: { reason: "fault", title: "the Kubernetes API's answer cannot be used" },
  LK0019: { reason: "denied", title: "an admission rule of the cluster denied a request" },
  LK0020: { reason: "invalid", title: "the store's settings are wrong" },
  LK0021: { reason: "denied", title: "the profile may not be used from this namespace" },
  LK0022: { reason: "invalid", title: "the store's address is refused by the address policy" },
  LK0030: { reason: "outage", title: "the store cannot be reached" },
  LK0031: { reason: "throttled", title: "the store asks for fewer calls" },
  LK0032: { reason: "denied", title: "the store refused the login", unauthenticated: true },
  LK0033: { reason: "denied", title: "the store refused access to the secret" },
  LK0034: { reason: "absent", title: "the secret does not exist" },
  LK0035: { reason: "absent", title: "the secret has no such key" },
  LK0036: { reason: "fault", title: "the store's answer cannot be used" },
  LK0037: { reason: "invalid", title: "the store rejected the request" },
  LK0038: { reason: "limit", title: "the secret is too large" },
  LK0039: { reason: "outage", title: "the store's TLS certificate is not trusted" },
  LK0040: { reason: "invalid", title: "the secret's content does not fit the selection" },
  LK0041: { reason: "outage", title: "the store is sealed or not active" },
  LK0042: { reason: "denied", title: "the store has no such namespace" },
  LK0043: { reason: "limit", title: "making the file takes too much work" },
  LK0044: { reason: "limit", title: "a search finds too much" },
  LK0045: { reason: "fault", title: "the audit line could not be written" },
  LK0046: { reason: "invalid", title: "the path fits no secrets engine" },
  LK0047: { reason: "invalid", title: "the encrypted document cannot be opened" },
  LK0050: { reason: "denied", title: "the operator does not let the Kubernetes Secret be written" },
  LK0051: { reason: "denied", title: "the mount may not write Kubernetes Secrets" },
  LK0052: { reason: "denied", title: "the Kubernetes Secret belongs to somebody else" },
  LK0053: { reason: "invalid", title: "no Kubernetes Secret can be made of this content" },
} as const satisfies Record<string, CatalogueEntry>;

/** A stable error id, `LK` and four digits. */
export type ErrorId = keyof typeof catalogue;

/** Where something stands in a SecretProviderClass: in a parameter, and where known in its text (1-based). */
export interface ParameterPlace {
  readonly parameter: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** The other details of an error. None of them may quote a secret, a token or a request body. */
export interface ErrorDetails {
  /** The change to make, as an instruction. */
  readonly fix?: string | undefined;
  /** The store's own code for the failure, such as `AccessDeniedException` or `403`. */
  readonly storeCode?: string | undefined;
  /** How long the store asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** An outage of this one call: the store was reached, so that others need not be held back. */
  readonly reached?: boolean | undefined;
  /** The server would not have the connection and said so: to wait for another answer is of no use. */
  readonly unwelcome?: boolean | undefined;
  /** It may be gone when the call is made again: a server, or what stands before it, failed inside and said so (5xx). */
  readonly passing?: boolean | undefined;
  /** It was the login that failed, before anything was read. */
  readonly login?: boolean | undefined;
  /** The subject of the error: an object, a store, a file. */
  readonly subject?: string | undefined;
  /** Where that is written, for tools; `message` has its own words for it. */
  readonly at?: ParameterPlace | undefined;
  /** Kept for stack traces only; leave it out where it could quote a secret. */
  readonly cause?: unknown;
}

/** The one error that Latchkey throws on purpose. `message` says what is wrong; `fix` says what to change. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly id: ErrorId;
  readonly details: ErrorDetails;
  /** The single failures behind this one; empty for a failure of its own. */
  readonly problems: readonly ProviderError[];

  constructor(id: ErrorId, message: string, details: ErrorDetails = {}, problems: readonly ProviderError[] = []) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.id = id;
    this.details = details;
    this.problems = problems;
  }

  get reason(): Reason {
    return catalogue[this.id].reason;
  }

  get unauthenticated(): boolean {
    return "unauthenticated" in catalogue[this.id];
  }

  /** The same error, said of `subject`; a subject that it already has stays, behind the new one. */
  about(subject: string): ProviderError {
    const whole = this.details.subject === undefined ? subject : `${subject}, ${this.details.subject}`;
    return this.with({ subject: whole });
  }

  /** The same error, told to stand at a place; one that it already has stays. */
  placed(at: ParameterPlace): ProviderError {
    if (this.details.at !== undefined) return this;
    return this.with({ at });
  }

  /** The same error with other details. */
  with(details: ErrorDetails): ProviderError {
    return new ProviderError(this.id, this.message, { ...this.details, ...details }, this.problems);
  }

  /** The single failures: those behind this one, or this one itself. */
  get singles(): readonly ProviderError[] {
    return this.problems.length === 0 ? [this] : this.problems;
  }

  /** One line for people: id, subject, what is wrong, the fix. */
  describe(): string {
    const { subject, fix } = this.details;
    const head = subject === undefined ? this.id : `${this.id} ${subject}`;
    // A name that came from a store can have line breaks too.
    return `${head}: ${this.message}${fix === undefined ? "" : `. Fix: ${fix}`}`.replace(/\p{Cc}+/gu, " ");
  }
}

/** Which reason speaks for a mount that failed in several ways: the one that waiting will not cure comes first. */
const severity: readonly Reason[] = ["invalid", "denied", "absent", "limit", "fault", "throttled", "outage"];

/** One error for several: the gravest gives id and gRPC code, all are kept in `problems`, in order, each of them once. Needs at least one. */
export function combineErrors(errors: readonly [ProviderError, ...ProviderError[]]): ProviderError {
  const flat = distinct(errors.flatMap(({ singles }) => singles));
  if (flat.length === 1) return errors[0].problems[0] ?? errors[0];
  const gravest = [...flat].sort((a, b) => severity.indexOf(a.reason) - severity.indexOf(b.reason))[0] ?? errors[0];
  return new ProviderError(gravest.id, `${flat.length} problems`, {}, flat);
}

/** Without those that say again what another said: several files of one secret fail in one way. */
function distinct(errors: readonly ProviderError[]): readonly ProviderError[] {
  const said = new Set<string>();
  return errors.filter((error) => {
    const before = said.size;
    return said.add(JSON.stringify([error.describe(), error.details.at])).size > before;
  });
}

/** The fix of an error that passes by itself. */
export const noneNeeded = "none needed: the kubelet retries";

/** The fix of an error that is Latchkey's own mistake. */
export const reportIt = "find this mount in Latchkey's log and report it: no input should cause this";

/** Any thrown value as a `ProviderError`: itself, or `LK0001` that keeps the kind and the stack frames but no message. */
export function toProviderError(thrown: unknown): ProviderError {
  if (thrown instanceof ProviderError) return thrown;
  return new ProviderError("LK0001", `unexpected ${errorName(thrown)}`, {
    fix: reportIt,
    cause: thrown,
  });
}

/**
 * Whether an error means that a store could not be asked: nothing was said against what is known of it, so that may be
 * served. Too many calls waiting on this node (`LK0009`) is such a case.
 */
export function couldNotAsk({ reason, id }: ProviderError): boolean {
  return reason === "outage" || reason === "throttled" || id === "LK0009";
}

/** Errors of Latchkey itself, of the driver's request and of the SecretProviderClass. */
const ofNode: ReadonlySet<ErrorId> = new Set([
  ...(["LK0001", "LK0002", "LK0003", "LK0004", "LK0005"] as const),
  ...(["LK0006", "LK0007", "LK0008", "LK0009"] as const),
]);

/** Errors of a store's settings: the store was not asked. */
const ofSettings: ReadonlySet<ErrorId> = new Set(["LK0020", "LK0021", "LK0022"]);

/** Errors of whoever asks: tokens, credentials, and what the Kubernetes API says of them. */
const ofAsker: ReadonlySet<ErrorId> = new Set([
  ...(["LK0010", "LK0011", "LK0012", "LK0013", "LK0014"] as const),
  ...(["LK0015", "LK0016", "LK0017", "LK0018", "LK0019"] as const),
]);

/** Whether an error is about whoever asks: it says nothing of a store or a secret, and is the same for all of them. */
export function tellsOfAsker({ id }: ProviderError): boolean {
  return ofAsker.has(id);
}

/** Whether an error is about a store's settings, before the store was asked. */
export function tellsOfSettings({ id }: ProviderError): boolean {
  return ofSettings.has(id);
}

/** Whether an error comes from a store or from what it holds, and not from whoever asks, the settings or this node. */
export function tellsOfStore({ id }: ProviderError): boolean {
  return !ofNode.has(id) && !ofAsker.has(id) && !ofSettings.has(id);
}

/** The kind of a thrown value, safe to print: a class name, or the type of what is no error. */
export function errorName(thrown: unknown): string {
  if (thrown instanceof RangeError && thrown.message.includes("call stack")) return "stack overflow";
  return thrown instanceof Error ? thrown.name : `thrown ${typeof thrown}`;
}

/** The stack frames of an error without its message (which may quote input), at most `count` of them. */
export function stackFrames(thrown: unknown, count = 12): readonly string[] {
  if (!(thrown instanceof Error) || typeof thrown.stack !== "string") return [];
  const frames = thrown.stack.split("\n").filter((line) => /^\s+at /.test(line));
  return frames.slice(0, count).map((line) => line.trim());
}
