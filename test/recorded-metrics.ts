import { type EndedMount, Metrics } from "../src/metrics.ts";

/** Keeps what it is told. */
export class RecordedMetrics extends Metrics {
  readonly mounts: EndedMount[] = [];
  /** `store operation result` */
  readonly calls: string[] = [];
  /** `store operation` */
  readonly requests: string[] = [];

  readonly syncs: string[] = [];
  auditFailures = 0;

  constructor() {
    super();
    this.listen("mountEnded", (mount) => this.mounts.push(mount));
    this.listen("callEnded", ({ store, operation, result }) => this.calls.push(`${store} ${operation} ${result}`));
    this.listen("requestSent", ({ store, operation }) => this.requests.push(`${store} ${operation}`));
    this.listen("secretSynced", ({ result }) => this.syncs.push(result));
    this.listen("auditFailed", () => {
      this.auditFailures += 1;
    });
  }
}
