import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";

/** Makes a symmetric key in moto; answers its ARN. */
export async function createKmsKey(endpoint: string, region: string): Promise<string> {
  const client = new KMSClient({ endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  try {
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    return KeyMetadata?.Arn ?? "";
  } finally {
    client.destroy();
  }
}
