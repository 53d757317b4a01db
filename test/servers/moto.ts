import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { LabelParameterVersionCommand, type ParameterType, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
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
  /** Writes a parameter, or a new version of it; with labels on that version. Answers the version. */
  putParameter(
    region: string,
    name: string,
    value: string,
    type?: ParameterType,
    labels?: readonly string[],
  ): Promise<number>;
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
    putParameter: (region, name, value, type, labels) => putParameter(url, { region, name, value, type, labels }),
    output: child.output,
    stop: child.stop,
  };
}

/** Credentials that moto takes for those of its own account. */
const credentials = { accessKeyId: "test-access-key", secretAccessKey: "test-secret-key" };

interface NewParameter {
  readonly region: string;
  readonly name: string;
  readonly value: string;
  readonly type: ParameterType | undefined;
  readonly labels: readonly string[] | undefined;
}

async function putParameter(endpoint: string, parameter: NewParameter): Promise<number> {
  const { region, name: Name, value: Value, type: Type = "String", labels = [] } = parameter;
  const client = new SSMClient({ endpoint, region, credentials });
  try {
    const { Version = 0 } = await client.send(new PutParameterCommand({ Name, Value, Type, Overwrite: true }));
    if (labels.length > 0) {
      const Labels = [...labels];
      await client.send(new LabelParameterVersionCommand({ Name, ParameterVersion: Version, Labels }));
    }
    return Version;
  } finally {
    client.destroy();
  }
}

function secretsManager(endpoint: string, region: string): SecretsManagerClient {
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
