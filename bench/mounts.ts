import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDriver, mountRequest } from "../test/driver.ts";
import type { BenchStores } from "./stores.ts";

/** A dialect that benches mount with. */
export type BenchDialect = "latchkey" | "vault" | "aws";

/** Who mounts what. */
export interface BenchPod {
  readonly dialect: BenchDialect;
  readonly pod: number;
  /** Default: one for all pods. */
  readonly namespace?: string;
  /** Default: one for all pods. */
  readonly serviceAccount?: string;
  /** Default: the dialect's ten objects. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Sends a prepared request; gives milliseconds. Throws where the mount fails. */
export type Mount = () => Promise<number>;

/** Mounts as the driver asks for them, without its own writing of files, which is not what is measured. */
export interface Mounts {
  prepare(pod: BenchPod): Promise<Mount>;
  /** One mount. */
  time(pod: BenchPod): Promise<number>;
  /** Mounts at once, every request made before the first is sent. */
  timeAll(pods: readonly BenchPod[]): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Connects to the sockets of a directory. */
export async function connectMounts(socketDir: string, stores: BenchStores): Promise<Mounts> {
  const driver = createDriver({ socketDir });
  const targetRoot = await mkdtemp(join(tmpdir(), "lkb-pods-"));
  const prepare = async ({
    dialect,
    pod,
    namespace = "shop",
    serviceAccount = "bench",
    parameters = stores.parameters[dialect],
  }: BenchPod) => {
    const account = { namespace, serviceAccount };
    const identity = { ...account, name: `pod-${pod}`, uid: `uid-${pod}` };
    const tokens = await stores.issuer.tokens(account, ["vault", "sts.amazonaws.com"]);
    const request = mountRequest({ provider: dialect, parameters, pod: identity, tokens, targetRoot });
    return async () => {
      const before = performance.now();
      await driver.mount(dialect, request);
      return performance.now() - before;
    };
  };
  return {
    prepare,
    time: async (pod) => await (await prepare(pod))(),
    async timeAll(pods) {
      const mounts = await Promise.all(pods.map(prepare));
      return await Promise.all(mounts.map((mount) => mount()));
    },
    async close() {
      driver.close();
      await rm(targetRoot, { recursive: true, force: true });
    },
  };
}

/** So many pods of one service account. */
export function podsOf(dialect: BenchDialect, count: number): readonly BenchPod[] {
  return Array.from({ length: count }, (_, pod) => ({ dialect, pod }));
}
