import { type ErrorId, ProviderError } from "../../src/errors.ts";
import { type LoginWay, Sessions } from "../../src/fetch/sessions.ts";
import { Redacted } from "../../src/redacted.ts";
import type { CallContext, Secret, Session } from "../../src/stores/store.ts";
import { VirtualTime } from "../cache/virtual-time.ts";
import { RecordedMetrics } from "../recorded-metrics.ts";

/** A caller that never goes away and counts nothing. */
export const context: CallContext = { signal: new AbortController().signal, count: () => undefined };

/** A store that hands out logins and writes down what becomes of them. */
export class FakeLogins {
  readonly time = new VirtualTime();
  readonly metrics = new RecordedMetrics();
  readonly sessions = new Sessions(this.time, this.metrics);
  readonly events: string[] = [];
  /** The error that each session answers with, by its number; a session without one answers with a value. */
  readonly errors = new Map<number, ErrorId>();
  /** How long logins and renewals last. */
  life: number | undefined;
  /** Reads wait until this ends. */
  gate: Promise<void> | undefined;
  openGate: Promise<void> | undefined;
  /** How many reads a login is good for; undefined: any number. */
  uses: number | undefined;
  /** Whether logins are for one pod alone. */
  scope: "pod" | undefined;
  /** Whether a renewal gives more time, or the error that it throws; undefined: sessions have no renewal. */
  readonly renewals: boolean | ErrorId | undefined;
  opened = 0;
  /** Whether answers are for the asker alone. */
  issues = false;

  constructor(wants: { life?: number; scope?: "pod"; renewals?: boolean | ErrorId } = {}) {
    this.life = wants.life;
    this.scope = wants.scope;
    this.renewals = wants.renewals;
  }

  way(key = "login", pod = "pod-1"): LoginWay {
    return { key, pod, store: "vault", namespace: "shop", open: () => this.#open() };
  }

  async read(key = "login", { pod = "pod-1", ref = "ref" } = {}): Promise<string> {
    const { value } = await this.sessions.read(this.way(key, pod), ref, context);
    return Buffer.from(value.value.reveal()).toString();
  }

  async #open(): Promise<Session> {
    this.opened += 1;
    const number = this.opened;
    this.events.push(`open ${number}`);
    await this.openGate;
    let expiresAt = this.#end();
    let closed = false;
    let left = this.uses ?? Number.POSITIVE_INFINITY;
    const renew = async () => {
      this.events.push(`renew ${number}`);
      if (typeof this.renewals === "string") throw new ProviderError(this.renewals, "says the store");
      if (this.renewals === true) expiresAt = this.#end();
      return this.renewals === true;
    };
    return {
      get expiresAt() {
        return expiresAt;
      },
      get spent() {
        return left <= 0;
      },
      ...(this.scope === undefined ? {} : { scope: this.scope }),
      ...(this.renewals === undefined ? {} : { renew }),
      read: async () => {
        left -= 1;
        if (left < 0) this.events.push(`${number} used too often`);
        if (closed) this.events.push(`${number} used after its end`);
        await this.gate;
        if (closed) this.events.push(`${number} ended while in use`);
        return this.#secret(number);
      },
      close: async () => {
        this.events.push(closed ? `${number} closed twice` : `close ${number}`);
        closed = true;
      },
    };
  }

  #end(): number | undefined {
    return this.life === undefined ? undefined : this.time.wall() + this.life;
  }

  #secret(number: number): Secret {
    const id = this.errors.get(number);
    if (id !== undefined) throw new ProviderError(id, "says the store");
    const value = new Redacted<Uint8Array>(Buffer.from(`by ${number}`));
    return { value, ...(this.issues ? { issued: true as const } : {}) };
  }
}
