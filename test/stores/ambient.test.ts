import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clusterPool, type GcpServer, startGcp } from "../servers/gcp.ts";
import { startScripted } from "../servers/scripted.ts";
import { createTokenIssuer } from "../tokens.ts";
import { type ScriptedAws, smAnswer, startScriptedAws } from "./aws/scripted-aws.ts";
import { type ScriptedVault, startScriptedVault } from "./vault/scripted-vault.ts";

interface Report {
  readonly results: readonly string[];
  readonly env: readonly string[];
  readonly files: readonly string[];
}

/** Everything by which an SDK could find credentials, another server or another behaviour; `trap` is where they lead. */
function ambient(trap: string, home: string): Record<string, string> {
  const keys = { AWS_ACCESS_KEY_ID: "AMBIENT", AWS_SECRET_ACCESS_KEY: "AMBIENT", AWS_SESSION_TOKEN: "AMBIENT" };
  const proxies = Object.fromEntries(
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap((name) => [
      [name, trap],
      [name.toLowerCase(), trap],
    ]),
  );
  return {
    ...keys,
    ...proxies,
    HOME: home,
    NODE_USE_ENV_PROXY: "1",
    AWS_PROFILE: "poisoned",
    AWS_REGION: "us-ambient-1",
    AWS_DEFAULT_REGION: "us-ambient-1",
    AWS_EXECUTION_ENV: "AMBIENT",
    AWS_LAMBDA_FUNCTION_NAME: "AMBIENT",
    _X_AMZN_TRACE_ID: "AMBIENT",
    AWS_ENDPOINT_URL: trap,
    AWS_ENDPOINT_URL_STS: trap,
    AWS_ENDPOINT_URL_KMS: trap,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: trap,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${trap}/credentials`,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: trap,
    AWS_WEB_IDENTITY_TOKEN_FILE: join(home, "token"),
    AWS_ROLE_ARN: "arn:aws:iam::1:role/ambient",
    AWS_USE_FIPS_ENDPOINT: "true",
    AWS_USE_DUALSTACK_ENDPOINT: "true",
    AWS_MAX_ATTEMPTS: "9",
    AWS_RETRY_MODE: "adaptive",
    AWS_DEFAULTS_MODE: "mobile",
    AWS_SDK_UA_APP_ID: "AMBIENT",
    GOOGLE_APPLICATION_CREDENTIALS: join(home, "google.json"),
    GOOGLE_CLOUD_PROJECT: "AMBIENT",
    GOOGLE_CLOUD_UNIVERSE_DOMAIN: "ambient.example",
    CLOUDSDK_CONFIG: home,
    GAIA_TOKEN_EXCHANGE_ENDPOINT: `${trap}/v1/token`,
    GCE_METADATA_HOST: trap.replace("http://", ""),
    METADATA_SERVER_DETECTION: "assume-present",
    VAULT_ADDR: trap,
    VAULT_AGENT_ADDR: trap,
    VAULT_TOKEN: "AMBIENT",
    VAULT_NAMESPACE: "AMBIENT",
    VAULT_PREFIX: "/AMBIENT",
    VAULT_SKIP_VERIFY: "false",
    DEBUG: "*",
    NODE_DEBUG: "http,https,http2,net,tls,undici,fetch",
  };
}

describe("stores in a process with ambient credentials of every kind", () => {
  let home: string;
  let trap: Awaited<ReturnType<typeof startScripted>>;
  let aws: ScriptedAws;
  let vault: ScriptedVault;
  let gcp: GcpServer;
  let output: string;
  let report: Report;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "latchkey-home-"));
    await mkdir(join(home, ".aws"));
    trap = await startScripted(() => ({ status: 200, body: "{}" }));
    const poison = `[profile poisoned]\nendpoint_url = ${trap.url}\ncredential_process = /bin/false\nregion = us-ambient-1\n`;
    await writeFile(join(home, ".aws", "config"), poison);
    await writeFile(join(home, ".aws", "credentials"), "[poisoned]\naws_access_key_id = AMBIENT\n");
    await writeFile(join(home, "google.json"), '{"type":"authorized_user","refresh_token":"AMBIENT"}');
    [aws, vault, gcp] = await Promise.all([startScriptedAws(), startScriptedVault(), startGcp()]);
    for (const name of ["a1", "a2", "a3"]) gcp.addSecret(name, "CANARY-gcp-value");
    const issuer = await createTokenIssuer();
    const token = await issuer.token({ namespace: "shop", serviceAccount: "web", audience: clusterPool });
    aws.answer({ sm: smAnswer({ SecretString: "CANARY-aws-value", VersionId: "v", Plaintext: "Q0FOQVJZ" }) });
    vault.answer({ read: { body: { data: { a: "CANARY-vault-value" } } } });
    const script = fileURLToPath(new URL("./ambient-child.ts", import.meta.url));
    const env = { PATH: process.env.PATH ?? "", ...ambient(trap.url, home) };
    const args = [script, aws.server.url, vault.server.url, gcp.url, token];
    const ran = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 64 * 1024 * 1024 });
    output = ran.stdout + ran.stderr;
    report = JSON.parse(/^RESULT (.*)$/m.exec(ran.stdout)?.[1] ?? "{}");
  });

  afterAll(async () => {
    await Promise.all([trap.stop(), aws.stop(), vault.stop(), gcp.stop()]);
    await rm(home, { recursive: true });
  });

  test("read with the pod's identity", () => {
    expect(report.results).toEqual(["read,read,read", "read,read,read", "read,read,read", "read,read"]);
    expect(aws.server.requests[1]?.headers.authorization).toContain("Credential=ASIACANARY/");
  });

  test("ask no other server, and send nothing of the environment", () => {
    expect(trap.requests).toEqual([]);
    const sent = JSON.stringify([aws.server.requests, vault.server.requests, gcp.server.requests]);
    expect(sent).not.toMatch(/AMBIENT|us-ambient/);
    expect([aws, vault, gcp].map(({ server }) => server.requests.length)).toEqual([7, 5, 4]);
  });

  test("look at no name in the environment that could name credentials, servers or behaviour", () => {
    const named = Object.keys(ambient("", ""));
    // Loading node-vault reads these, and what they say is put aside; Node looks for its global agent's proxies.
    const putAside = [
      "VAULT_SKIP_VERIFY",
      "VAULT_PREFIX",
      "VAULT_TOKEN",
      "VAULT_NAMESPACE",
      "https_proxy",
      "http_proxy",
    ];
    const allowed = [...putAside, "DEBUG", "NODE_DEBUG"];
    expect(report.env.filter((name) => named.includes(name) && !allowed.includes(name))).toEqual([]);
  });

  test("open no file of ~/.aws and no token file", () => {
    expect(report.files.filter((path) => path.startsWith(home))).toEqual([]);
  });

  test("print no token, credential or secret, with every debug switch on", () => {
    expect(output).toContain("RESULT");
    expect(output).toMatch(/^(HTTP|NET|TLS) \d+:/m);
    expect(output).not.toContain("CANARY");
  });
});
