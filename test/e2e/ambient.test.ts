import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDriver, type Driver } from "../driver.ts";
import { createAuthority } from "../servers/certificates.ts";
import { type ScriptedServer, startScripted } from "../servers/scripted.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { type Latchkey, runLatchkey } from "./process.ts";

let directory: string;
let issuer: TokenIssuer;
let store: ScriptedServer;
let trap: ScriptedServer;
let secureStore: ScriptedServer;
let latchkey: Latchkey;
let driver: Driver;

const loginAnswer = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAPOD</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;

/** Every SDK's way to a login that is not the pod's. A file that is read is a FIFO: who opens it hangs. */
function ambient(home: string, trapUrl: string): Readonly<Record<string, string>> {
  const fifo = join(home, "fifo");
  execFileSync("mkfifo", [fifo, join(home, ".aws/config"), join(home, ".aws/credentials"), join(home, ".vault-token")]);
  return {
    HOME: home,
    AWS_ACCESS_KEY_ID: "AKIAAMBIENT",
    AWS_SECRET_ACCESS_KEY: "ambient",
    AWS_SESSION_TOKEN: "ambient",
    AWS_PROFILE: "ambient",
    AWS_SHARED_CREDENTIALS_FILE: fifo,
    AWS_CONFIG_FILE: fifo,
    AWS_WEB_IDENTITY_TOKEN_FILE: fifo,
    AWS_ROLE_ARN: "arn:aws:iam::000000000000:role/ambient",
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${trapUrl}/container`,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: `${trapUrl}/imds`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "ambient",
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: fifo,
    AWS_ENDPOINT_URL_SSO: `${trapUrl}/sso`,
    AWS_USE_FIPS_ENDPOINT: "true",
    AWS_MAX_ATTEMPTS: "9",
    VAULT_TOKEN: "hvs.ambient",
    VAULT_PREFIX: "/ambient",
    VAULT_SKIP_VERIFY: "false",
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
    HTTP_PROXY: trapUrl,
    HTTPS_PROXY: trapUrl,
    http_proxy: trapUrl,
    https_proxy: trapUrl,
    GOOGLE_APPLICATION_CREDENTIALS: fifo,
    AZURE_CLIENT_SECRET: "ambient",
  };
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-"));
  issuer = await createTokenIssuer();
  trap = await startScripted(() => ({ status: 200, body: "{}" }));
  const authority = await createAuthority("an authority that nobody trusts");
  secureStore = await startScripted(() => ({ body: "{}" }), { tls: await authority.issue() });
  store = await startScripted(({ path, headers, body }) => {
    if (path === "/v1/credentials") return { body: { AccessKeyId: "ASIAAGENT", SecretAccessKey: "s", Token: "t" } };
    if (String(headers["x-amz-target"]).endsWith("GetParameters"))
      return {
        headers: { "content-type": "application/x-amz-json-1.1" },
        body: '{"Parameters":[{"Name":"p","Value":"x","Version":1}]}',
      };
    if (headers["x-amz-target"] !== undefined)
      return {
        headers: { "content-type": "application/x-amz-json-1.1" },
        body: '{"Name":"a","VersionId":"v","SecretString":"x"}',
      };
    if (path.startsWith("/v1/auth/"))
      return { body: '{"auth":{"client_token":"s.pod","lease_duration":60,"token_type":"service"}}' };
    if (path.startsWith("/v1/")) return { body: '{"data":{"k":"x"}}' };
    const chained = loginAnswer.replaceAll("WithWebIdentity", "").replace("ASIAPOD", "ASIASECOND");
    return {
      headers: { "content-type": "text/xml" },
      body: body.includes("WithWebIdentity") ? loginAnswer : chained,
    };
  });
  const home = join(directory, "home");
  await mkdir(join(home, ".aws"), { recursive: true });
  await writeFile(join(directory, "jwks.json"), JSON.stringify(issuer.jwks()));
  latchkey = runLatchkey(
    [
      ...["serve", "--socket-dir", directory, "--version-key", "ephemeral", "--providers", "vault,aws"],
      ...["--token-keys", join(directory, "jwks.json"), "--token-issuer", issuer.issuer],
      ...[
        "--aws-endpoint-url",
        store.url,
        "--aws-pod-identity-url",
        store.url,
        "--allow-address",
        "127.0.0.1",
        "--mount-timeout",
        "5s",
      ],
    ],
    { env: ambient(home, trap.url) },
  );
  await latchkey.until(/"msg":"serving"/);
  driver = createDriver({ socketDir: directory });
});

afterAll(async () => {
  driver?.close();
  await latchkey?.stop();
  await Promise.all([store?.stop(), trap?.stop(), secureStore?.stop()]);
  await rm(directory, { recursive: true, force: true });
});

const pod = { name: "web-0", namespace: "shop", uid: "1", serviceAccount: "payments" };

async function mount(provider: string, parameters: Record<string, string>, withTokens = true): Promise<string> {
  const tokens = await issuer.tokens(pod, withTokens ? ["vault", "sts.amazonaws.com", "pods.eks.amazonaws.com"] : []);
  const volume = `${provider}-${withTokens}-${JSON.stringify(parameters).length}`;
  return await driver
    .publish({ provider, parameters, pod, tokens, targetRoot: directory, volume, timeoutMs: 6_000 })
    .then(
      () => "mounted",
      (error: Error) => error.message,
    );
}

const aws = {
  region: "eu-west-1",
  roleArn: "arn:aws:iam::123456789012:role/pod",
  objects: "- { objectName: a, objectType: secretsmanager }",
};
const vault = (address: string) => ({
  vaultAddress: address,
  roleName: "r",
  objects: "- { objectName: a, secretPath: kv/a, secretKey: k }",
});

describe("ambient credentials, with those of every SDK planted", () => {
  it("are not used by AWS: the pod's role is assumed with the pod's token, and signs", async () => {
    expect(await mount("aws", aws)).toBe("mounted");
    const [login, read] = store.requests.slice(-2);
    const form = new URLSearchParams(String(login?.body));
    expect(form.get("RoleArn")).toBe(aws.roleArn);
    expect(form.get("WebIdentityToken")).toMatch(/^eyJ/);
    expect(login?.headers.authorization).toBe(undefined);
    expect(read?.headers.authorization).toMatch(/Credential=ASIAPOD\/\d+\/eu-west-1\/secretsmanager\//);
  });

  const parameter = { ...aws, objects: "- { objectName: p, objectType: ssmparameter }" };

  it("are not used by Parameter Store, by a second role or by EKS Pod Identity", async () => {
    const second = { ...parameter, assumeRoleArn: "arn:aws:iam::123456789012:role/second" };
    const { roleArn: _, ...byPod } = { ...parameter, region: "eu-north-1", usePodIdentity: "true" };
    const before = store.requests.length;
    for (const parameters of [parameter, second, byPod]) expect(await mount("aws", parameters)).toBe("mounted");
    const keys = store.requests
      .slice(before)
      .map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? "")?.[1]);
    // The first is logged in already, for secrets.
    expect(keys).toEqual(["ASIAPOD", undefined, "ASIAPOD", "ASIASECOND", undefined, "ASIAAGENT"]);
  });

  it("do not stand in where the pod has no token", async () => {
    const before = store.requests.length;
    expect(await mount("aws", aws, false)).toMatch(/^LK0011 /);
    expect(await mount("aws", { ...parameter, usePodIdentity: "true", roleArn: "" }, false)).toMatch(/^LK0011 /);
    expect(await mount("vault", vault(store.url), false)).toMatch(/^LK0011 /);
    expect(store.requests.length).toBe(before);
  });

  it("are not used by Vault: the pod logs in first, at the plain path", async () => {
    const before = store.requests.length;
    expect(await mount("vault", vault(store.url))).toBe("mounted");
    const seen = store.requests
      .slice(before)
      .map(({ method, path, headers }) => [method, path, headers["x-vault-token"]]);
    expect(seen.slice(0, 2)).toEqual([
      ["POST", "/v1/auth/kubernetes/login", undefined],
      ["GET", "/v1/kv/a", "s.pod"],
    ]);
  });

  it("do not turn the check of certificates off", async () => {
    expect(await mount("vault", vault(secureStore.url))).toMatch(/^LK0039 /);
    expect(secureStore.requests.length).toBe(0);
  });

  it("lead to no other server", () => {
    expect(trap.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});
