import { ProviderError } from "../../errors.ts";
import { lastPart } from "../gcp/names.ts";
import type { GcpSecretRef } from "../gcp/types.ts";
import type { Secret } from "../store.ts";
import { nameOfSecret } from "./ref.ts";

/** The version before one that was read: numbers are given in order, and a number is never given again. */
export function previousOf(ref: GcpSecretRef, { version = "" }: Secret): GcpSecretRef {
  const number = Number(lastPart(version));
  const { previous: _, ...rest } = ref;
  if (number > 1) return { ...rest, version: String(number - 1) };
  throw new ProviderError("LK0034", `${nameOfSecret(rest)} has no version before its first`, {
    fix: "add a version, or mark the secret as optional",
  });
}
