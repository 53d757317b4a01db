import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Authority, type Certificate, createAuthority } from "./certificates.ts";
import { type Child, startChild } from "./child.ts";
import { freePort } from "./free-port.ts";
import { type ApiClient, createApiClient, mountKv } from "./openbao-api.ts";
import { type AuditedRequest, auditConfiguration, readAudit } from "./openbao-audit.ts";
import { ensureVenv } from "./venv.ts";

/** A real OpenBao server of a test's own, unsealed, its data in memory. */
export interface OpenBao {
  readonly address: string;
  readonly rootToken: string;
  /** With `tls`: the authority's certificate. */
  readonly caFile?: string;
  readonly caPem?: string;
  /** With `tls`: signs client certificates as well. */
  readonly authority?: Authority;
  /** Calls the API as root; `path` without `/v1/`. Throws where the status is 400 or above. */
  readonly request: ApiClient["request"];
  seal(): Promise<void>;
  unseal(): Promise<void>;
  /** Every request that the server got, from its audit log. */
  audited(): Promise<readonly AuditedRequest[]>;
  /** The server's own log, for failures. */
  output(): string;
  stop(): Promise<void>;
}

/** Plain: OpenBao's development mode with KV v2 at `secret/`. With `tls`: a configured server whose certificate an own authority signed. */
export interface OpenBaoOptions {
  readonly tls?: boolean;
  /** With `tls`: lets nobody in without a client certificate of the same authority. */
  readonly clientCertificates?: boolean;
}

const ATTEMPTS = 5;
const AUDIT_FILE = "audit.log";

/** Starts a server on a free port of 127.0.0.1 (it takes the next one as well). Throws with its output where it does not start. */
export async function startOpenBao(options: OpenBaoOptions = {}): Promise<OpenBao> {
  const { bao } = await ensureVenv();
  const directory = await mkdtemp(join(tmpdir(), "latchkey-openbao-"));
  const launch = options.tls === true ? launchWithTls : launchPlain;
  try {
    return await onFreePort((port) => launch({ bao, directory, port, mutual: options.clientCertificates === true }));
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

interface Launch {
  readonly bao: string;
  readonly directory: string;
  readonly port: number;
  readonly mutual: boolean;
}

async function launchPlain({ bao, directory, port }: Launch): Promise<OpenBao> {
  const rootToken = `root-${randomUUID()}`;
  const listen = `127.0.0.1:${port}`;
  const config = join(directory, "config.json");
  await writeFile(config, JSON.stringify(auditConfiguration(join(directory, AUDIT_FILE))));
  const args = ["server", "-dev", `-dev-listen-address=${listen}`, `-dev-root-token-id=${rootToken}`];
  const child = await startChild({
    name: "OpenBao",
    command: bao,
    args: [...args, "-dev-no-store-token", `-config=${config}`],
    env: { HOME: directory },
    ready: /Unseal Key: (\S+)[\s\S]*Root Token: \S+\s/,
  });
  const api = createApiClient(`http://${listen}`, rootToken);
  return server({ address: `http://${listen}`, rootToken, api, child, directory, key: child.ready[1] ?? "" });
}

async function launchWithTls({ bao, directory, port, mutual }: Launch): Promise<OpenBao> {
  const address = `https://127.0.0.1:${port}`;
  const authority = await createAuthority("OpenBao test authority");
  const caFile = join(directory, "ca.pem");
  const config = join(directory, "config.json");
  await writeFile(caFile, authority.caPem);
  const tls = { ...(await authority.issue()), ...(mutual ? { clientCaFile: caFile } : {}) };
  const client = await authority.issueClient("root");
  await writeFile(config, JSON.stringify(await configuration(directory, port, tls)));
  const args = ["server", `-config=${config}`];
  const ready = /OpenBao server started!/;
  const child = await startChild({ name: "OpenBao", command: bao, args, env: { HOME: directory }, ready });
  try {
    const { keys, root_token } = await initialise(address, authority.caPem, client);
    const api = createApiClient(address, root_token, authority.caPem, client);
    const parts = { address, rootToken: root_token, api, child, directory, key: keys[0] ?? "" };
    const bao = { ...server(parts), caFile, caPem: authority.caPem, authority };
    await bao.unseal();
    await mountKv(bao, "secret", 2);
    return bao;
  } catch (error) {
    await child.stop();
    throw error;
  }
}

type ServerTls = Certificate & { readonly clientCaFile?: string };

async function configuration(directory: string, port: number, tls: ServerTls): Promise<object> {
  const key = join(directory, "server-key.pem");
  const cert = join(directory, "server.pem");
  await writeFile(key, tls.key, { mode: 0o600 });
  await writeFile(cert, tls.cert);
  const { clientCaFile } = tls;
  const mutual = { tls_require_and_verify_client_cert: true, tls_client_ca_file: clientCaFile };
  const server = { address: `127.0.0.1:${port}`, tls_cert_file: cert, tls_key_file: key };
  return {
    storage: { inmem: {} },
    listener: { tcp: clientCaFile === undefined ? server : { ...server, ...mutual } },
    api_addr: `https://127.0.0.1:${port}`,
    cluster_addr: `https://127.0.0.1:${port + 1}`,
    ...auditConfiguration(join(directory, AUDIT_FILE)),
  };
}

async function initialise(
  address: string,
  caPem: string,
  client: Certificate,
): Promise<{ keys: string[]; root_token: string }> {
  const api = createApiClient(address, undefined, caPem, client);
  try {
    return await api.request("PUT", "sys/init", { secret_shares: 1, secret_threshold: 1 });
  } finally {
    await api.close();
  }
}

interface Parts {
  readonly address: string;
  readonly rootToken: string;
  readonly api: ApiClient;
  readonly child: Child;
  readonly directory: string;
  /** The one unseal key. */
  readonly key: string;
}

function server({ address, rootToken, api, child, directory, key }: Parts): OpenBao {
  return {
    address,
    rootToken,
    request: api.request,
    seal: async () => {
      await api.request("PUT", "sys/seal");
    },
    unseal: async () => {
      await api.request("PUT", "sys/unseal", { key });
      await api.untilActive();
    },
    audited: () => readAudit(join(directory, AUDIT_FILE)),
    output: child.output,
    stop: async () => {
      await child.stop();
      await api.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Other processes choose ports too: a collision between the look and the start is tried again with another port. */
async function onFreePort<T>(launch: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch(await freePort("withNext"));
    } catch (error) {
      if (attempt === ATTEMPTS || !String(error).includes("address already in use")) throw error;
    }
  }
}
