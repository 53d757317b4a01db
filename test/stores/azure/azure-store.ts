import { createAddressPolicy } from "../../../src/address-policy.ts";
import type { ProviderError } from "../../../src/errors.ts";
import { Redacted } from "../../../src/redacted.ts";
import type { AzureHost } from "../../../src/stores/azure/host.ts";
import type { AzureSettings } from "../../../src/stores/azure/types.ts";
import { createStores } from "../../../src/stores/index.ts";
import type { CallContext, Identity, Session, Store } from "../../../src/stores/store.ts";
import { azureTenant, type FakeAzure, startAzure } from "../../servers/azure.ts";
import { type Outcome, outcomesOf } from "../outcomes.ts";

/** The client that the pods of these tests act as. */
export const clientId = "aaaaaaaa-0000-0000-0000-000000000001";

/** A service account token with these claims; the fake looks at nothing else. */
export function podToken(claims: object = {}): string {
  const body = { sub: "system:serviceaccount:shop:web", aud: ["api://AzureADTokenExchange"], ...claims };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ ...body, canary: "CANARY-pod-token" })}.CANARYsignature`;
}

/** Settings by workload identity. */
export const settings: AzureSettings = {
  vault: "shop",
  cloud: "AzurePublicCloud",
  tenant: azureTenant,
  identity: { by: "workloadIdentity", clientId },
};

/** The pod of these tests. */
export const identity: Identity = {
  namespace: "shop",
  serviceAccount: "web",
  serviceAccountUid: "uid-sa",
  proved: true,
  pod: { name: "web-0", uid: "uid-0" },
  tokens: new Map([["api://AzureADTokenExchange", new Redacted(podToken())]]),
};

/** The choices of a test for one login. */
interface Opens {
  readonly settings?: Partial<AzureSettings>;
  readonly identity?: Partial<Identity>;
  readonly found?: ReadonlyMap<string, string>;
}

/** The fake with a store that asks it. */
export interface AzureStore {
  readonly azure: FakeAzure;
  readonly store: Store;
  readonly counted: string[];
  open(opens?: Opens): Promise<Session>;
  /** Reads refs of the native dialect, each in a word: its text, or id and store code of the error. */
  read(session: Session, ...refs: readonly object[]): Promise<readonly string[]>;
  outcomes(session: Session, ...refs: readonly object[]): Promise<readonly Outcome[]>;
  stop(): Promise<void>;
}

/** Starts it; the vault `shop` lets the client read and list. */
export async function startAzureStore(host: AzureHost = {}): Promise<AzureStore> {
  const azure = await startAzure();
  azure.login.federate(clientId, "system:serviceaccount:shop:web");
  azure.vault("shop").allow(clientId);
  const families = { azure: { ...azure.host, ...host } };
  const stores = createStores({ addresses: createAddressPolicy([]), concurrency: 4, families });
  const store = await stores.load("azure-key-vault");
  const counted: string[] = [];
  const context = (): CallContext => ({ signal: AbortSignal.timeout(8_000), count: (what) => counted.push(what) });
  const outcomes = async (session: Session, ...refs: readonly object[]) =>
    await outcomesOf(
      session,
      refs.map((ref) => store.ref.parse(ref)),
      context(),
    );
  return {
    ...{ azure, store, counted, outcomes },
    open: ({ settings: more, identity: who, found = new Map() } = {}) =>
      store.open({
        identity: { ...identity, ...who },
        settings: { ...settings, ...more },
        found,
        context: context(),
      }),
    read: async (session, ...refs) => (await outcomes(session, ...refs)).map(wordOf),
    stop: async () => {
      await stores.shutdown();
      await azure.stop();
    },
  };
}

/** The outcome of a read in a word. */
function wordOf(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "nothing";
  if (outcome.ok) return Buffer.from(outcome.secret.value.reveal()).toString();
  return [outcome.error.id, outcome.error.details.storeCode].filter((part) => part !== undefined).join(" ");
}

/** The error that a promise ends with. */
export async function errorOf(run: Promise<unknown>): Promise<ProviderError> {
  return await run.then(
    () => {
      throw new Error("it should have failed");
    },
    (thrown: ProviderError) => thrown,
  );
}
