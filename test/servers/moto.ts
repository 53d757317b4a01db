import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { startChild } from "./child.ts";
import { ensureVenv } from "./venv.ts";

/** moto: Secrets Manager, SSM and STS on one address, all data in memory. It accepts any web identity token. */
export interface Moto {
  readonly url: string;
  /** A client of the test's own account in a region. The caller destroys it. */
  client(region: string): SecretsManagerClient;
  /** Creates a secret; text becomes SecretString, bytes SecretBinary. Answers its ARN and version. */
  createSecret(region: string, name: string, value: string | Uint8Array): Promise<{ arn: string; versionId: string }>;
  /** Writes a new current version. Answers the version. */
  putSecret(region: string, name: string, value: string | Uint8Array): Promise<string>;
  /** The server's own log, a line a request. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts moto on a free port of 127.0.0.1. Throws with its output where it does not start. */
export async function startMoto(): Promise<Moto> {
  const { python } = await ensureVenv();
  const child = await startChild({
    name: "moto",
    command: python,
    args: ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
    env: { PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1" },
    ready: /Running on (http:\/\/127\.0\.0\.1:\d+)/,
  });
  const url = child.ready[1] ?? "";
  const client = (region: string) => secretsManager(url, region);
  return {
    url,
    client,
    createSecret: (region, name, value) => createSecret(client(region), name, value),
    putSecret: (region, name, value) => putSecret(client(region), name, value),
    output: child.output,
    stop: child.stop,
  };
}

function secretsManager(endpoint: string, region: string): SecretsManagerClient {
  const credentials = { accessKeyId: "test-access-key", secretAccessKey: "test-secret-key" };
  return new SecretsManagerClient({ endpoint, region, credentials });
}

function content(value: string | Uint8Array) {
  return typeof value === "string" ? { SecretString: value } : { SecretBinary: value };
}

async function createSecret(
  client: SecretsManagerClient,
  name: string,
  value: string | Uint8Array,
): Promise<{ arn: string; versionId: string }> {
  try {
    const { ARN = "", VersionId = "" } = await client.send(new CreateSecretCommand({ Name: name, ...content(value) }));
    return { arn: ARN, versionId: VersionId };
  } finally {
    client.destroy();
  }
}

async function putSecret(client: SecretsManagerClient, name: string, value: string | Uint8Array): Promise<string> {
  try {
    const { VersionId = "" } = await client.send(new PutSecretValueCommand({ SecretId: name, ...content(value) }));
    return VersionId;
  } finally {
    client.destroy();
  }
}
