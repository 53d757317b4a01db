import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { crc32c } from "../../../src/stores/gcp/crc32c.ts";
import type { Answer, RecordedRequest } from "../scripted.ts";
import { googleError } from "./errors.ts";
import type { GcpState } from "./state.ts";

/** Makes a key of Cloud KMS if it is new, and wraps bytes with it; base64, as the API gives them. */
export function wrapByKey(name: string, plain: Uint8Array, { kmsKeys }: GcpState): string {
  const key = kmsKeys.get(name) ?? randomBytes(32);
  kmsKeys.set(name, key);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
}

/** https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/decrypt */
export function decryptByKey(
  name: string,
  caller: string,
  { body }: RecordedRequest,
  { kmsKeys, readers }: GcpState,
): Answer {
  const key = kmsKeys.get(name);
  if (key === undefined || (readers !== undefined && !readers.has(caller))) {
    const permission = "cloudkms.cryptoKeyVersions.useToDecrypt";
    return googleError(
      "PERMISSION_DENIED",
      `Permission '${permission}' denied on resource '${name}' (or it may not exist).`,
      { reason: "IAM_PERMISSION_DENIED", metadata: { permission, resource: name } },
    );
  }
  const { ciphertext = "", ciphertextCrc32c } = JSON.parse(body) as Readonly<Record<string, string>>;
  const bytes = Buffer.from(ciphertext, "base64");
  if (ciphertextCrc32c !== undefined && ciphertextCrc32c !== String(crc32c(bytes)))
    return googleError("INVALID_ARGUMENT", "The checksum in field ciphertext_crc32c did not match the data.");
  try {
    const cipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
    cipher.setAuthTag(bytes.subarray(12, 28));
    const plain = Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()]);
    return { body: { plaintext: plain.toString("base64"), plaintextCrc32c: String(crc32c(plain)), usedPrimary: true } };
  } catch {
    return googleError("INVALID_ARGUMENT", "Decryption failed: verify that 'name' refers to the correct CryptoKey.");
  }
}
