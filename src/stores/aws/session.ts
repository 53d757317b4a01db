import { ProviderError } from "../../errors.ts";
import type { CallContext, OpenRequest, Secret, Session } from "../store.ts";
import type { AwsCredentials } from "./credentials.ts";
import { logIn } from "./log-in.ts";
import type { AwsReader, ReaderParts } from "./reader.ts";
import { regionLabel } from "./regions.ts";
import type { AwsWay } from "./sdk-config.ts";
import type { AwsAsked, AwsRef, AwsSettings } from "./types.ts";

/** Everything that sessions need besides the way to AWS. */
export interface SessionOptions {
  /** Most requests that one session has under way at one service. */
  readonly concurrency: number;
  /** Who may not read several secrets at once, as was learnt: outlives sessions. */
  readonly deniedBatches: ReaderParts["deniedBatches"];
}

/** Logs in and gives a session that reads secrets and parameters. Throws what `logIn` throws, `LK0020` for a region that is none. */
export async function openAwsSession(
  request: OpenRequest<AwsSettings>,
  way: AwsWay,
  options: SessionOptions,
): Promise<Session<AwsAsked>> {
  const { region } = request.settings;
  if (!regionLabel.test(region)) throw wrongRegion(region);
  const { credentials, principal } = await logIn(request, way);
  const { namespace, serviceAccount } = request.identity;
  const asker = `${namespace}/${serviceAccount}`;
  return new AwsSession({ way, credentials, call: { region, principal }, asker, ...options });
}

class AwsSession implements Session<AwsAsked> {
  readonly expiresAt?: number;
  readonly #parts: ReaderParts;
  /** Each service's SDK is loaded with the first ref of it. */
  readonly #readers = new Map<AwsRef["service"], Promise<AwsReader>>();

  constructor(parts: ReaderParts & { readonly credentials: AwsCredentials }) {
    this.#parts = parts;
    const end = parts.credentials.expiration?.getTime();
    if (end !== undefined) this.expiresAt = end;
  }

  async read(ref: AwsAsked, context: CallContext): Promise<Secret> {
    const reader = await this.#reader(ref.service);
    return await reader.read(ref, context);
  }

  /** Credentials of a role end by themselves; the connections are the store's. */
  async close(): Promise<void> {
    for (const reader of await Promise.all(this.#readers.values())) reader.close();
  }

  #reader(service: AwsRef["service"]): Promise<AwsReader> {
    const reader = this.#readers.get(service) ?? loadReader(service, this.#parts);
    this.#readers.set(service, reader);
    return reader;
  }
}

async function loadReader(service: AwsRef["service"], parts: ReaderParts): Promise<AwsReader> {
  if (service === "ssm") {
    return (await import("../aws-parameter-store/reader.ts")).createParameterReader(parts);
  }
  if (service === "kms") return (await import("../aws-kms/reader.ts")).createKeyReader(parts);
  return (await import("../aws-secrets-manager/reader.ts")).createSecretReader(parts);
}

function wrongRegion(region: string): ProviderError {
  return new ProviderError("LK0020", `${JSON.stringify(region.slice(0, 64))} is not a region`, {
    fix: "write a region such as eu-west-1",
  });
}
