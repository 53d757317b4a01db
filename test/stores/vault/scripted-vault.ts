import { createAddressPolicy } from "../../../src/address-policy.ts";
import { Redacted } from "../../../src/redacted.ts";
import type { StoreHost } from "../../../src/stores/host.ts";
import type { CallContext, Identity, Session, Store } from "../../../src/stores/store.ts";
import type { VaultHosts } from "../../../src/stores/vault/host.ts";
import { createVaultStore } from "../../../src/stores/vault/index.ts";
import type { ResolveSrv } from "../../../src/stores/vault/srv.ts";
import type { VaultRef, VaultSearch, VaultSettings } from "../../../src/stores/vault/types.ts";
import {
  type Answer,
  type RecordedRequest,
  type ScriptedOptions,
  type ScriptedServer,
  startScripted,
} from "../../servers/scripted.ts";
import { outcomesOf } from "../outcomes.ts";

/** The token of the scripted logins, and the service account token that they take. */
export const token = "s.CANARY-vault-token";
export const jwt = "eyJhbGciOiJub25lIn0.eyJDQU5BUlkiOjF9.CANARY-signature";

/** A login that succeeds. */
export const goodLogin: Answer = {
  body: {
    auth: { client_token: token, lease_duration: 3600, renewable: true, token_type: "service", policies: ["p"] },
  },
};

/** A scripted Vault with a store that asks it. */
export interface ScriptedVault {
  readonly server: ScriptedServer;
  readonly store: Store<VaultSettings, VaultRef, VaultSearch>;
  /** `more` goes over the settings. */
  open(more?: Partial<VaultSettings>, who?: Identity): Promise<Session<VaultRef, VaultSearch>>;
  /** `ref` is an API path, or a ref as the native dialect writes it. */
  read(session: Session<VaultRef, VaultSearch>, ref?: string | object): ReturnType<typeof outcomesOf>;
  context(): CallContext;
  answer(script: { login?: Answer; read?: Answer | ((request: RecordedRequest) => Answer) }): void;
  readonly counted: string[];
  stop(): Promise<void>;
}

export const identity: Identity = {
  namespace: "shop",
  serviceAccount: "web",
  proved: true,
  tokens: new Map([["vault", new Redacted(jwt)]]),
};

/** The differences of a scene from the usual one. */
interface SceneOptions {
  /** The operator's other settings. */
  readonly host?: Partial<StoreHost>;
  /** The operator's settings for the servers. */
  readonly servers?: VaultHosts;
  readonly server?: ScriptedOptions;
  readonly srv?: ResolveSrv;
}

/** Starts a server whose login and reads answer what the test says, and a store that may reach it. */
export async function startScriptedVault(
  allowed: readonly string[] = ["127.0.0.1"],
  options: SceneOptions = {},
): Promise<ScriptedVault> {
  let login: Answer = goodLogin;
  let read: Answer | ((request: RecordedRequest) => Answer) = { status: 404, body: { errors: [] } };
  const server = await startScripted((request) => {
    if (request.path.endsWith("/login")) return login;
    return typeof read === "function" ? read(request) : read;
  }, options.server);
  const host = { addresses: createAddressPolicy(allowed), concurrency: 4, ...options.host };
  const store = createVaultStore(host, options.servers, options.srv);
  const counted: string[] = [];
  const context = (): CallContext => ({ signal: AbortSignal.timeout(5000), count: (what) => counted.push(what) });
  return {
    server,
    store,
    counted,
    open: (more = {}, who = identity) => {
      const settings = { ...store.settings("pod").parse({ address: server.url, role: "shop" }), ...more };
      return store.open({ identity: who, settings, found: new Map(), context: context() });
    },
    context,
    read: (session, ref = "secret/data/db") =>
      outcomesOf(session, [store.ref.parse(typeof ref === "string" ? { name: ref } : ref)], context()),
    answer: (script) => {
      login = script.login ?? login;
      read = script.read ?? read;
    },
    stop: async () => {
      await store.shutdown();
      await server.stop();
    },
  };
}
