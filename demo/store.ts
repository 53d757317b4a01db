import type { TokenIssuer } from "../test/tokens.ts";

/** A SecretProviderClass that fails, with what the pod's event has to say about it. */
interface Mistake {
  readonly spc: string;
  /** What is wrong with it: completes "A SecretProviderClass ...". */
  readonly what: string;
  /** What is checked: completes "... named at once". */
  readonly named: string;
  readonly says: readonly string[];
}

interface StoreCalls {
  readonly login: number;
  readonly read: number;
}

/** One store to show: real secrets, the SecretProviderClass that asks for them, and how an operator sets Latchkey up. */
export interface DemoStore {
  readonly name: string;
  /** `spec.provider`, which names the socket. */
  readonly provider: "latchkey" | "vault";
  /** The audience of the token that the pod gets. */
  readonly audience: string;
  readonly spc: string;
  readonly mistake: Mistake;
  /** Files of the volume with their modes, in order of their paths. */
  readonly files: readonly (readonly [string, string])[];
  /** Store calls of the first mount, and of each later one. */
  readonly calls: { readonly first: StoreCalls; readonly later: StoreCalls };
  readonly config: object;
  readonly flags: readonly string[];
  /** What to know of the flags beside the SecretProviderClass, by line. */
  readonly notes: readonly string[];
  /** What `rotate` does, in words. */
  readonly rotation: string;
  /** Changes one secret in the store; answers the path of the one file that has to change. */
  rotate(): Promise<string>;
  /** How many reads the store itself has seen, where it can say. */
  reads(): Promise<number | undefined>;
  stop(): Promise<void>;
}

/** Sets the store up in a directory of the demo's own. */
export type StartStore = (directory: string, issuer: TokenIssuer) => Promise<DemoStore>;
