import { createHmac } from "node:crypto";

/**
 * A digest that tells nothing of secrets to who has not the key: it stands in annotations. Every part is told apart from
 * its neighbours by its length, and `purpose` keeps digests of different things from ever being equal.
 */
export function keyedDigest(key: Uint8Array, purpose: string, parts: readonly (string | Uint8Array)[]): Buffer {
  const hmac = createHmac("sha256", key).update(`latchkey ${purpose}\0`);
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
  return hmac.digest();
}
