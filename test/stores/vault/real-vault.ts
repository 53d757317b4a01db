import { expect } from "vitest";
import { createAddressPolicy } from "../../../src/address-policy.ts";
import type { ProviderError } from "../../../src/errors.ts";
import { Redacted } from "../../../src/redacted.ts";
import type { CallContext, Identity, Secret, Session, StoreOperation } from "../../../src/stores/store.ts";
import { createVaultStore } from "../../../src/stores/vault/index.ts";
import type { VaultRef, VaultSearch } from "../../../src/stores/vault/types.ts";
import type { OpenBao } from "../../servers/openbao.ts";
import type { TokenIssuer, TokenRequest } from "../../tokens.ts";
import { outcomesOf } from "../outcomes.ts";

/** Who asks a real server, and how. */
interface Asking {
  /** Over the settings of an operator, as the native dialect writes them. */
  readonly settings?: object;
  readonly token?: Partial<TokenRequest>;
  readonly credentials?: Readonly<Record<string, string>>;
  readonly pod?: { readonly name: string; readonly uid: string };
}

/** A store that asks one real server as the service account shop/web. */
export interface RealVault {
  open(asking?: Asking): Promise<Session<VaultRef, VaultSearch>>;
  /** The id of the error of a login that must fail. */
  refusal(asking?: Asking): Promise<string>;
  secret(session: Session<VaultRef, VaultSearch>, ref: string | object): Promise<Secret>;
  error(session: Session<VaultRef, VaultSearch>, ref: string | object): Promise<ProviderError>;
  /** The value as text; the error's id where there is none. */
  text(session: Session<VaultRef, VaultSearch>, ref: string | object): Promise<string>;
  context(): CallContext;
  readonly counted: StoreOperation[];
  shutdown(): Promise<void>;
}

/** The store for a server; tokens are the issuer's. */
export function askRealVault(bao: OpenBao, issuer: TokenIssuer): RealVault {
  const store = createVaultStore({ addresses: createAddressPolicy([]), concurrency: 8 });
  const counted: StoreOperation[] = [];
  const context = (): CallContext => ({ signal: AbortSignal.timeout(20_000), count: (what) => counted.push(what) });
  const open = async ({ settings = {}, token = {}, credentials, pod }: Asking = {}) => {
    const jwt = await issuer.token({ namespace: "shop", serviceAccount: "web", audience: "vault", ...token });
    const identity: Identity = {
      ...{ namespace: "shop", serviceAccount: "web", proved: true },
      tokens: new Map([["vault", new Redacted(jwt)]]),
      ...(credentials && { credentials: new Redacted(new Map(Object.entries(credentials))) }),
      ...(pod && { pod }),
    };
    const raw = { address: bao.address, ...(bao.caFile && { caFile: bao.caFile }), ...settings };
    const parsed = store.settings("operator").parse("auth" in raw ? raw : { role: "shop", ...raw });
    return store.open({ identity, settings: parsed, found: new Map(), context: context() });
  };
  const outcomeOf = async (session: Session<VaultRef, VaultSearch>, ref: string | object) => {
    const parsed = store.ref.parse(typeof ref === "string" ? { name: ref } : ref);
    return (await outcomesOf(session, [parsed], context()))[0] ?? expect.unreachable();
  };
  return {
    open,
    counted,
    context,
    refusal: async (asking) => {
      const error = await open(asking).then(
        () => expect.unreachable("the login should have failed"),
        (thrown: ProviderError) => thrown,
      );
      return error.id;
    },
    secret: async (session, ref) => {
      const outcome = await outcomeOf(session, ref);
      if (!outcome.ok) throw outcome.error;
      return outcome.secret;
    },
    error: async (session, ref) => {
      const outcome = await outcomeOf(session, ref);
      return outcome.ok ? expect.unreachable("the read should have failed") : outcome.error;
    },
    text: async (session, ref) => {
      const outcome = await outcomeOf(session, ref);
      return outcome.ok ? Buffer.from(outcome.secret.value.reveal()).toString("utf8") : outcome.error.id;
    },
    shutdown: () => store.shutdown(),
  };
}

/** The members of a secret's value. */
export function fieldsOf({ value }: Secret): Readonly<Record<string, string>> {
  return JSON.parse(Buffer.from(value.reveal()).toString("utf8"));
}
