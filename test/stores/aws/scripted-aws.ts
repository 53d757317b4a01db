import { createAddressPolicy } from "../../../src/address-policy.ts";
import { Redacted } from "../../../src/redacted.ts";
import type { AwsHost } from "../../../src/stores/aws/host.ts";
import type { AwsRef, AwsSettings } from "../../../src/stores/aws/types.ts";
import { createStores } from "../../../src/stores/index.ts";
import type { CallContext, Found, Identity, Session, Store } from "../../../src/stores/store.ts";
import { type Answer, type RecordedRequest, type ScriptedServer, startScripted } from "../../servers/scripted.ts";
import { type Outcome, outcomesOf } from "../outcomes.ts";

/** The pod's token, and the credentials that the scripted STS gives for it. */
export const podToken = "eyJhbGciOiJub25lIn0.eyJDQU5BUlkiOjF9.CANARY-signature";
export const sessionToken = "CANARY-session-token";
export const roleArn = "arn:aws:iam::123456789012:role/shop";

/** An answer of STS with these credentials; `expires` in milliseconds since the epoch. */
export function stsAnswer(credentials: string): Answer {
  const body = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>${credentials}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
  return { headers: { "content-type": "text/xml" }, body };
}

export const goodCredentials = `<Credentials><AccessKeyId>ASIACANARY</AccessKeyId><SecretAccessKey>CANARY-secret-key</SecretAccessKey><SessionToken>${sessionToken}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>`;

/** An error of STS, which speaks XML. */
export function stsError(status: number, code: string, message = "said by STS"): Answer {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return { status, headers: { "content-type": "text/xml" }, body };
}

/** An answer of Secrets Manager, which speaks JSON. */
export function smAnswer(body: unknown, status = 200): Answer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body: text };
}

/** An error of Secrets Manager. */
export function smError(status: number, type: string, message = "said by Secrets Manager"): Answer {
  return smAnswer({ __type: type, message }, status);
}

/** The answer of a part of AWS: always the same, or by request. */
type Part = Answer | ((request: RecordedRequest) => Answer);

/** The parts: STS, Secrets Manager, Parameter Store, the EKS Pod Identity agent. */
interface Parts {
  readonly sts: Part;
  readonly sm: Part;
  readonly ssm: Part;
  readonly agent: Part;
}

/** A scripted AWS with stores that ask it. */
export interface ScriptedAws {
  readonly server: ScriptedServer;
  readonly store: Store<AwsSettings, AwsRef>;
  readonly counted: string[];
  answer(script: Partial<Parts>): void;
  open(settings?: AwsSettings, found?: Found, serviceAccount?: string): Promise<Session<AwsRef>>;
  read(session: Session<AwsRef>, ...refs: readonly AwsRef[]): ReturnType<typeof outcomesOf>;
  /** The bodies of the requests for a target, such as `GetParameters`. */
  asked(target: string): readonly unknown[];
  stop(): Promise<void>;
}

/** Returns what came of a read in a word: the text, or id and store code of the error. */
export function textOf(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "nothing";
  if (outcome.ok) return Buffer.from(outcome.secret.value.reveal()).toString();
  return [outcome.error.id, outcome.error.details.storeCode].filter((part) => part !== undefined).join(" ");
}

const identity: Identity = {
  namespace: "shop",
  serviceAccount: "web",
  proved: true,
  pod: { name: "web-0", uid: "uid-0" },
  tokens: new Map(["sts.amazonaws.com", "pods.eks.amazonaws.com"].map((name) => [name, new Redacted(podToken)])),
};

/** The settings of a role that needs no look-up. */
export const settings: AwsSettings = { region: "eu-west-1", identity: { by: "webIdentity", roleArn } };

/** The request that `open` takes, without a context. */
export const request = { identity, settings, found: new Map<string, string>() };

/** Starts a server that plays all of AWS, and a store that asks it. */
export async function startScriptedAws(host: AwsHost = {}): Promise<ScriptedAws> {
  const nothing = smError(400, "NotSet");
  let script: Parts = { sts: stsAnswer(goodCredentials), sm: nothing, ssm: nothing, agent: { status: 404 } };
  const server = await startScripted((asked) => {
    const part = script[partOf(asked)];
    return typeof part === "function" ? part(asked) : part;
  });
  const aws = { endpointUrl: server.url, podIdentityUrls: { ipv4: server.url, ipv6: server.url }, ...host };
  const stores = createStores({ addresses: createAddressPolicy([]), concurrency: 4, families: { aws } });
  const store = (await stores.load("aws-secrets-manager")) as Store<AwsSettings, AwsRef>;
  const counted: string[] = [];
  const context = (): CallContext => ({ signal: AbortSignal.timeout(8000), count: (what) => counted.push(what) });
  return {
    server,
    store,
    counted,
    answer: (more) => {
      script = { ...script, ...more };
    },
    open: (wanted = settings, found = new Map(), serviceAccount = identity.serviceAccount) =>
      store.open({ identity: { ...identity, serviceAccount }, settings: wanted, found, context: context() }),
    read: (session, ...refs) => outcomesOf(session, refs.length === 0 ? [secret("prod/db")] : refs, context()),
    asked: (target) =>
      server.requests.filter(({ headers }) => targetOf(headers) === target).map(({ body }) => JSON.parse(body)),
    stop: async () => {
      await stores.shutdown();
      await server.stop();
    },
  };
}

/** A secret by its name. */
export function secret(secretId: string): AwsRef {
  return { service: "secretsmanager", secretId };
}

/** A parameter by its name, with a version or label. */
export function parameter(name: string, selector?: string): AwsRef {
  return { service: "ssm", name, ...(selector === undefined ? {} : { selector }) };
}

function partOf({ path, headers }: RecordedRequest): keyof Parts {
  if (path === "/v1/credentials") return "agent";
  const target = String(headers["x-amz-target"] ?? "");
  return target === "" ? "sts" : target.startsWith("AmazonSSM.") ? "ssm" : "sm";
}

function targetOf(headers: RecordedRequest["headers"]): string | undefined {
  return String(headers["x-amz-target"] ?? "").split(".")[1];
}
