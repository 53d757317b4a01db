import pg from "pg";
import type { Counts } from "./counts.ts";

/** What a pod logs in to its database with. */
export interface Credential {
  readonly user: string;
  readonly password: string;
}

/** Where the database is. */
interface Database {
  readonly host: string;
  readonly port: number;
}

/** How an application takes a new credential. */
export type Takes = "at a reload" | "at a restart";

/** Connections that an application keeps. */
const poolSize = 3;

/** It opens another one in place of its oldest so often, in milliseconds. */
const churnMs = 5_000;

/** A pod with an application that keeps a pool of connections, and opens them anew when its credential changes. */
export class Pod {
  readonly uid: string;
  readonly #database: Database;
  readonly #counts: Counts;
  readonly #takes: Takes;
  readonly #pool: pg.Client[] = [];
  #credentials: readonly Credential[] = [];
  #churn: NodeJS.Timeout | undefined;
  /** When it took its present credential, by `Date.now`. */
  changedAt = 0;

  constructor(uid: string, database: Database, counts: Counts, takes: Takes) {
    this.uid = uid;
    this.#database = database;
    this.#counts = counts;
    this.#takes = takes;
  }

  /** The user and password that it uses first. */
  get credential(): Credential | undefined {
    return this.#credentials[0];
  }

  /** Shows it what its volume holds: the current credential, and others that it may try then. */
  async see(credentials: readonly Credential[]): Promise<void> {
    const isKnown = JSON.stringify(credentials) === JSON.stringify(this.#credentials);
    if (isKnown || (this.#takes === "at a restart" && this.#credentials.length > 0)) return;
    await this.restart(credentials);
  }

  /** Opens all connections anew. */
  async restart(credentials: readonly Credential[]): Promise<void> {
    this.#credentials = credentials;
    this.changedAt = Date.now();
    await this.#closeAll();
    await Promise.all(Array.from({ length: poolSize }, () => this.#open()));
    // Pods were not started in the same moment.
    this.#churn ??= setTimeout(() => this.#replaceOldest(), churnMs * Math.random());
  }

  async stop(): Promise<void> {
    clearTimeout(this.#churn);
    await this.#closeAll();
  }

  async #replaceOldest(): Promise<void> {
    this.#churn = setTimeout(() => this.#replaceOldest(), churnMs);
    await this.#open();
    if (this.#pool.length > poolSize) await this.#pool.shift()?.end();
  }

  async #open(): Promise<void> {
    for (const credential of this.#credentials) {
      const client = new pg.Client({ ...this.#database, ...credential, database: "postgres" });
      client.on("error", () => undefined);
      try {
        await client.connect();
        this.#counts.opened();
        this.#pool.push(client);
        return;
      } catch {
        this.#counts.refused();
      }
    }
  }

  async #closeAll(): Promise<void> {
    await Promise.all(this.#pool.splice(0).map((client) => client.end().catch(() => undefined)));
  }
}
