import pLimit from "p-limit";
import { ProviderError } from "../../errors.ts";
import { Redacted } from "../../redacted.ts";
import { readError } from "../aws/errors.ts";
import type { AwsReader, ReaderParts } from "../aws/reader.ts";
import { ambientMiddleware, sdkConfig } from "../aws/sdk-config.ts";
import type { AwsKeyRef } from "../aws/types.ts";
import { inTime } from "../in-time.ts";
import type { CallContext, Secret } from "../store.ts";

/** Unwraps keys one by one, several at a time (https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html). */
export async function createKeyReader({ way, call, credentials, concurrency }: ReaderParts): Promise<AwsReader> {
  const sdk = await import("@aws-sdk/client-kms");
  const client = new sdk.KMSClient({ ...sdkConfig("kms", call.region, way), credentials });
  client.middlewareStack.remove(ambientMiddleware);
  const limit = pLimit(concurrency);

  async function decrypt({ keyId: KeyId, ciphertext, context }: AwsKeyRef, { signal, count }: CallContext) {
    const command = new sdk.DecryptCommand({
      KeyId,
      CiphertextBlob: Buffer.from(ciphertext, "base64"),
      ...(context.length === 0 ? {} : { EncryptionContext: Object.fromEntries(context) }),
    });
    const options = { abortSignal: signal, onSend: () => count("read") };
    try {
      const answer = await inTime(() => client.send(command, options), signal, `KMS in ${call.region}`);
      return secretOf(answer.Plaintext);
    } catch (thrown) {
      const secrets = Object.values(credentials).map(String);
      throw readError(thrown, { name: KeyId, action: "kms:Decrypt", secrets }, call);
    }
  }

  return {
    read: (ref, context) => {
      if (!("keyId" in ref)) throw new TypeError("no wrapped key");
      return limit(() => decrypt(ref, context));
    },
    close: () => client.destroy(),
  };
}

/** Types are checked: the SDK takes what a server says for what the model says. Throws `LK0036`. */
function secretOf(plaintext: unknown): Secret {
  if (plaintext instanceof Uint8Array) return { value: new Redacted<Uint8Array>(plaintext) };
  throw new ProviderError("LK0036", "KMS answered without a plaintext", {
    fix: "check what answers at the endpoint of KMS",
  });
}
