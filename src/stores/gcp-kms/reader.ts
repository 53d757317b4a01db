import { memberOf } from "../../formats/json.ts";
import { Redacted } from "../../redacted.ts";
import { crc32c } from "../gcp/crc32c.ts";
import { bytesOf, damaged } from "../gcp/payload.ts";
import { type GcpReader, type ReaderParts, readApi } from "../gcp/reader.ts";
import type { GcpKeyRef } from "../gcp/types.ts";
import type { CallContext, Secret } from "../store.ts";

/** Unwraps keys one by one, several at a time. */
export function createKeyReader(parts: ReaderParts): GcpReader {
  return {
    async read(asked, context): Promise<Secret> {
      if (!("ciphertext" in asked)) throw new TypeError("no wrapped key");
      return await parts.limit(() => decrypt(asked, parts, context));
    },
  };
}

/** https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/decrypt */
async function decrypt({ key, ciphertext }: GcpKeyRef, parts: ReaderParts, context: CallContext): Promise<Secret> {
  const [, project = "", , location = "", , ring = "", , name = ""] = key.split("/");
  const { member } = parts.login;
  const answer = await readApi(
    {
      ...{ service: "cloudkms", named: "Cloud KMS", path: `${key}:decrypt`, isGlobal: true },
      body: { ciphertext, ciphertextCrc32c: String(crc32c(Buffer.from(ciphertext, "base64"))) },
      ...{ what: `a key by ${key}`, project },
      fix: (id) => {
        const where = `--keyring ${ring} --location ${location} --project ${project}`;
        if (id === "LK0033")
          return `grant the role: gcloud kms keys add-iam-policy-binding ${name} ${where} --role roles/cloudkms.cryptoKeyDecrypter --member "${member}"`;
        if (id === "LK0034") return `check that the key exists: gcloud kms keys list ${where}`;
        return id === "LK0037"
          ? "check that this key wrapped the document's, and that its version is enabled"
          : undefined;
      },
    },
    parts,
    context,
  );
  const plaintext = bytesOf(memberOf(answer, "plaintext"), key);
  const crc = memberOf(answer, "plaintextCrc32c");
  if (plaintext.length === 0 || (crc !== undefined && crc !== String(crc32c(plaintext))))
    throw damaged(key, "its plaintext does not fit its CRC-32C");
  return { value: new Redacted<Uint8Array>(plaintext) };
}
