import type { EndedCall, EndedMount, Metrics } from "../src/metrics.ts";

/** Keeps what it is told. */
export class RecordedMetrics implements Metrics {
  readonly mounts: EndedMount[] = [];
  /** `store operation result` */
  readonly calls: string[] = [];
  /** `store operation` */
  readonly requests: string[] = [];

  readonly syncs: string[] = [];
  auditFailures = 0;

  secretSynced(result: string): void {
    this.syncs.push(result);
  }

  auditFailed(): void {
    this.auditFailures += 1;
  }

  mountEnded(mount: EndedMount): void {
    this.mounts.push(mount);
  }

  callEnded({ store, operation, result }: EndedCall): void {
    this.calls.push(`${store} ${operation} ${result}`);
  }

  requestSent(store: string, operation: string): void {
    this.requests.push(`${store} ${operation}`);
  }
}
