import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { startNode, type TestNode } from "../../test/e2e/node.ts";
import { type OpenBao, startOpenBao } from "../../test/servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../../test/servers/openbao-setup.ts";
import { type Postgres, startPostgres } from "../../test/servers/postgres.ts";
import { createTokenIssuer, type TokenIssuer } from "../../test/tokens.ts";
import { Counts } from "./counts.ts";
import { type Credential, Pod, type Takes } from "./pod.ts";

const nodeCount = 6;
const podsPerNode = 4;

/** The driver mounts each volume again so often, in milliseconds. */
const remountMs = 1_000;

/** How pods get their credential in a scene. */
export interface Scene {
  readonly takes: Takes;
  /** Words of the secret in the native dialect: `spread: 30s, canary: 5%`. */
  readonly words: string;
  /** Other flags of Latchkey. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Whether the previous version is a file too. */
  readonly previous: boolean;
}

/** Six nodes with four pods each, before a real OpenBao and a real PostgreSQL. */
export class World {
  readonly counts = new Counts();
  readonly pods: readonly Pod[];
  readonly #scene: Scene;
  readonly #issuer: TokenIssuer;
  readonly #bao: OpenBao;
  readonly #postgres: Postgres;
  readonly #admin: pg.Client;
  #nodes: readonly TestNode[] = [];
  #isOver = false;
  #loops: readonly Promise<void>[] = [];

  private constructor(
    scene: Scene,
    { issuer, bao, postgres, admin }: { issuer: TokenIssuer; bao: OpenBao; postgres: Postgres; admin: pg.Client },
  ) {
    this.#scene = scene;
    this.#issuer = issuer;
    this.#bao = bao;
    this.#postgres = postgres;
    this.#admin = admin;
    const { host, port } = postgres;
    const count = nodeCount * podsPerNode;
    this.pods = Array.from(
      { length: count },
      (_, at) => new Pod(`pod-${at}`, { host, port }, this.counts, scene.takes),
    );
  }

  /** Starts all of it; every pod has its first credential. */
  static async start(scene: Scene): Promise<World> {
    const [issuer, bao, postgres] = await Promise.all([
      createTokenIssuer(),
      startOpenBao(),
      startPostgres({ password: "admin" }),
    ]);
    await letEverybodyRead(bao, issuer.publicKeyPem());
    const { host, port, user } = postgres;
    const admin = new pg.Client({ host, port, user, password: "admin", database: "postgres" });
    await admin.connect();
    const world = new World(scene, { issuer, bao, postgres, admin });
    for (const name of ["app", "other"]) await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD 'p0'`);
    await world.store({ user: "app", password: "p-old" });
    await world.store({ user: "app", password: "p0" });
    world.#nodes = await Promise.all(
      Array.from({ length: nodeCount }, () =>
        startNode({ issuer, flags: { allowAddress: "127.0.0.1", refresh: "1s", ...scene.flags } }),
      ),
    );
    await Promise.all(world.pods.map((_, at) => world.#mount(at)));
    world.#loops = world.pods.map((_, at) => world.#remount(at));
    return world;
  }

  /** Gives a user another password. */
  async alter({ user, password }: Credential): Promise<void> {
    await this.#admin.query(`ALTER ROLE ${user} PASSWORD '${password}'`);
  }

  /** Stores a credential as the next version of the secret. */
  async store(credential: Credential): Promise<void> {
    await putKv2(this.#bao, "db", { ...credential });
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
    await Promise.all(this.pods.map((pod) => pod.stop()));
    await Promise.all(this.#nodes.map((node) => node.stop()));
    await this.#admin.end();
    await Promise.all([this.#bao.stop(), this.#postgres.stop()]);
  }

  async #remount(at: number): Promise<void> {
    await sleep(Math.random() * remountMs);
    while (!this.#isOver) {
      await this.#mount(at);
      await sleep(remountMs);
    }
  }

  async #mount(at: number): Promise<void> {
    const pod = this.pods[at];
    const node = this.#nodes[Math.floor(at / podsPerNode)];
    if (pod === undefined || node === undefined) return;
    const { previous } = this.#scene;
    const words = this.#scene.words.replace("PORT", String(this.#postgres.port));
    const secretOf = (version: string, path: string) =>
      `- { store: v, name: secret/data/db, ${version} ${words} files: [{ path: ${path}/user, key: user }, { path: ${path}/password, key: password }] }`;
    const secrets = [secretOf("", "current"), ...(previous ? [secretOf("version: previous,", "previous")] : [])];
    const { target } = await node.publish({
      ...{ provider: "latchkey", audiences: ["vault"], pod: { uid: pod.uid, name: pod.uid } },
      parameters: {
        stores: `v: { kind: vault, address: "${this.#bao.address}", role: all }`,
        secrets: secrets.join("\n"),
      },
    });
    const read = async (path: string): Promise<Credential> => ({
      user: await readFile(join(target, path, "user"), "utf8"),
      password: await readFile(join(target, path, "password"), "utf8"),
    });
    await pod.see(await Promise.all([read("current"), ...(previous ? [read("previous")] : [])]));
  }

  /** The issuer of the pods' tokens. */
  get issuer(): TokenIssuer {
    return this.#issuer;
  }
}
