import type { GetSecretValueCommandOutput, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import pLimit from "p-limit";
import { ProviderError, toProviderError } from "../../errors.ts";
import { Redacted } from "../../redacted.ts";
import type { CallContext, OpenRequest, Outcome, Secret, Session, StoreHost } from "../store.ts";
import { untilAborted } from "../until-aborted.ts";
import { type AwsCall, readError } from "./errors.ts";
import type { createHttpHandler } from "./http-handler.ts";
import { type AwsCredentials, assumeRole, roleOf } from "./login.ts";
import { nameOfAwsRef } from "./ref.ts";
import { ambientMiddleware, sdkConfig } from "./sdk-config.ts";
import { regionForm } from "./settings.ts";
import type { AwsSecretRef, AwsSettings } from "./types.ts";

/** Logs in and gives the session. Throws `LK0014`, `LK0020` for a region that is none, and what `assumeRole` throws. */
export async function openAwsSession(
  request: OpenRequest<AwsSettings>,
  host: StoreHost,
  handler: ReturnType<typeof createHttpHandler>,
): Promise<Session<AwsSecretRef>> {
  const { identity, settings } = request;
  if (!regionForm.test(settings.region)) throw wrongRegion(settings.region);
  const account = `system:serviceaccount:${identity.namespace}:${identity.serviceAccount}`;
  const call: AwsCall = { region: settings.region, roleArn: roleOf(request), account };
  const [{ SecretsManagerClient, GetSecretValueCommand }, credentials] = await Promise.all([
    import("@aws-sdk/client-secrets-manager"),
    assumeRole(request, call, host.awsEndpointUrl, handler),
  ]);
  const client = new SecretsManagerClient({ ...sdkConfig(call.region, host.awsEndpointUrl, handler), credentials });
  client.middlewareStack.remove(ambientMiddleware);
  return new AwsSession({ client, GetSecretValueCommand, call, credentials, concurrency: host.concurrency });
}

interface Parts {
  readonly client: SecretsManagerClient;
  readonly GetSecretValueCommand: typeof import("@aws-sdk/client-secrets-manager").GetSecretValueCommand;
  readonly call: AwsCall;
  readonly credentials: AwsCredentials;
  readonly concurrency: number;
}

class AwsSession implements Session<AwsSecretRef> {
  readonly expiresAt?: number;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    const end = parts.credentials.expiration?.getTime();
    if (end !== undefined) this.expiresAt = end;
  }

  async fetch(refs: readonly AwsSecretRef[], context: CallContext): Promise<readonly Outcome[]> {
    return pLimit(this.#parts.concurrency).map(refs, (ref) => this.#outcome(ref, context));
  }

  /** Credentials of a role end by themselves; the connections are the store's. */
  async close(): Promise<void> {
    this.#parts.client.destroy();
  }

  async #outcome(ref: AwsSecretRef, context: CallContext): Promise<Outcome> {
    try {
      return { ok: true, secret: await this.#read(ref, context) };
    } catch (thrown) {
      return { ok: false, error: toProviderError(thrown) };
    }
  }

  async #read(ref: AwsSecretRef, { signal, count }: CallContext): Promise<Secret> {
    const { client, GetSecretValueCommand, call, credentials } = this.#parts;
    const { secretId: SecretId, versionId: VersionId, versionStage: VersionStage } = ref;
    const command = new GetSecretValueCommand({ SecretId, VersionId, VersionStage });
    const options = { abortSignal: signal, onSend: () => count("read") };
    try {
      const where = `Secrets Manager in ${call.region}`;
      const secret = secretOf(await untilAborted(() => client.send(command, options), signal, where));
      // A stage moves from version to version; a version id never changes its value.
      return VersionId === undefined ? secret : { ...secret, immutable: true };
    } catch (thrown) {
      throw readError(thrown, nameOfAwsRef(ref), call, Object.values(credentials).map(String));
    }
  }
}

/** Types are checked: the SDK takes what a server says for what the model says. */
function secretOf({ SecretString, SecretBinary, VersionId }: GetSecretValueCommandOutput): Secret {
  const value = typeof SecretString === "string" ? Buffer.from(SecretString, "utf8") : SecretBinary;
  if (!(value instanceof Uint8Array)) {
    throw new ProviderError("LK0036", "Secrets Manager answered without a value", {
      fix: "check what answers at the endpoint of Secrets Manager, and that the secret has a value",
    });
  }
  const version = typeof VersionId === "string" && VersionId !== "" ? { version: VersionId } : {};
  return { value: new Redacted<Uint8Array>(value), ...version };
}

function wrongRegion(region: string): ProviderError {
  return new ProviderError("LK0020", `${JSON.stringify(region.slice(0, 64))} is no region`, {
    fix: "write a region such as eu-west-1",
  });
}
