import { createAddressPolicy } from "../../../src/address-policy.ts";
import { Redacted } from "../../../src/redacted.ts";
import { createAwsStore } from "../../../src/stores/aws-secrets-manager/index.ts";
import type { AwsSecretRef, AwsSettings } from "../../../src/stores/aws-secrets-manager/types.ts";
import type { CallContext, Found, Identity, Session, Store } from "../../../src/stores/store.ts";
import { type Answer, type ScriptedServer, startScripted } from "../../servers/scripted.ts";

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

/** A scripted AWS with a store that asks it. */
export interface ScriptedAws {
  readonly server: ScriptedServer;
  readonly store: Store<AwsSettings, AwsSecretRef>;
  readonly counted: string[];
  answer(script: { sts?: Answer; sm?: Answer }): void;
  open(settings?: AwsSettings, found?: Found): Promise<Session<AwsSecretRef>>;
  read(session: Session<AwsSecretRef>, ref?: AwsSecretRef): ReturnType<Session["fetch"]>;
  stop(): Promise<void>;
}

const identity: Identity = {
  namespace: "shop",
  serviceAccount: "web",
  proved: true,
  tokens: new Map([["sts.amazonaws.com", new Redacted(podToken)]]),
};

/** What `open` takes, without a context. */
export const request = { identity, settings: { region: "eu-west-1", roleArn }, found: new Map<string, string>() };

/** Starts a server that plays STS and Secrets Manager, and a store that asks it. */
export async function startScriptedAws(): Promise<ScriptedAws> {
  let script: { sts: Answer; sm: Answer } = { sts: stsAnswer(goodCredentials), sm: smError(400, "NotSet") };
  const server = await startScripted(({ headers }) => (headers["x-amz-target"] === undefined ? script.sts : script.sm));
  const store = createAwsStore({ addresses: createAddressPolicy([]), concurrency: 4, awsEndpointUrl: server.url });
  const counted: string[] = [];
  const context = (): CallContext => ({ signal: AbortSignal.timeout(8000), count: (what) => counted.push(what) });
  return {
    server,
    store,
    counted,
    answer: (more) => {
      script = { ...script, ...more };
    },
    open: (settings = { region: "eu-west-1", roleArn }, found = new Map()) =>
      store.open({ identity, settings, found, context: context() }),
    read: (session, ref = { secretId: "prod/db" }) => session.fetch([ref], context()),
    stop: async () => {
      await store.shutdown();
      await server.stop();
    },
  };
}
