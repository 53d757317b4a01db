import type { ProviderError, Reason } from "../errors.ts";

/** gRPC codes that `Mount` may answer (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
const codes = {
  OK: 0,
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  FAILED_PRECONDITION: 9,
  INTERNAL: 13,
  UNAUTHENTICATED: 16,
} as const;

/**
 * None of CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE, RESOURCE_EXHAUSTED, ABORTED: the kubelet takes a mount that ended
 * so for uncertain, and a pod can start with an empty volume. That an outage is final costs nothing: the kubelet asks again.
 */
const codeOf: Record<Reason, number> = {
  invalid: codes.INVALID_ARGUMENT,
  denied: codes.PERMISSION_DENIED,
  absent: codes.NOT_FOUND,
  outage: codes.FAILED_PRECONDITION,
  throttled: codes.FAILED_PRECONDITION,
  limit: codes.FAILED_PRECONDITION,
  fault: codes.INTERNAL,
};

/** Bytes of a message, so that it fits into HTTP/2 trailers also when every byte is percent-encoded. */
const longestMessage = 8_000;

/** The answer to the driver: a gRPC code and the text that reaches the pod's event. */
export interface GrpcStatus {
  readonly code: number;
  readonly details: string;
}

/** An error as a gRPC status: the code by reason, the text with id, subject, cause and fix of every problem. */
export function toStatus(error: ProviderError): GrpcStatus {
  const code = error.unauthenticated ? codes.UNAUTHENTICATED : codeOf[error.reason];
  return { code, details: wellFormed(describeAll(error)) };
}

function describeAll(error: ProviderError): string {
  if (error.problems.length === 0) return cut(error.describe(), longestMessage);
  const lines = [`${error.problems.length} problems:`];
  let room = longestMessage - 100;
  for (const [index, problem] of error.problems.entries()) {
    const line = `[${index + 1}] ${cut(problem.describe(), 2_000)}`;
    room -= Buffer.byteLength(line) + 1;
    if (room < 0) {
      lines.push(`and ${error.problems.length - index} more`);
      break;
    }
    lines.push(line);
  }
  return lines.join("\n");
}

function cut(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  return `${Buffer.from(text)
    .subarray(0, most - 3)
    .toString()
    .replace(/\uFFFD$/, "")}...`;
}

/** grpc-js percent-encodes with `encodeURI`, which throws on a lone surrogate; control characters are no text either. */
function wellFormed(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}--[\n]]/gv, "\uFFFD");
}
