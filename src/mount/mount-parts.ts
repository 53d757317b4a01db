import type { Clock } from "../async/clock.ts";
import type { Cache } from "../cache/cache.ts";
import type { Ledger } from "../cache/ledger.ts";
import type { DeliveryRules, Reply } from "../deliver/deliver.ts";
import type { OperatorDefaults } from "../dialects/dialect.ts";
import type { OperatorBounds } from "../fetch/bounds.ts";
import type { Leases } from "../fetch/leases/leases.ts";
import type { Lookups } from "../fetch/lookup.ts";
import type { NodeLabels } from "../fetch/node-label.ts";
import type { PodTokens } from "../identity/pod-tokens.ts";
import type { TokenVerifier } from "../identity/token-verifier.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { VersionKeys } from "../render/version.ts";
import type { Secret, Stores } from "../stores/store.ts";
import type { SecretSync } from "../sync/secret-sync.ts";
import type { Verifier } from "../verify/verifier.ts";
import type { Auditing } from "./audit-step.ts";
import type { MountedTargets } from "./mounted-targets.ts";

/** The parts that all mounts of the process share. */
export interface MountParts {
  readonly stores: Stores;
  readonly lookups: Lookups;
  /** Absent where nobody needs it. */
  readonly nodeLabels?: NodeLabels | undefined;
  readonly verifier: TokenVerifier;
  /** Absent where the driver's tokens are all there is. */
  readonly podTokens?: PodTokens | undefined;
  readonly operator: OperatorDefaults;
  readonly versionKeys: VersionKeys;
  readonly delivery: DeliveryRules;
  readonly cache: Cache<Secret>;
  /** The account of what is kept beside the cache's entries; absent: one of the mounts' own. */
  readonly ledger?: Ledger | undefined;
  readonly clock: Clock;
  readonly bounds: OperatorBounds;
  readonly targets: MountedTargets;
  /** Absent: what is issued is not kept up, as by a mount from a shell. */
  readonly leases?: Leases | undefined;
  /** Absent: new values are not tried. */
  readonly tries?: Pick<Verifier, "try"> | undefined;
  /** Absent: Kubernetes Secrets are passed over, as by a mount from a shell. */
  readonly sync?: SecretSync | undefined;
  /** Absent: nothing is audited. */
  readonly audit?: Auditing | undefined;
  readonly log: Logger;
  /** Absent where nobody asks for them. */
  readonly metrics?: Metrics | undefined;
  readonly encode: (reply: Reply) => Buffer;
}
