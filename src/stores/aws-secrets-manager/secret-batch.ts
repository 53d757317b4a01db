import type { SecretsManagerClient, SecretValueEntry } from "@aws-sdk/client-secrets-manager";
import type { ProviderError, Reason } from "../../errors.ts";
import { readError } from "../aws/errors.ts";
import type { ReaderParts } from "../aws/reader.ts";
import type { AwsSecretRef } from "../aws/types.ts";
import { inTime } from "../in-time.ts";
import { settled } from "../join-secrets.ts";
import type { CallContext, Secret } from "../store.ts";
import { secretOf } from "./secret.ts";

type Sdk = typeof import("@aws-sdk/client-secrets-manager");

/** Reasons of one name that fail the whole batch. */
const forOne: ReadonlySet<Reason> = new Set(["invalid", "absent"]);

/** Large answers come in pages; more than one a secret cannot be. */
const mostPages = 20;

/**
 * Reads several secrets by `BatchGetSecretValue`, which is an action of its own in IAM: a role that may not do it reads
 * one by one from then on. What a batch does not give is read alone, for the single read tells the cause.
 */
export class SecretBatch {
  readonly #parts: ReaderParts;
  readonly #client: SecretsManagerClient;
  readonly #sdk: Sdk;
  readonly #alone: (ref: AwsSecretRef, context: CallContext) => Promise<Secret>;

  constructor(
    parts: ReaderParts,
    client: SecretsManagerClient,
    sdk: Sdk,
    alone: (ref: AwsSecretRef, context: CallContext) => Promise<Secret>,
  ) {
    this.#parts = parts;
    this.#client = client;
    this.#sdk = sdk;
    this.#alone = alone;
  }

  /** The secret of each ref, or its error, in their order. Throws what ends all of them: an outage, throttling, expired credentials. */
  async read(refs: readonly AwsSecretRef[], context: CallContext): Promise<readonly (Secret | ProviderError)[]> {
    const { asker, call, deniedBatches } = this.#parts;
    const who = `${asker} ${call.principal} ${call.region}`;
    const found = refs.length === 1 || deniedBatches.has(who) ? [] : await this.#ask(refs, who, context);
    return await Promise.all(
      refs.map(async (ref) => secretIn(found, ref) ?? (await settled(() => this.#alone(ref, context)))),
    );
  }

  async #ask(refs: readonly AwsSecretRef[], who: string, context: CallContext): Promise<readonly SecretValueEntry[]> {
    const entries: SecretValueEntry[] = [];
    let NextToken: string | undefined;
    try {
      for (let page = 0; page < mostPages; page += 1) {
        const answer = await this.#send(refs, NextToken, context);
        if (Array.isArray(answer.SecretValues)) entries.push(...answer.SecretValues);
        if (typeof answer.NextToken !== "string" || answer.NextToken === "") break;
        ({ NextToken } = answer);
      }
    } catch (thrown) {
      const error = this.#errorOf(thrown, refs.length);
      if (error.id !== "LK0033" && !forOne.has(error.reason)) throw error;
      if (error.id === "LK0033") this.#parts.deniedBatches.add(who);
    }
    return entries;
  }

  async #send(refs: readonly AwsSecretRef[], NextToken: string | undefined, { signal, count }: CallContext) {
    const SecretIdList = [...new Set(refs.map(({ secretId }) => secretId))];
    const command = new this.#sdk.BatchGetSecretValueCommand({ SecretIdList, NextToken });
    const options = { abortSignal: signal, onSend: () => count("read") };
    const where = `Secrets Manager in ${this.#parts.call.region}`;
    return await inTime(() => this.#client.send(command, options), signal, where);
  }

  #errorOf(thrown: unknown, number: number) {
    const { call, credentials } = this.#parts;
    const secrets = Object.values(credentials).map(String);
    return readError(
      thrown,
      { name: `${number} secrets at once`, action: "secretsmanager:BatchGetSecretValue", secrets },
      call,
    );
  }
}

function secretIn(entries: readonly SecretValueEntry[], { secretId }: AwsSecretRef): Secret | undefined {
  const entry = entries.find(({ Name, ARN }) => Name === secretId || ARN === secretId);
  const hasValue = typeof entry?.SecretString === "string" || entry?.SecretBinary instanceof Uint8Array;
  return entry !== undefined && hasValue ? secretOf(entry) : undefined;
}
