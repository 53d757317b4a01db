import pLimit from "p-limit";
import { ProviderError } from "../../errors.ts";
import { Redacted } from "../../redacted.ts";
import { readError } from "../aws/errors.ts";
import type { AwsReader, ReaderParts } from "../aws/reader.ts";
import { ambientMiddleware, sdkConfig } from "../aws/sdk-config.ts";
import type { AwsKeyRef } from "../aws/types.ts";
import { inTime } from "../in-time.ts";
import type { CallContext, Secret } from "../store.ts";

/** Unwraps and wraps keys one by one, several at a time (https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html). */
export async function createKeyReader({ way, call, credentials, concurrency }: ReaderParts): Promise<AwsReader> {
  const sdk = await import("@aws-sdk/client-kms");
  const client = new sdk.KMSClient({ ...sdkConfig("kms", call.region, way), credentials });
  client.middlewareStack.remove(ambientMiddleware);
  const limit = pLimit(concurrency);

  async function send(ref: AwsKeyRef, options: { readonly abortSignal: AbortSignal; readonly onSend: () => void }) {
    const { keyId: KeyId, text, wraps, context } = ref;
    const bytes = Buffer.from(text, "base64");
    const common = { KeyId, ...(context.length === 0 ? {} : { EncryptionContext: Object.fromEntries(context) }) };
    if (wraps === undefined) {
      const { Plaintext } = await client.send(new sdk.DecryptCommand({ ...common, CiphertextBlob: bytes }), options);
      return secretOf(Plaintext);
    }
    const answer = await client.send(new sdk.EncryptCommand({ ...common, Plaintext: bytes }), options);
    const { value } = secretOf(answer.CiphertextBlob);
    return { value: new Redacted<Uint8Array>(Buffer.from(Buffer.from(value.reveal()).toString("base64"))) };
  }

  async function ask(ref: AwsKeyRef, { signal, count }: CallContext) {
    const options = { abortSignal: signal, onSend: () => count("read") };
    try {
      return await inTime(() => send(ref, options), signal, `KMS in ${call.region}`);
    } catch (thrown) {
      const secrets = Object.values(credentials).map(String);
      const action = ref.wraps === true ? "kms:Encrypt" : "kms:Decrypt";
      throw readError(thrown, { name: ref.keyId, action, secrets }, call);
    }
  }

  return {
    read: (ref, context) => {
      if (!("keyId" in ref)) throw new TypeError("no wrapped key");
      return limit(() => ask(ref, context));
    },
    close: () => client.destroy(),
  };
}

/** Types are checked: the SDK takes what a server says for what the model says. Throws `LK0036`. */
function secretOf(plaintext: unknown): Secret {
  if (plaintext instanceof Uint8Array) return { value: new Redacted<Uint8Array>(plaintext) };
  throw new ProviderError("LK0036", "KMS answered without a text", {
    fix: "check what answers at the endpoint of KMS",
  });
}
