import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ProviderError } from "../../../src/errors.ts";
import { oauthError } from "../../servers/gcp/errors.ts";
import { clusterPool, clusterProvider, federation } from "../../servers/gcp.ts";
import { asPod, member, type OpenedGcp, type OpenOptions, openGcp, textOf } from "./opened-gcp.ts";

const account = "db-reader@shop-prod.iam.gserviceaccount.com";
const other = "middle@shop-prod.iam.gserviceaccount.com";
const annotated = { by: "pod", impersonate: { by: "annotation" }, keyFile: "ignored" } as const;
const annotation = "iam.gke.io/gcp-service-account";
const direct = "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools";

let opened: OpenedGcp;
let federated: OpenedGcp;

beforeAll(async () => {
  opened = await openGcp(() => ({}), ["127.0.0.1"]);
  federated = await openGcp(() => ({ pool: { kind: "federation", resource: federation } }));
  for (const { gcp } of [opened, federated]) gcp.addSecret("db", "hunter2");
});

afterEach(() => {
  opened.gcp.answerNormally();
  opened.gcp.state.readers = undefined;
  opened.gcp.state.accounts.clear();
});

afterAll(() => Promise.all([opened?.stop(), federated?.stop()]));

async function refusal(open: Promise<unknown>): Promise<ProviderError> {
  return await open.then(
    () => expect.unreachable("it should have failed"),
    (thrown: ProviderError) => thrown,
  );
}

async function readBy(how: OpenOptions, from = opened): Promise<string> {
  const session = await from.open(how);
  return textOf((await from.read(session))[0]);
}

describe("a pod logs in", () => {
  it("with its token for the cluster's pool, which the metadata server tells once", async () => {
    expect(await readBy({})).toBe("hunter2");
    expect(await readBy({})).toBe("hunter2");
    expect(opened.gcp.count(/project-id$/)).toBeLessThanOrEqual(2);
    expect(opened.gcp.count(/cluster-name$/)).toBe(1);
    const exchange = opened.gcp.server.requests.find(({ path }) => path.endsWith("/v1/token"));
    expect(JSON.parse(exchange?.body ?? "")).toEqual({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      audience: `identitynamespace:${clusterPool}:${clusterProvider}`,
      scope: "https://www.googleapis.com/auth/cloud-platform",
      requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      subject_token: opened.token,
    });
    expect(exchange?.headers.authorization).toBeUndefined();
  });

  it("while the metadata server is away, once it has told", async () => {
    opened.gcp.answerNext(/computeMetadata/, "reset", 100);
    expect(await readBy({})).toBe("hunter2");
  });

  it("with its token for a provider of a workload identity pool", async () => {
    expect(await readBy({}, federated)).toBe("hunter2");
    expect(federated.gcp.count(/computeMetadata/)).toBe(0);
  });

  it("as the account of its annotation", async () => {
    opened.gcp.state.accounts.set(account, new Set([member]));
    opened.gcp.state.readers = new Set([`serviceAccount:${account}`]);
    expect(await readBy({ identity: annotated, found: new Map([[annotation, account]]) })).toBe("hunter2");
    expect(await readBy({ identity: annotated })).toBe("LK0033 IAM_PERMISSION_DENIED");
  });

  it("through the delegates of its annotation", async () => {
    opened.gcp.state.accounts.set(other, new Set([member])).set(account, new Set([`serviceAccount:${other}`]));
    opened.gcp.state.readers = new Set([`serviceAccount:${account}`]);
    const delegates = ["iam.gke.io/gcp-service-account-delegates", JSON.stringify([other])] as const;
    expect(await readBy({ identity: annotated, found: new Map([[annotation, account], delegates]) })).toBe("hunter2");
  });

  it("as an account of its settings", async () => {
    opened.gcp.state.accounts.set(account, new Set([member]));
    opened.gcp.state.readers = new Set([`serviceAccount:${account}`]);
    const identity = { ...asPod, impersonate: { by: "account", account, delegates: [] } } as const;
    expect(await readBy({ identity })).toBe("hunter2");
  });

  it("by the key file that it brings, and not by its token", async () => {
    const key = await opened.gcp.keyFile(account);
    opened.gcp.state.readers = new Set([`serviceAccount:${account}`]);
    const credentials = { "key.json": key };
    expect(await readBy({ identity: { by: "keyFile" }, credentials })).toBe("hunter2");
    expect(await readBy({ identity: { ...annotated, keyFile: "preferred" }, credentials })).toBe("hunter2");
    // Not allowed, it is passed over.
    expect(await readBy({ identity: annotated, credentials })).toBe("LK0033 IAM_PERMISSION_DENIED");
  });

  it("as Latchkey itself by the node's account, where the operator allows it", async () => {
    const email = "node@shop-prod.iam.gserviceaccount.com";
    opened.gcp.state.metadata.set("instance/service-accounts/default/email", email);
    opened.gcp.state.readers = new Set([`serviceAccount:${email}`]);
    expect(await readBy({ identity: { by: "provider", keyFile: "ignored" } })).toBe("hunter2");
  });

  it("needs the two annotations, which need not be there, and nothing where the operator says none", async () => {
    const needs = opened.store.needs({ location: "global", identity: annotated });
    expect(needs.map(({ name, optional }) => [name, optional])).toEqual([
      [annotation, true],
      [`${annotation}-delegates`, true],
    ]);
    expect(opened.store.needs({ location: "global", identity: asPod })).toEqual([]);
    const without = await openGcp(() => ({ impersonation: "none" }));
    expect(without.store.needs({ location: "global", identity: annotated })).toEqual([]);
    await without.stop();
  });
});

describe("Latchkey's own credentials in a file", () => {
  it.each(["service account", "user", "configuration"])("may be those of a %s", async (kind) => {
    const file = join(tmpdir(), `lk-gcp-${process.pid}-${kind.replace(" ", "-")}.json`);
    const own = await openGcp(() => ({ credentialsFile: file }));
    own.gcp.addSecret("db", "hunter2");
    await writeFile(`${file}.token`, own.token);
    const user = {
      type: "authorized_user",
      client_id: "c",
      client_secret: "CANARY-client",
      refresh_token: "CANARY-refresh",
    };
    const configuration = {
      type: "external_account",
      audience: `identitynamespace:${clusterPool}:${clusterProvider}`,
      credential_source: { file: `${file}.token` },
    };
    const texts = new Map([
      ["service account", await own.gcp.keyFile(account)],
      ["user", JSON.stringify(user)],
      ["configuration", JSON.stringify(configuration)],
    ]);
    await writeFile(file, texts.get(kind) ?? "");
    expect(await readBy({ identity: { by: "provider", keyFile: "ignored" } }, own)).toBe("hunter2");
    // A configuration also says which pool knows the pods, if no metadata server does.
    own.gcp.state.metadata.clear();
    if (kind === "configuration") expect(await readBy({}, own)).toBe("hunter2");
    else expect((await refusal(own.open())).id).toBe("LK0030");
    await own.stop();
  });
});

describe("a login that fails says what to do", () => {
  const grant = `gcloud iam service-accounts add-iam-policy-binding ${account} --role roles/iam.workloadIdentityUser --member "${member}"`;

  it("where the pod may not act as the account", async () => {
    opened.gcp.state.accounts.set(account, new Set());
    const error = await refusal(opened.open({ identity: annotated, found: new Map([[annotation, account]]) }));
    expect([error.id, error.details.login, error.message, error.details.fix]).toEqual([
      "LK0032",
      true,
      `impersonating ${account} failed with status 403: PERMISSION_DENIED: Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)`,
      `check that ${account} exists, and let the pod act as it: ${grant}`,
    ]);
  });

  it("where the account does not exist", async () => {
    const error = await refusal(opened.open({ identity: annotated, found: new Map([[annotation, account]]) }));
    expect([error.id, error.details.fix]).toEqual([
      "LK0032",
      `check that ${account} exists, and let the pod act as it: ${grant}`,
    ]);
  });

  const exchanges = [
    [
      oauthError("invalid_grant", "The audience in ID Token does not match."),
      "LK0032",
      /workload pool shop-prod\.svc\.id\.goog/,
    ],
    [oauthError("invalid_target", "The pool is deleted."), "LK0032", /gcloud container clusters update/],
    [
      oauthError("invalid_grant", "Error connecting to the given credential's issuer."),
      "LK0030",
      /let Google reach the issuer/,
    ],
    [oauthError("server_error", "Try again.", 500), "LK0030", /.*/],
    [{ status: 429, body: {} }, "LK0031", /quota of sts\.googleapis\.com/],
    [
      { status: 403, headers: { "content-type": "text/html" }, body: "<html>CANARY proxy" },
      "LK0030",
      /proxy, ingress or balancer/,
    ],
    [
      { status: 200, headers: { "content-type": "text/html" }, body: "<html>CANARY portal" },
      "LK0030",
      /proxy, ingress or balancer/,
    ],
    [{ status: 200, body: {} }, "LK0036", /what answers/],
    [{ status: 200, body: { access_token: "" } }, "LK0036", /what answers/],
    [{ status: 200, body: { access_token: "a\r\nhost: evil" } }, "LK0036", /what answers/],
    [{ status: 200, body: "CANARY no JSON" }, "LK0036", /what answers/],
    [{ status: 200, body: [] }, "LK0036", /what answers/],
    ["reset" as const, "LK0030", /.*/],
  ] as const;
  it.each(exchanges)("where the exchange answers %o", async (answer, id, fix) => {
    opened.gcp.answerNext(/\/v1\/token$/, answer, 2);
    const error = await refusal(opened.open());
    expect([error.id, error.details.login]).toEqual([id, true]);
    expect(error.details.fix).toMatch(fix);
    expect(error.describe()).not.toMatch(/CANARY|eyJ/);
  });

  it.each([
    [
      new Map([[annotation, "no account"]]),
      /the annotation iam\.gke\.io\/gcp-service-account of the service account shop\/web/,
    ],
    [
      new Map([
        [annotation, account],
        [`${annotation}-delegates`, "{"],
      ]),
      /JSON list of such addresses/,
    ],
    [
      new Map([
        [annotation, account],
        [`${annotation}-delegates`, '["../x"]'],
      ]),
      /JSON list of such addresses/,
    ],
  ])("where an annotation cannot be used: %o", async (found, text) => {
    const error = await refusal(opened.open({ identity: annotated, found }));
    expect(error.id).toBe("LK0014");
    expect(error.describe()).toMatch(text);
  });

  it("where `auth` and a key file are both there", async () => {
    const identity = { ...annotated, keyFile: "refused" } as const;
    expect((await refusal(opened.open({ identity, credentials: { "key.json": "{}" } }))).id).toBe("LK0020");
  });

  const key = async (more: object) => JSON.stringify({ ...JSON.parse(await opened.gcp.keyFile(account)), ...more });
  const keys: readonly (readonly [what: string, make: () => Promise<string>, id: string, text: RegExp])[] = [
    ["no JSON", async () => "CANARY{", "LK0016", /key\.json of nodePublishSecretRef is not a JSON object/],
    ["no type", async () => "{}", "LK0016", /has no type/],
    ["an unknown type", () => key({ type: "CANARY" }), "LK0016", /a type that is not supported/],
    ["no key", () => key({ private_key: undefined }), "LK0016", /has no private_key/],
    ["a broken key", () => key({ private_key: "CANARY" }), "LK0016", /the private key of db-reader@.* cannot be used/],
    [
      "a key whose line breaks were escaped twice",
      async () => {
        const { private_key: pem } = JSON.parse(await opened.gcp.keyFile(account)) as { private_key: string };
        return await key({ private_key: pem.replaceAll("\n", "\\n") });
      },
      "LK0016",
      /the private key of db-reader@.* cannot be used: its line breaks are written as \\n\. Fix: store the text with its line breaks/,
    ],
    ["a URL that is none", () => key({ token_uri: "file:///etc/passwd" }), "LK0016", /token_uri that is not an https/],
    [
      "a URL with a password",
      () => key({ token_uri: "https://a:CANARY@b/token" }),
      "LK0016",
      /token_uri that is not an https/,
    ],
    [
      "another account",
      () => key({ client_email: "nobody@x" }),
      "LK0032",
      /nobody@x failed with status 400: invalid_grant/,
    ],
    [
      "a configuration, which reads the node's files",
      () => key({ type: "external_account", audience: federation, credential_source: { file: "/etc/passwd" } }),
      "LK0016",
      /takes its token from the node/,
    ],
    [
      "a configuration that runs a program",
      () => key({ type: "external_account", audience: federation, credential_source: { executable: {} } }),
      "LK0016",
      /something else than a file/,
    ],
  ];
  it.each(keys)("where the key file has %s", async (_, make, id, text) => {
    const error = await refusal(
      opened.open({ identity: { by: "keyFile" }, credentials: { "key.json": await make() } }),
    );
    expect(error.id).toBe(id);
    expect(error.describe()).toMatch(text);
    expect(error.describe()).not.toContain("CANARY");
  });

  it("where a key file leads to an address that pods may not choose", async () => {
    const strict = await openGcp();
    const text = await strict.gcp.keyFile(account);
    const error = await refusal(strict.open({ identity: { by: "keyFile" }, credentials: { "key.json": text } }));
    expect([error.id, strict.gcp.count(/^\/token$/)]).toEqual(["LK0022", 0]);
    await strict.stop();
  });

  it("where the request brings no key file", async () => {
    expect((await refusal(opened.open({ identity: { by: "keyFile" } }))).id).toBe("LK0016");
  });

  it("where the metadata server is no one of Google's", async () => {
    const fresh = await openGcp();
    fresh.gcp.answerNext(/computeMetadata/, { status: 200, body: "CANARY" }, 10);
    const error = await refusal(fresh.open());
    expect([error.id, error.message]).toEqual([
      "LK0030",
      "the metadata server of this node does not tell: what answers there is not Google's",
    ]);
    fresh.gcp.answerNormally();
    fresh.gcp.answerNext(/project-id/, { headers: { "metadata-flavor": "Google" }, body: "evil/../x" }, 1);
    expect((await refusal(fresh.open())).id).toBe("LK0020");
    await fresh.stop();
  });
});

describe("principals", () => {
  it("are named in denials, of a cluster and of a pool", async () => {
    for (const [from, principal] of [
      [opened, `${direct}/${clusterPool}/subject/ns/shop/sa/web`],
      [federated, `${direct}/elsewhere/subject/system:serviceaccount:shop:web`],
    ] as const) {
      from.gcp.state.readers = new Set();
      const session = await from.open();
      const [outcome] = await from.read(session);
      expect(outcome?.ok === false && outcome.error.details.fix).toBe(
        `check that the secret exists, and grant the role: gcloud secrets add-iam-policy-binding db --project shop-prod --role roles/secretmanager.secretAccessor --member "${principal}"`,
      );
      from.gcp.state.readers = undefined;
    }
  });
});
