import type { Parameter, SSMClient } from "@aws-sdk/client-ssm";
import { ProviderError, toProviderError } from "../../errors.ts";
import { Redacted } from "../../redacted.ts";
import { Batches } from "../aws/batches.ts";
import { readError } from "../aws/errors.ts";
import type { AwsReader, ReaderParts } from "../aws/reader.ts";
import { ambientMiddleware, sdkConfig } from "../aws/sdk-config.ts";
import { searchAws } from "../aws/search.ts";
import { isTogether } from "../aws/together.ts";
import type { AwsAsked, AwsParameterRef, AwsSearch, AwsTogether } from "../aws/types.ts";
import { inTime } from "../in-time.ts";
import { joinSecrets, type Part } from "../join-secrets.ts";
import type { CallContext, Secret } from "../store.ts";
import { readPrevious, readTogether } from "./previous.ts";
import { isVersion, nameOfParameter, splitSelector } from "./ref.ts";

type Sdk = typeof import("@aws-sdk/client-ssm");

/** One answer: what it holds, and the names that Parameter Store says it does not have. Nothing else is absent. */
interface Answered {
  readonly parameters: readonly Parameter[];
  readonly missing: readonly unknown[];
}

/** As many names as one `GetParameters` takes (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html). */
const mostAtOnce = 10;

/** Reads parameters, decrypted, up to ten by one request. */
export async function createParameterReader(parts: ReaderParts): Promise<AwsReader> {
  const sdk = await import("@aws-sdk/client-ssm");
  const { way, call, credentials } = parts;
  const client = new sdk.SSMClient({ ...sdkConfig("ssm", call.region, way), credentials });
  client.middlewareStack.remove(ambientMiddleware);
  return new ParameterReader(parts, client, sdk);
}

class ParameterReader implements AwsReader {
  readonly #parts: ReaderParts;
  readonly #client: SSMClient;
  readonly #sdk: Sdk;
  readonly #batches: Batches<AwsParameterRef>;

  constructor(parts: ReaderParts, client: SSMClient, sdk: Sdk) {
    this.#parts = parts;
    this.#client = client;
    this.#sdk = sdk;
    this.#batches = new Batches(`Parameter Store in ${parts.call.region}`, mostAtOnce, (refs, context) =>
      this.#readAll(refs, context),
    );
  }

  async read(ref: AwsAsked, context: CallContext): Promise<Secret> {
    if ("prefix" in ref) {
      const { ParameterSearch } = await import("./search.ts");
      return await searchAws(
        ref,
        new ParameterSearch(ref, this.#parts.call, this.#client, this.#sdk),
        this.#parts,
        context,
      );
    }
    if (!isForParameters(ref)) throw new TypeError("no parameter");
    if (isTogether(ref)) {
      return joinSecrets(await readTogether(ref.refs, (each) => this.#readOne(each, context)));
    }
    if (ref.previous !== true) return await this.#readOne(ref, context);
    const newest = await this.#readOne({ service: "ssm", name: ref.name }, context);
    return await readPrevious(ref, newest, (each) => this.#readOne(each, context));
  }

  async #readOne(ref: AwsParameterRef, context: CallContext): Promise<Secret> {
    return await this.#batches.read({ ref, context });
  }

  close(): void {
    this.#client.destroy();
  }

  /** Reads in one request the refs that it can tell apart; the API says nothing of one name with two selectors. */
  async #readAll(refs: readonly AwsParameterRef[], context: CallContext): Promise<readonly Part["answer"][]> {
    const answers = new Map<string, Promise<Part["answer"]>>();
    for (const group of groupsOf(refs)) {
      const read = this.#readGroup(group, context);
      for (const [index, ref] of group.entries()) {
        answers.set(
          nameOfParameter(ref),
          read.then((all) => all[index] ?? absent(ref, this.#parts.call.region)),
        );
      }
    }
    return await Promise.all(
      refs.map(async (ref) => (await answers.get(nameOfParameter(ref))) ?? absent(ref, this.#parts.call.region)),
    );
  }

  async #readGroup(refs: readonly AwsParameterRef[], context: CallContext): Promise<readonly Part["answer"][]> {
    try {
      const answered = await this.#get(refs, context);
      return refs.map((ref) => this.#answerFor(ref, answered));
    } catch (thrown) {
      const error = toProviderError(thrown);
      // A refusal for one name, or a name that cannot be, refuses all of them: each is asked for its own.
      const forOne = error.reason === "denied" || error.reason === "invalid";
      if (!forOne || error.id === "LK0032" || refs.length === 1) return refs.map(() => error);
      return (await Promise.all(refs.map((ref) => this.#readGroup([ref], context)))).flat();
    }
  }

  async #get(refs: readonly AwsParameterRef[], { signal, count }: CallContext): Promise<Answered> {
    const { call, credentials } = this.#parts;
    const Names = refs.map(nameOfParameter);
    const command = new this.#sdk.GetParametersCommand({ Names, WithDecryption: true });
    const options = { abortSignal: signal, onSend: () => count("read") };
    try {
      const where = `Parameter Store in ${call.region}`;
      const { Parameters, InvalidParameters } = await inTime(() => this.#client.send(command, options), signal, where);
      return {
        parameters: Array.isArray(Parameters) ? Parameters.filter((parameter) => parameter !== null) : [],
        missing: Array.isArray(InvalidParameters) ? InvalidParameters : [],
      };
    } catch (thrown) {
      const name = Names.length === 1 ? (Names[0] ?? "") : `${Names.length} parameters`;
      const secrets = Object.values(credentials).map(String);
      throw readError(thrown, { name, action: "ssm:GetParameters", secrets }, call);
    }
  }

  #answerFor(ref: AwsParameterRef, { parameters, missing }: Answered): Part["answer"] {
    const { name } = ref;
    const parameter = parameters.find(({ Name, ARN }) => plain(Name) === name || plain(ARN) === name);
    if (parameter === undefined && missing.includes(nameOfParameter(ref))) return absent(ref, this.#parts.call.region);
    try {
      return secretOf(ref, parameter);
    } catch (thrown) {
      return toProviderError(thrown);
    }
  }
}

/** A session reads each ref by the reader of its service. */
function isForParameters(ref: Exclude<AwsAsked, AwsSearch>): ref is AwsParameterRef | AwsTogether<AwsParameterRef> {
  return ref.service === "ssm";
}

/** Equal refs are one; of one name with several selectors each is in a group of its own. */
function groupsOf(refs: readonly AwsParameterRef[]): readonly (readonly AwsParameterRef[])[] {
  const unique = new Map(refs.map((ref) => [nameOfParameter(ref), ref]));
  const groups: Map<string, AwsParameterRef>[] = [];
  for (const ref of unique.values()) {
    const group = groups.find((names) => !names.has(ref.name));
    if (group === undefined) groups.push(new Map([[ref.name, ref]]));
    else group.set(ref.name, ref);
  }
  return groups.map((group) => [...group.values()]);
}

/** Some answers carry the selector in the name. */
function plain(name: unknown): string | undefined {
  return typeof name === "string" ? splitSelector(name).name : undefined;
}

function secretOf({ selector }: AwsParameterRef, { Value, Version }: Parameter = {}): Secret {
  if (typeof Value !== "string") {
    throw new ProviderError("LK0036", "Parameter Store answered without a value", {
      fix: "check what answers at the endpoint of Parameter Store",
    });
  }
  const version = Number.isSafeInteger(Version) ? { version: String(Version) } : {};
  // A label moves from version to version; a version number never changes its value.
  const pinned = isVersion(selector);
  return {
    value: new Redacted<Uint8Array>(Buffer.from(Value, "utf8")),
    ...version,
    ...(pinned ? { immutable: true } : {}),
  };
}

function absent(ref: AwsParameterRef, region: string): ProviderError {
  const name = nameOfParameter(ref);
  return new ProviderError("LK0034", `Parameter Store in ${region} has no ${name}: invalid parameters: ${name}`, {
    storeCode: "InvalidParameters",
    fix: `check the name and that it exists in ${region}, with the version or label that is asked for`,
  });
}
