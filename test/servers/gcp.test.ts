import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ParameterManagerClient } from "@google-cloud/parametermanager";
import { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import { IdentityPoolClient, JWT, OAuth2Client } from "google-auth-library";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTokenIssuer } from "../tokens.ts";
import { apiDisabled } from "./gcp/errors.ts";
import { tokenFor } from "./gcp/logins.ts";
import { clusterPool, clusterProvider, federation, type GcpServer, startGcp } from "./gcp.ts";

// Google's own clients hold the played Google Cloud: what they send is accepted, and what it answers they take.

const account = "reader@shop-prod.iam.gserviceaccount.com";

let gcp: GcpServer;
let client: SecretManagerServiceClient;

beforeAll(async () => {
  gcp = await startGcp();
  gcp.addSecret("db", "hunter2", { labels: { team: "shop" } });
  gcp.addSecret("eu", Buffer.from([0, 255]), { location: "europe-west1" });
  for (const name of ["a-one", "a-two", "a-three", "b-four"]) gcp.addSecret(name, name, { labels: { team: "shop" } });
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: tokenFor(gcp.state, `serviceAccount:${account}`) });
  const { hostname, port } = new URL(gcp.url);
  client = new SecretManagerServiceClient({
    ...{ fallback: true, protocol: "http", apiEndpoint: hostname, port: Number(port) },
    ...{ authClient, projectId: "shop-prod" },
  } as ConstructorParameters<typeof SecretManagerServiceClient>[0]);
});

afterAll(async () => {
  await client?.close();
  await gcp?.stop();
});

async function refusal(run: Promise<unknown>) {
  return await run.then(
    () => expect.unreachable("it should have failed"),
    (error: { code?: number; message?: string; reason?: string }) => error,
  );
}

describe("the official client of Secret Manager, over REST", () => {
  it("reads a version, and takes its CRC", async () => {
    const [version] = await client.accessSecretVersion({ name: "projects/shop-prod/secrets/db/versions/latest" });
    expect(version.name).toBe("projects/123456789012/secrets/db/versions/1");
    expect(Buffer.from(version.payload?.data ?? "").toString()).toBe("hunter2");
    expect(String(version.payload?.dataCrc32c)).toMatch(/^\d+$/);
  });

  it("reads a version of a region", async () => {
    const name = "projects/shop-prod/locations/europe-west1/secrets/eu/versions/1";
    const [version] = await client.accessSecretVersion({ name });
    expect(Buffer.from((version.payload?.data as Uint8Array | undefined) ?? [])).toEqual(Buffer.from([0, 255]));
  });

  it("lists secrets over pages, by a filter", async () => {
    gcp.state.pageSize = 2;
    const [secrets] = await client.listSecrets({
      parent: "projects/shop-prod",
      filter: 'name:a- AND labels.team="shop"',
    });
    gcp.state.pageSize = 1_000;
    expect(secrets.map(({ name }) => name?.split("/").at(-1)).sort()).toEqual(["a-one", "a-three", "a-two"]);
  });

  const version = "projects/shop-prod/secrets/db/versions";
  it("takes its errors: absent, in another state, denied, an API that is off", async () => {
    expect((await refusal(client.accessSecretVersion({ name: `${version}/9` }))).code).toBe(5);
    const stored = gcp.state.secrets.get("projects/shop-prod/secrets/db")?.versions[0];
    if (stored !== undefined) stored.state = "DISABLED";
    const disabled = await refusal(client.accessSecretVersion({ name: `${version}/1` }));
    if (stored !== undefined) stored.state = "ENABLED";
    expect([disabled.code, disabled.message]).toEqual([9, expect.stringContaining("is in DISABLED state")]);
    gcp.state.readers = new Set();
    const denied = await refusal(client.accessSecretVersion({ name: `${version}/1` }));
    gcp.state.readers = undefined;
    expect([denied.code, denied.reason]).toEqual([7, "IAM_PERMISSION_DENIED"]);
    gcp.answerNext(/:access$/, apiDisabled("secretmanager.googleapis.com", "123456789012"));
    const off = await refusal(client.accessSecretVersion({ name: `${version}/1` }));
    expect([off.code, off.reason]).toEqual([7, "SERVICE_DISABLED"]);
  });

  it("is told of a token that is none", async () => {
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: "ya29.other" });
    const { hostname, port } = new URL(gcp.url);
    const stranger = new SecretManagerServiceClient({
      ...{ fallback: true, protocol: "http", apiEndpoint: hostname, port: Number(port), authClient, projectId: "p" },
    } as ConstructorParameters<typeof SecretManagerServiceClient>[0]);
    expect((await refusal(stranger.accessSecretVersion({ name: `${version}/1` }))).code).toBe(16);
    await stranger.close();
  });
});

describe("the official client of Parameter Manager, over REST", () => {
  const parent = "projects/shop-prod/locations/europe-west1";
  const numbered = "projects/123456789012/locations/europe-west1/parameters";
  let parameters: ParameterManagerClient;

  beforeAll(() => {
    gcp.putParameter("plain", "v1", "one", { location: "europe-west1", labels: { team: "shop" } });
    gcp.putParameter("plain", "v2", "two", { location: "europe-west1" });
    gcp.addSecret("referred", "hunter2");
    const reference = '__REF__("//secretmanager.googleapis.com/projects/shop-prod/secrets/referred/versions/1")';
    gcp.putParameter("app", "v1", `password: ${reference}\n`, { location: "europe-west1", format: "YAML" });
    for (const name of ["app-two", "app-three"]) {
      gcp.putParameter(name, "v1", name, { location: "europe-west1", labels: { team: "shop" } });
    }
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: tokenFor(gcp.state, `serviceAccount:${account}`) });
    const { hostname, port } = new URL(gcp.url);
    parameters = new ParameterManagerClient({
      ...{ fallback: true, protocol: "http", apiEndpoint: hostname, port: Number(port) },
      ...{ authClient, projectId: "shop-prod" },
    } as unknown as ConstructorParameters<typeof ParameterManagerClient>[0]);
  });

  afterAll(async () => await parameters?.close());

  it("renders a version, with the secrets that it refers to", async () => {
    const [rendered] = await parameters.renderParameterVersion({ name: `${parent}/parameters/app/versions/v1` });
    expect(rendered.parameterVersion).toBe(`${numbered}/app/versions/v1`);
    expect(Buffer.from((rendered.renderedPayload as Uint8Array) ?? []).toString()).toBe("password: hunter2\n");
    expect(Buffer.from((rendered.payload?.data as Uint8Array) ?? []).toString()).toContain("__REF__");
  });

  it("lists versions over pages, with their times and what is disabled", async () => {
    const stored = gcp.state.parameters.get(`${parent}/parameters/plain`)?.versions.get("v1");
    if (stored !== undefined) stored.disabled = true;
    gcp.state.pageSize = 1;
    const [versions] = await parameters.listParameterVersions({ parent: `${parent}/parameters/plain` });
    gcp.state.pageSize = 1_000;
    if (stored !== undefined) stored.disabled = false;
    expect(versions.map(({ name, disabled }) => [name, disabled])).toEqual([
      [`${numbered}/plain/versions/v1`, true],
      [`${numbered}/plain/versions/v2`, false],
    ]);
    const [first, second] = versions.map(({ createTime }) => Number(createTime?.seconds));
    expect(first).toBeLessThan(second ?? 0);
  });

  it("lists parameters over pages, by a filter", async () => {
    gcp.state.pageSize = 1;
    const [found] = await parameters.listParameters({ parent, filter: 'name:app- AND labels.team="shop"' });
    gcp.state.pageSize = 1_000;
    expect(found.map(({ name }) => name).sort()).toEqual([`${numbered}/app-three`, `${numbered}/app-two`]);
  });

  it("takes its errors: absent, disabled, denied, an API that is off", async () => {
    const name = `${parent}/parameters/plain/versions/v1`;
    // Its library hands on the status of HTTP, and Google's own words as the message.
    const said = async (path = name) => {
      const { code, message } = await refusal(parameters.renderParameterVersion({ name: path }));
      return [Number(code), message];
    };
    expect(await said(`${name}9`)).toEqual([404, expect.stringContaining(`Resource '${numbered}/plain/versions/v19'`)]);
    const stored = gcp.state.parameters.get(`${parent}/parameters/plain`)?.versions.get("v1");
    if (stored !== undefined) stored.disabled = true;
    const disabled = await said();
    if (stored !== undefined) stored.disabled = false;
    expect(disabled).toEqual([400, expect.stringContaining("is disabled")]);
    gcp.state.readers = new Set();
    const denied = await said();
    gcp.state.readers = undefined;
    expect(denied).toEqual([403, expect.stringContaining("parametermanager.parameterVersions.render")]);
    gcp.answerNext(/:render$/, apiDisabled("parametermanager.googleapis.com", "123456789012"));
    expect(await said()).toEqual([403, expect.stringContaining("it is disabled. Enable it")]);
  });
});

describe("google-auth-library", () => {
  it("logs in with a key file", async () => {
    const key = JSON.parse(await gcp.keyFile(account));
    const jwt = new JWT({
      email: key.client_email,
      key: key.private_key,
      keyId: key.private_key_id,
      scopes: ["https://www.googleapis.com/auth/cloud-platform"],
    });
    // The library has one server for all keys.
    jwt.transporter.defaults = {
      ...jwt.transporter.defaults,
      adapter: async (options, fetch) => await fetch({ ...options, url: new URL(`${gcp.url}/token`) }),
    };
    const { token } = await jwt.getAccessToken();
    expect(gcp.state.tokens.get(token ?? "")).toBe(`serviceAccount:${account}`);
  });

  it.each([
    [
      "a GKE cluster or fleet",
      `identitynamespace:${clusterPool}:${clusterProvider}`,
      clusterPool,
      `serviceAccount:${clusterPool}[shop/web]`,
    ],
    ["a workload identity pool", federation, federation, `${federation} system:serviceaccount:shop:web`],
  ] as const)("exchanges a token for %s, and acts as a service account", async (_, audience, tokenAudience, member) => {
    const issuer = await createTokenIssuer();
    const file = join(tmpdir(), `lk-official-${process.pid}`);
    await writeFile(file, await issuer.token({ namespace: "shop", serviceAccount: "web", audience: tokenAudience }));
    gcp.state.accounts.set(account, new Set([member]));
    const options = {
      type: "external_account",
      audience,
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: `${gcp.url}/v1/token`,
      credential_source: { file },
      scopes: ["https://www.googleapis.com/auth/cloud-platform"],
    };
    const direct = await new IdentityPoolClient(options).getAccessToken();
    expect(gcp.state.tokens.get(direct.token ?? "")).toBe(member);
    const service_account_impersonation_url = `${gcp.url}/v1/projects/-/serviceAccounts/${account}:generateAccessToken`;
    const acting = new IdentityPoolClient({ ...options, service_account_impersonation_url });
    expect(gcp.state.tokens.get((await acting.getAccessToken()).token ?? "")).toBe(`serviceAccount:${account}`);
  });
});
