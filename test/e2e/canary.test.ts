import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDriver, type Driver, type PublishOptions } from "../driver.ts";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { type Moto, startMoto } from "../servers/moto.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { allowReads, enableJwtAuth, putKv2, writeJwtRole } from "../servers/openbao-setup.ts";
import { type ScriptedServer, startScripted } from "../servers/scripted.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { type Latchkey, runLatchkey, runToEnd } from "./process.ts";

/** Planted wherever a secret, a token or a credential can be; nothing that Latchkey says may hold it. */
const canary = "kanarienvogel7391";
/** Forms that a careless text could give it. */
const forms = [
  canary,
  Buffer.from(canary).toString("base64").slice(0, 20),
  Buffer.from(canary).toString("hex"),
  encodeURIComponent(canary),
  // As Node prints buffers.
  (Buffer.from(canary).toString("hex").match(/../g) ?? []).join(" "),
];

/** Every switch that makes Node, grpc-js, node-vault and the AWS SDK talk. */
const talkative = {
  DEBUG: "*",
  NODE_DEBUG: "http,https,http2,tls,net,undici,fetch,timer",
  GRPC_TRACE: "all",
  GRPC_VERBOSITY: "DEBUG",
  GRPC_NODE_TRACE: "all",
  GRPC_NODE_VERBOSITY: "DEBUG",
  LOG_TOKENS: "1",
  LOG_STREAM: "1",
  LATCHKEY_LOG_LEVEL: "trace",
};

let directory: string;
let issuer: TokenIssuer;
let bao: OpenBao;
let moto: Moto;
let cluster: KubernetesApi;
let echo: ScriptedServer;
let latchkey: Latchkey;
let driver: Driver;
const said: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-"));
  issuer = await createTokenIssuer();
  [bao, moto, cluster] = await Promise.all([startOpenBao({ tls: true }), startMoto(), startKubernetes(issuer)]);
  await cluster.writeCredentials(directory);
  cluster.setSecret("shop", "foreign", { text: Buffer.from(canary).toString("base64") });
  await enableJwtAuth(bao, { publicKeyPem: issuer.publicKeyPem() });
  await allowReads(bao, "canary", ["secret/data/canary"]);
  await writeJwtRole(bao, { role: "canary", audience: "vault", policies: ["canary"] });
  await putKv2(bao, "canary", { text: canary, broken: `${canary}%%%` });
  await putKv2(bao, "denied", { text: canary });
  await moto.createSecret("eu-west-1", "canary", `{"text":"${canary}"`);
  // Sends back what it was sent, body, headers and token, in the errors that users are shown, and a secret beside them.
  echo = await startScripted(({ headers, body }) => {
    const errors = [JSON.stringify(headers), String(body)];
    return { status: 400, body: JSON.stringify({ errors, data: { text: canary }, message: canary }) };
  });
  const files = join(directory, "files");
  await mkdir(files);
  await writeFile(join(files, "broken.json"), `{"text": "${canary}`);
  await writeFile(join(files, "good.json"), `{"text":"${canary}"}`);
  await writeFile(join(files, "good.yaml"), `text: ${canary}\n`);
  await writeFile(join(files, "large"), canary.repeat(300_000));
  await writeFile(join(directory, "version.key"), Buffer.alloc(32, "v"));
  await writeFile(join(directory, "jwks.json"), JSON.stringify(issuer.jwks()));
  await writeFile(join(directory, "config.yaml"), `profiles: { files: { kind: file, directory: ${files} } }\n`);
  latchkey = runLatchkey(
    [
      ...["serve", "--socket-dir", directory, "--version-key-file", join(directory, "version.key")],
      ...["--providers", "latchkey,vault,aws", "--sync", "--kubernetes-api", cluster.url],
      ...["--kubernetes-token-file", join(directory, "token"), "--kubernetes-ca-file", join(directory, "ca.crt")],
      ...["--config", join(directory, "config.yaml"), "--token-keys", join(directory, "jwks.json")],
      ...["--token-issuer", issuer.issuer, "--vault-tls-ca-cert", bao.caFile ?? "", "--aws-endpoint-url", moto.url],
      ...["--allow-address", "127.0.0.1", "--admin-listen", "127.0.0.1:0", "--audit", "required", "--audit-file", "-"],
    ],
    { env: talkative },
  );
  await latchkey.until(/"msg":"serving"/);
  driver = createDriver({ socketDir: directory });
});

afterAll(async () => {
  driver?.close();
  await latchkey?.stop();
  await Promise.all([bao?.stop(), moto?.stop(), cluster?.stop(), echo?.stop()]);
  await rm(directory, { recursive: true, force: true });
});

const pod = { name: "web-0", namespace: "shop", uid: "1", serviceAccount: "payments" };

/** One mount; what came of it is kept to be searched. */
async function mount(
  provider: string,
  parameters: Record<string, string>,
  more: Partial<PublishOptions> = {},
): Promise<string> {
  const tokens = await issuer.tokens({ ...pod, overrides: { canary } }, ["vault", "sts.amazonaws.com"]);
  const volume = `v${said.length}`;
  const request = {
    provider,
    parameters,
    pod,
    tokens,
    targetRoot: directory,
    volume,
    secrets: { password: canary },
    ...more,
  };
  const end = await driver.publish(request).then(
    ({ podStatus }) => JSON.stringify(podStatus),
    (error: Error) => error.message,
  );
  said.push(end);
  return end;
}

function vault(objects: string, address = bao.address) {
  return { vaultAddress: address, roleName: "canary", objects };
}

/** A mount of a class that has a Kubernetes Secret made of the secret. */
async function withSecret(secret: string) {
  const secrets = "- { store: files, name: good.json, files: [{ path: a, key: text }] }";
  const parameters = { ...native(secrets), kubernetesSecrets: `[${secret}]` };
  const secretProviderClass = `class-${said.length}`;
  cluster.setClass("shop", secretProviderClass, { provider: "latchkey", parameters });
  return await mount("latchkey", parameters, { secretProviderClass });
}

function native(secrets: string) {
  return { stores: "files: { profile: files }", secrets };
}

describe("no secret, token or credential is in any text", () => {
  const object = (rest: string) => `- { objectName: a, ${rest} }`;
  const mounts: readonly [string, () => Promise<string>, RegExp][] = [
    [
      "a vault mount that works",
      () => mount("vault", vault(object("secretPath: secret/data/canary, secretKey: text"))),
      /"id":"a"/,
    ],
    [
      "a native mount that works",
      () => mount("latchkey", native("- { store: files, name: good.json, files: [{ path: a, key: text }] }")),
      /"id":"a"/,
    ],
    [
      "a native mount of YAML that works",
      () => mount("latchkey", native("- { store: files, name: good.yaml, files: [{ path: a, key: text }] }")),
      /"id":"a"/,
    ],
    [
      "an aws mount that works",
      () =>
        mount("aws", {
          region: "eu-west-1",
          roleArn: "arn:aws:iam::123456789012:role/r",
          objects: object("objectName: canary, objectType: secretsmanager").replace("objectName: a, ", ""),
        }),
      /"id":"canary"/,
    ],
    ["a Kubernetes Secret that is written", () => withSecret("{ name: db, data: { text: { file: a } } }"), /"id":"a"/],
    [
      "a Kubernetes Secret of somebody else",
      () => withSecret("{ name: foreign, data: { text: { file: a } } }"),
      /"id":"a"/,
    ],
    [
      "a Kubernetes Secret that cannot be made of it",
      () => withSecret("{ name: docker, type: dockerconfigjson, data: { .dockerconfigjson: { file: a } } }"),
      /"id":"a"/,
    ],
    [
      "a Kubernetes Secret while the API refuses",
      async () => {
        cluster.setFault(403);
        const end = await withSecret("{ name: denied, data: { text: { file: a } } }");
        cluster.setFault("none");
        return end;
      },
      /"id":"a"/,
    ],
    [
      "a denied secret",
      () => mount("vault", vault(object("secretPath: secret/data/denied, secretKey: text"))),
      /LK0033/,
    ],
    [
      "a missing key",
      () => mount("vault", vault(object("secretPath: secret/data/canary, secretKey: nothing"))),
      /LK0035/,
    ],
    [
      "a value that cannot be decoded",
      () => mount("vault", vault(object("secretPath: secret/data/canary, secretKey: broken, encoding: base64"))),
      /LK0040/,
    ],
    [
      "a refused login",
      () => mount("vault", { ...vault(object("secretPath: secret/data/canary, secretKey: text")), roleName: "other" }),
      /LK0032/,
    ],
    [
      "a server that echoes everything at login",
      () => mount("vault", vault(object("secretPath: a, secretKey: b"), echo.url)),
      /LK0032/,
    ],
    [
      "a server that cannot be reached",
      () => mount("vault", vault(object("secretPath: a, secretKey: b"), "http://127.0.0.1:1")),
      /LK0030/,
    ],
    [
      "broken JSON in a file",
      () => mount("latchkey", native("- { store: files, name: broken.json, files: [{ path: a, key: text }] }")),
      /LK0040/,
    ],
    [
      "a reply that is too large",
      () => mount("latchkey", native("- { store: files, name: large, files: [{ path: a }] }")),
      /LK0005/,
    ],
    [
      "tokens that are no JSON",
      () =>
        mount("vault", vault("[]"), {
          tokensIn: "attributes",
          volumeAttributes: {},
          secrets: { "csi.storage.k8s.io/serviceAccount.tokens": `{"vault": "${canary}` },
        }),
      /LK0002/,
    ],
    [
      "a token of somebody else",
      async () =>
        mount("vault", vault(object("secretPath: a, secretKey: b")), {
          tokens: await issuer.tokens({ namespace: "x", serviceAccount: "y", overrides: { canary } }, ["vault"]),
        }),
      /LK0010/,
    ],
  ];
  it.each(mounts)("%s", async (_, work, end) => {
    expect(await work()).toMatch(end);
  });

  it("not in errors and statuses, the log, traces, metrics or help", async () => {
    const port = /"adminPort":(\d+)/.exec(latchkey.output())?.[1];
    for (const path of ["healthz", "readyz", "metrics", ""])
      said.push(await (await fetch(`http://127.0.0.1:${port}/${path}`)).text());
    said.push((await runToEnd(["serve", "--help"], { env: { ...talkative, LATCHKEY_TOKEN: canary } })).output);
    latchkey.signal("SIGTERM");
    expect(await latchkey.ended).toBe(0);
    const texts = [...said, latchkey.output()];
    for (const form of forms) {
      const leaks = texts
        .filter((text) => text.includes(form))
        .map((text) => text.slice(Math.max(0, text.indexOf(form) - 200), text.indexOf(form) + 50));
      expect(leaks).toEqual([]);
    }
    // Tokens by their own text: the header of a JWT says that one is there.
    expect(texts.filter((text) => /eyJ[\w-]{20,}\.eyJ/.test(text)).length).toBe(0);
    expect(texts.filter((text) => /\b[sb]\.[A-Za-z0-9]{24}/.test(text)).length).toBe(0);
    // Nothing but the data of what was applied, and the one bearer token, went to the Kubernetes API.
    expect(cluster.secret("shop", "db")).toEqual({ text: Buffer.from(canary).toString("base64") });
    for (const { url, headers, body } of cluster.requests) {
      const { data: _, ...rest } = body === "" ? {} : JSON.parse(body);
      const sent = JSON.stringify([url, headers, rest]).replaceAll(cluster.token, "");
      expect(forms.filter((form) => sent.includes(form))).toEqual([]);
    }
    expect(latchkey.output()).toMatch(/"result":"written"/);
    for (const answer of ["fetched", "cached", "denied", "failed"]) {
      expect(latchkey.output()).toMatch(new RegExp(`"audit":1,.*"answer":"${answer}"`));
    }
    for (const id of ["LK0052", "LK0053", "LK0013"]) expect(latchkey.output()).toContain(`"error":"${id}`);
    expect(latchkey.output()).not.toContain(cluster.token);
    // The switches were on: otherwise this proves nothing.
    expect(latchkey.output()).toMatch(/HTTP \d+:|NET \d+:/);
  });
});
