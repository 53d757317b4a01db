import type { TokenIssuer } from "../test/tokens.ts";

/** A SecretProviderClass that fails, with what the pod's event has to say about it. */
interface Mistake {
  readonly spc: string;
  /** Completes "A SecretProviderClass ...". */
  readonly what: string;
  /** Completes "... named at once". */
  readonly named: string;
  readonly says: readonly string[];
}

/** One store to show: real secrets, the SecretProviderClass that asks for them, and how an operator sets Latchkey up. */
export interface DemoStore {
  /** How sentences name it: `OpenBao`. */
  readonly called: string;
  /** `spec.provider`, which names the socket. */
  readonly provider: "latchkey" | "vault";
  readonly spc: string;
  readonly mistake: Mistake;
  /** Files of the volume with their modes, in order of their paths. */
  readonly files: readonly (readonly [string, string])[];
  readonly flags: readonly string[];
  /** The file that `rotate` changes. */
  readonly rotated: string;
  /** Writes a new password. */
  rotate(): Promise<void>;
  /** Makes the store answer nothing of use, as in an outage, until `comeBack`. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** Takes the right to read away from the pods' role. */
  deny(): Promise<void>;
  /** How many reads the store itself has seen. */
  reads(): Promise<number>;
  stop(): Promise<void>;
}

/** Sets the store up for the pods of `shop/web`, whose tokens are for the audience `vault`. */
export type StartStore = (issuer: TokenIssuer) => Promise<DemoStore>;
