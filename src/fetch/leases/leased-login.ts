import type { Ask } from "../../cache/ask.ts";
import type { CallContext, Session } from "../../stores/store.ts";

/** Where a login was made: what its calls go through, and how the next process goes on with it. */
export interface LeasedAt extends Pick<Ask<unknown>, "about" | "servers"> {
  /** Settings of the store. */
  readonly settings: unknown;
}

/** A pod that something was issued to. */
export interface LeasedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** A login that answers hang on: it is kept until all of its pods are gone, or until the last answer has ended. */
export class LeasedLogin {
  readonly session: Session;
  readonly at: LeasedAt;
  /** The pods that have, or had, something of it, by uid. */
  readonly pods = new Map<string, LeasedPod>();
  /** When the last of its answers ends, by `Clock.now`. */
  until = 0;
  #renewing: Promise<boolean> | undefined;

  constructor(session: Session, at: LeasedAt) {
    this.session = session;
    this.at = at;
  }

  /** The namespace that it was made for. */
  get namespace(): string {
    return this.at.about.namespace;
  }

  /** Notes that a pod has something of it. */
  add({ name, uid }: Omit<LeasedPod, "namespace">): void {
    this.pods.set(uid, { namespace: this.namespace, name, uid });
  }

  /** Renews the login, once for all who want that at the same time. False where it cannot be renewed. */
  async renew(context: CallContext): Promise<boolean> {
    this.#renewing ??= (this.session.renew?.(context) ?? Promise.resolve(false)).finally(() => {
      this.#renewing = undefined;
    });
    return await this.#renewing;
  }
}
