import { FakeLogin } from "./azure-login.ts";
import { FakeVault, ownHeaders, type VaultAnswer } from "./azure-vault.ts";
import type { Certificate } from "./certificates.ts";
import { type Answer, type RecordedRequest, type ScriptedServer, startScripted } from "./scripted.ts";

/** The tenant that everything of the fake is in. */
export const azureTenant = "11111111-2222-3333-4444-555555555555";

/** Settings of the fake. */
interface AzureOptions {
  /** How a vault calls itself in ids and links; its address at the fake where it is left out. */
  readonly nameOf?: (vault: string) => string;
  /** How long each call takes, in milliseconds. */
  readonly delay?: number;
  /** Serves HTTPS with it, and knows its parts by the names that clients ask for: `login...` and `VAULT.vault...`. */
  readonly tls?: Certificate;
}

/** Answers that the fake cannot be made to give by its state: undefined lets it answer itself. */
type Override = (request: RecordedRequest, part: "login" | "imds" | "vault") => Answer | undefined;

/**
 * Azure as far as Latchkey sees it: token endpoints at `/login`, the Instance Metadata Service at `/imds`, vaults at
 * `/vaults/NAME`. `test/servers/azure.test.ts` holds it against Microsoft's own clients.
 */
export interface FakeAzure {
  readonly server: ScriptedServer;
  readonly login: FakeLogin;
  /** The fields of `AzureHost` that lead here. */
  readonly host: { readonly loginUrl: string; readonly imdsUrl: string; readonly vaultUrl: string };
  /** The vault of a name; made when it is first named. */
  vault(name: string): FakeVault;
  /** Takes what answers first. */
  override(next: Override | undefined): void;
  /** How many requests each part had. */
  count(part: "login" | "imds" | "vault"): number;
  stop(): Promise<void>;
}

/** Starts the fake. */
export async function startAzure({ nameOf, delay = 0, tls }: AzureOptions = {}): Promise<FakeAzure> {
  const login = new FakeLogin(azureTenant);
  const vaults = new Map<string, FakeVault>();
  let override: Override | undefined;
  const answer = async (asked: RecordedRequest): Promise<Answer> => {
    const request = tls === undefined ? asked : byHost(asked);
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    const part = partOf(request);
    const own = part === undefined ? { status: 404 } : override?.(request, part);
    if (own !== undefined) return own;
    if (part === "login") return login.token(request);
    if (part === "imds") return login.managed(request);
    const [, , name = "", ...rest] = request.path.split("/");
    const found = vaults.get(name.toLowerCase());
    return found === undefined ? { status: 404 } : asAnswer(found.answer(request, `/${rest.join("/")}`));
  };
  const server = await startScripted(answer, tls === undefined ? {} : { tls });
  const vault = (name: string): FakeVault => {
    const key = name.toLowerCase();
    const made = vaults.get(key) ?? new FakeVault(nameOf?.(name) ?? `${server.url}/vaults/${name}`, login);
    vaults.set(key, made);
    return made;
  };
  return {
    server,
    login,
    host: { loginUrl: `${server.url}/login`, imdsUrl: `${server.url}/imds`, vaultUrl: `${server.url}/vaults/{vault}` },
    vault,
    override: (next) => {
      override = next;
    },
    count: (part) => server.requests.filter((request) => partOf(request) === part).length,
    stop: () => server.stop(),
  };
}

/** The request as it would be without names. */
function byHost(request: RecordedRequest): RecordedRequest {
  const [first = ""] = (request.headers.host ?? "").split(".");
  const path = /^(?:login|adfs)$/.test(first) ? `/login${request.path}` : `/vaults/${first}${request.path}`;
  return { ...request, path };
}

function partOf({ path }: RecordedRequest): "login" | "imds" | "vault" | undefined {
  const [, first] = path.split("/");
  return first === "login" || first === "imds" ? first : first === "vaults" ? "vault" : undefined;
}

function asAnswer({ status = 200, headers = {}, body }: VaultAnswer): Answer {
  return { status, headers: { ...ownHeaders, ...headers }, body };
}
