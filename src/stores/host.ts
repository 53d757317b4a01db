import type { AddressPolicy } from "../address-policy.ts";
import type { Warn } from "../http/pem.ts";
import type { RecordKeeper } from "../record-keeper.ts";
import type { HostProxies } from "./host-proxies.ts";

/** An account of what a store keeps for namespaces to be faster the next time. */
export interface HostAccount {
  /** Says that so many bytes are kept by a key. */
  hold(namespace: string, key: string, bytes: number): void;
  /** Says that it was used just now. */
  use(key: string): void;
  /** Says that it is not kept any more. */
  release(key: string): void;
  /** Says that nothing is kept any more. */
  releaseAll(): void;
}

/** The operator's bounds, which the process gives to every store. */
export interface StoreHost {
  readonly addresses: AddressPolicy;
  /** Opens an account of what is kept for namespaces, which calls `drop` for what is too much; absent: nobody counts. */
  readonly account?: ((drop: (key: string) => void) => HostAccount) | undefined;
  /** Most requests that one mount may have under way at one store. */
  readonly concurrency: number;
  /** Proxies for stores (`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, as Go reads them); absent: none, whatever the environment says. */
  readonly proxies?: HostProxies | undefined;
  /** Told which certificates of CA files cannot be read. */
  readonly warn?: Warn | undefined;
  /** Returns what keeps facts over a restart; undefined while there is none, or where the operator wants none. */
  readonly records?: (() => RecordKeeper | undefined) | undefined;
  /** The operator's settings for the stores of each family, by its name; absent: none are given. */
  readonly families?: Readonly<Record<string, unknown>>;
}
