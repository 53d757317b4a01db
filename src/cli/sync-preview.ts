import { combineErrors, ProviderError } from "../errors.ts";
import type { Redacted } from "../redacted.ts";
import { desiredSecret } from "../sync/desired-secret.ts";
import type { Offer, Offered } from "../sync/offer.ts";
import { type SecretSync, syncOff } from "../sync/secret-sync.ts";

/** A Kubernetes Secret as it would be written; no value is in it. */
export interface PreviewedSecret {
  /** Of an immutable one: what its name begins with. */
  readonly name: string;
  readonly type: string;
  readonly immutable: boolean;
  /** By key, in bytes. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Takes what a mount has for Kubernetes Secrets, and writes nothing. */
export class SyncPreview implements SecretSync {
  readonly check: SecretSync["check"];
  readonly proveAgain = syncOff.proveAgain;
  readonly close = syncOff.close;
  #offer: Offer | undefined;

  constructor(check: SecretSync["check"]) {
    this.check = check;
  }

  offer(offer: Offer): Offered {
    this.#offer = offer;
    return { state: "unchanged", due: () => false };
  }

  /**
   * Returns the Secrets that would be written; `key` is the key for digests. Throws one `LK0053` for everything that
   * the API server would refuse.
   */
  secrets(key: Redacted<Uint8Array>): readonly PreviewedSecret[] {
    const problems: ProviderError[] = [];
    const { secrets = [], identity } = this.#offer ?? {};
    const previewed = secrets.flatMap((offered): readonly PreviewedSecret[] => {
      const { spec } = offered;
      try {
        if ("problem" in offered) throw offered.problem;
        desiredSecret(offered, identity?.namespace ?? "", key);
        const sizes = new Map([...offered.values].map(([name, value]) => [name, value.length]));
        return [{ name: spec.name, type: spec.type, immutable: spec.immutable, sizes }];
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        problems.push(error);
        return [];
      }
    });
    const [first, ...rest] = problems;
    if (first !== undefined) throw combineErrors([first, ...rest]);
    return previewed;
  }
}
