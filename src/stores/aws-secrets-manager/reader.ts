import type { SecretsManagerClient, Tag } from "@aws-sdk/client-secrets-manager";
import pLimit, { type LimitFunction } from "p-limit";
import { Batches } from "../aws/batches.ts";
import { readError } from "../aws/errors.ts";
import type { AwsReader, ReaderParts } from "../aws/reader.ts";
import { ambientMiddleware, sdkConfig } from "../aws/sdk-config.ts";
import { type NamesPage, namesIn, type SendOptions, searchAws } from "../aws/search.ts";
import { isTogether } from "../aws/together.ts";
import type { AwsAsked, AwsSearch, AwsSecretRef, AwsTogether } from "../aws/types.ts";
import { inTime } from "../in-time.ts";
import { joinSecrets } from "../join-secrets.ts";
import type { CallContext, Secret } from "../store.ts";
import { nameOfSecret } from "./ref.ts";
import { secretOf } from "./secret.ts";
import { SecretBatch } from "./secret-batch.ts";
import { readStages } from "./stages.ts";

type Sdk = typeof import("@aws-sdk/client-secrets-manager");

/** As many secrets as one `BatchGetSecretValue` takes. */
const mostAtOnce = 20;

/** Reads secrets one by one, several at a time; or many by one request, where the operator wants that and the role may. */
export async function createSecretReader(parts: ReaderParts): Promise<AwsReader> {
  const sdk = await import("@aws-sdk/client-secrets-manager");
  const { way, call, credentials } = parts;
  const client = new sdk.SecretsManagerClient({ ...sdkConfig("secretsmanager", call.region, way), credentials });
  client.middlewareStack.remove(ambientMiddleware);
  return new SecretReader(parts, client, sdk);
}

class SecretReader implements AwsReader {
  readonly #parts: ReaderParts;
  readonly #client: SecretsManagerClient;
  readonly #sdk: Sdk;
  readonly #limit: LimitFunction;
  readonly #batches: Batches<AwsSecretRef> | undefined;

  constructor(parts: ReaderParts, client: SecretsManagerClient, sdk: Sdk) {
    this.#parts = parts;
    this.#client = client;
    this.#sdk = sdk;
    this.#limit = pLimit(parts.concurrency);
    const alone = (ref: AwsSecretRef, context: CallContext) => this.#limit(() => this.#get(ref, context));
    const batch = new SecretBatch(parts, client, sdk, alone);
    if (parts.way.host.batch === true) {
      this.#batches = new Batches(`Secrets Manager in ${parts.call.region}`, mostAtOnce, (refs, context) =>
        batch.read(refs, context),
      );
    }
  }

  async read(ref: AwsAsked, context: CallContext): Promise<Secret> {
    if ("prefix" in ref) return await this.#search(ref, context);
    if (!isForSecrets(ref)) throw new TypeError("no secret");
    if (isTogether(ref)) return joinSecrets(await readStages(ref.refs, (each) => this.#readOne(each, context)));
    return await this.#readOne(ref, context);
  }

  async #readOne(ref: AwsSecretRef, context: CallContext): Promise<Secret> {
    // A batch gives current versions only.
    const isCurrent = ref.versionId === undefined && (ref.versionStage ?? "AWSCURRENT") === "AWSCURRENT";
    if (this.#batches !== undefined && isCurrent) return await this.#batches.read({ ref, context });
    return await this.#limit(() => this.#get(ref, context));
  }

  close(): void {
    this.#client.destroy();
  }

  async #search(search: AwsSearch, context: CallContext): Promise<Secret> {
    const source = {
      action: "secretsmanager:ListSecrets",
      resource: "*",
      where: `Secrets Manager in ${this.#parts.call.region}`,
      page: (nextToken: string | undefined, options: SendOptions) => this.#list(search, nextToken, options),
    };
    return await searchAws(search, source, this.#parts, context);
  }

  /** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
  async #list({ prefix, tags }: AwsSearch, NextToken: string | undefined, options: SendOptions): Promise<NamesPage> {
    // Its filters for tags match beginnings, and key and value apart: they only make the list shorter.
    const tag = tags.find(([key]) => filterForm.test(key));
    const Filters = [
      ...(prefix === "" ? [] : [{ Key: "name" as const, Values: [prefix] }]),
      ...(tag === undefined ? [] : [{ Key: "tag-key" as const, Values: [tag[0]] }]),
    ];
    const command = new this.#sdk.ListSecretsCommand({ MaxResults: 100, Filters, NextToken });
    const answer = await this.#client.send(command, options);
    const fits = ({ Tags }: { readonly Tags?: unknown }) => tags.every((each) => hasTag(Tags, each));
    return { names: namesIn(answer.SecretList, fits), nextToken: answer.NextToken };
  }

  async #get(ref: AwsSecretRef, { signal, count }: CallContext): Promise<Secret> {
    const { call, credentials } = this.#parts;
    const { secretId: SecretId, versionId: VersionId, versionStage: VersionStage } = ref;
    const command = new this.#sdk.GetSecretValueCommand({ SecretId, VersionId, VersionStage });
    const options = { abortSignal: signal, onSend: () => count("read") };
    try {
      const where = `Secrets Manager in ${call.region}`;
      const secret = secretOf(await inTime(() => this.#client.send(command, options), signal, where));
      // A stage moves from version to version; a version id never changes its value.
      return VersionId === undefined ? secret : { ...secret, immutable: true };
    } catch (thrown) {
      const secrets = Object.values(credentials).map(String);
      throw readError(thrown, { name: nameOfSecret(ref), action: "secretsmanager:GetSecretValue", secrets }, call);
    }
  }
}

/** A session reads each ref by the reader of its service. */
function isForSecrets(ref: Exclude<AwsAsked, AwsSearch>): ref is AwsSecretRef | AwsTogether<AwsSecretRef> {
  return ref.service === "secretsmanager";
}

/**
 * The values that a filter takes literally
 * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html): a `!` in front inverts it.
 */
const filterForm = /^[a-zA-Z0-9 :_@/+=.-][a-zA-Z0-9 :_@/+=.!-]*$/;

function hasTag(tags: unknown, [key, value]: readonly [string, string]): boolean {
  return Array.isArray(tags) && tags.some((tag: Tag | null) => tag?.Key === key && tag.Value === value);
}
