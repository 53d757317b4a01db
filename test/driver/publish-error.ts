import { status } from "@grpc/grpc-js";

/** Codes with which the kubelet takes a mount for uncertain: the driver's next publish can start the pod with an empty volume. */
const UNCERTAIN: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.UNAVAILABLE,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
]);

/** A publish that failed: what NodePublishVolume answers, and what the pod's event shows. */
export class PublishError extends Error {
  override readonly name = "PublishError";
  /** Name of the gRPC code: `PERMISSION_DENIED`. */
  readonly code: string;
  /** True where the code can start the pod with an empty volume. */
  readonly uncertain: boolean;

  constructor(code: number, message: string) {
    super(message);
    this.code = status[code] ?? String(code);
    this.uncertain = UNCERTAIN.has(code);
  }
}

/** A failed call keeps its code and message; what the driver itself finds is UNKNOWN, as an error without a status is in Go. */
export function toPublishError(thrown: unknown): PublishError {
  if (thrown instanceof PublishError) return thrown;
  const { code, details } = thrown as { code?: unknown; details?: unknown };
  if (typeof code === "number" && typeof details === "string") return new PublishError(code, details);
  return new PublishError(status.UNKNOWN, thrown instanceof Error ? thrown.message : String(thrown));
}
