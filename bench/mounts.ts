import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDriver, type Driver, mountRequest } from "../test/driver.ts";
import type { BenchStores } from "./stores.ts";

/** Mounts as the driver asks for them, without its own writing of files, which is not what is measured. */
export interface Mounts {
  /** One mount of the dialect's ten objects by the pod of that number; gives milliseconds. Throws where it fails. */
  time(dialect: "latchkey" | "vault" | "aws", pod: number): Promise<number>;
  /** The same of many pods at once, every request made before the first is sent. */
  timeAll(dialect: "latchkey" | "vault" | "aws", pods: number): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Connects to the sockets. All pods are of one service account. */
export async function connectMounts(socketDir: string, stores: BenchStores): Promise<Mounts> {
  const driver: Driver = createDriver({ socketDir });
  const targetRoot = await mkdtemp(join(tmpdir(), "lkb-pods-"));
  const account = { namespace: "shop", serviceAccount: "bench" };
  const prepare = async (dialect: "latchkey" | "vault" | "aws", pod: number) => {
    const identity = { ...account, name: `pod-${pod}`, uid: `uid-${pod}` };
    const tokens = await stores.issuer.tokens(account, ["vault", "sts.amazonaws.com"]);
    const parameters = stores.parameters[dialect];
    const request = mountRequest({ provider: dialect, parameters, pod: identity, tokens, targetRoot });
    return async () => {
      const before = performance.now();
      await driver.mount(dialect, request);
      return performance.now() - before;
    };
  };
  return {
    time: async (dialect, pod) => await (await prepare(dialect, pod))(),
    async timeAll(dialect, pods) {
      const mounts = await Promise.all(Array.from({ length: pods }, (_, pod) => prepare(dialect, pod)));
      return await Promise.all(mounts.map((mount) => mount()));
    },
    async close() {
      driver.close();
      await rm(targetRoot, { recursive: true, force: true });
    },
  };
}
