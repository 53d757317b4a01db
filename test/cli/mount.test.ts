import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classOf } from "../lint/lint-of.ts";
import { type Moto, startMoto } from "../servers/moto.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { allowReads, enableJwtAuth, putKv2, writeJwtRole } from "../servers/openbao-setup.ts";
import { createTokenIssuer } from "../tokens.ts";
import { run } from "./run.ts";

let cwd: string;
let bao: OpenBao;
let moto: Moto;
let token: string;

const who = ["--namespace", "shop", "--service-account", "web"];
const subject = "system:serviceaccount:shop:web";

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  [cwd, bao, moto] = await Promise.all([mkdtemp(join(tmpdir(), "latchkey-mount-")), startOpenBao(), startMoto()]);
  await enableJwtAuth(bao, { publicKeyPem: issuer.publicKeyPem() });
  await allowReads(bao, "web", ["secret/data/shop/*"]);
  await writeJwtRole(bao, { role: "web", audience: "vault", subject, policies: ["web"] });
  await putKv2(bao, "shop/db", { user: "u", password: "CANARY-1" });
  await moto.createSecret("eu-west-1", "prod/key", "CANARY-2");
  token = await issuer.token({ namespace: "shop", serviceAccount: "web", audience: ["vault", "sts.amazonaws.com"] });
  await writeFile(join(cwd, "token"), `${token}\n`);
  await writeFile(join(cwd, "a.yaml"), `${native()}---\n${classOf("aws", aws).replace("name: web", "name: cloud")}`);
});

afterAll(async () => {
  await Promise.all([bao?.stop(), moto?.stop()]);
  await rm(cwd, { recursive: true, force: true });
});

const aws = {
  region: "eu-west-1",
  roleArn: "arn:aws:iam::123456789012:role/web",
  objects: "- { objectName: prod/key, objectType: secretsmanager, objectAlias: key, filePermission: '0400' }\n",
};

function native(): string {
  return classOf("latchkey", {
    stores: `vault: { kind: vault, address: "${bao.address}", role: web }\n#\n`,
    secrets:
      "- store: vault\n  name: secret/data/shop/db\n  files:\n    - { path: db/password, key: password, mode: '0440' }\n    - { path: db/user, key: user }\n    - { path: all.json }\n",
  });
}

/** Mounts as a person would; the test's servers are on loopback, which a SecretProviderClass may not name by itself. */
function mount(...args: readonly string[]) {
  return run(["mount", "a.yaml", ...who, "--allow-address", "127.0.0.1", ...args], { cwd, env: { POD_TOKEN: token } });
}

describe("latchkey mount", () => {
  it("makes the files that a pod would get, and shows sizes, modes and versions, but no value", async () => {
    const { code, stdout, stderr } = await mount("--name", "web", "--token-file", "token", "--target", "out/web");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.replace(/version \S{43}=/g, "version HMAC")).toBe(
      [
        "out/web",
        "  all.json  0644  34 bytes  version HMAC",
        "  db/",
        "    password  0440  8 bytes  version HMAC",
        "    user  0644  1 byte  version HMAC",
        "",
      ].join("\n"),
    );
    expect(await readFile(join(cwd, "out/web/db/password"), "utf8")).toBe("CANARY-1");
    expect((await stat(join(cwd, "out/web/db/password"))).mode & 0o777).toBe(0o440);
  });

  it("shows values when it is asked to, and takes tokens from variables and for named audiences", async () => {
    const { stdout } = await mount("--name", "web", "--token-env", "POD_TOKEN", "--target", "values", "--values");
    expect(stdout).toContain("\n      | CANARY-1\n");
    const named = await mount("--name", "web", "--token", "vault=token", "--target", "named");
    expect([named.code, named.stdout.includes("CANARY")]).toEqual([0, false]);
  });

  it("mounts from AWS", async () => {
    const { code, stdout } = await mount(
      "--name",
      "cloud",
      "--token-file",
      "token",
      "--target",
      "cloud",
      "--aws-endpoint-url",
      moto.url,
    );
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^cloud\n {2}key {2}0400 {2}8 bytes {2}version [-0-9a-f]{36}\n$/),
    ]);
  });

  it("fails as the pod would, and then writes nothing", async () => {
    const { code, stdout, stderr } = await mount("--name", "web", "--target", "failed");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^latchkey: LK0011 secrets\[0\].*"vault"/);
    // There is no CSIDriver at a shell.
    expect(stderr).toMatch(
      /kubectl create token \S+ --namespace \S+ --audience vault > token, then --token-file token/,
    );
    expect(stderr).not.toContain("tokenRequests");
    await expect(readdir(join(cwd, "failed"))).rejects.toMatchObject({ code: "ENOENT" });
    const refused = await run(
      ["mount", "a.yaml", ...who, "--name", "web", "--token-file", "token", "--target", "failed"],
      { cwd },
    );
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("LK0022")]);
  });

  /** Mounts a class whose Secrets are made of a password with a quote in it. */
  async function withSecrets(kubernetesSecrets: string, target: string, ...args: readonly string[]) {
    await putKv2(bao, "shop/registry", { user: "u", password: 'CANARY-"3', empty: "" });
    const input = classOf("latchkey", {
      stores: `vault: { kind: vault, address: "${bao.address}", role: web }\n#\n`,
      secrets:
        "- { store: vault, name: secret/data/shop/registry, as: registry, files: [{ path: password, key: password }, { path: empty, key: empty }] }\n#\n",
      kubernetesSecrets: `${kubernetesSecrets}\n#\n`,
    });
    const flags = ["--allow-address", "127.0.0.1", "--token-file", "token", "--target", target, ...args];
    return await run(["mount", "-", ...who, ...flags], { cwd, input });
  }

  const docker = (password: string) =>
    `- name: pull\n  type: dockerconfigjson\n  data:\n    .dockerconfigjson:\n      template: '{"auths":{"r":{"username":"u","password":${password}}}}'`;

  it("shows the Kubernetes Secrets that would be written, without their values", async () => {
    const secrets = `- { name: db, type: basic-auth, data: { password: { file: password }, username: { template: "{{ registry.user }}" } } }
- { name: frozen, immutable: true, data: { a: { file: empty } } }
${docker("{{ registry.password | json }}")}`;
    const { code, stdout, stderr } = await withSecrets(secrets, "synced", "--sync", "true");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.replace(/version \S+/g, "version V")).toBe(`synced
  empty  0644  0 bytes  version V
  password  0644  9 bytes  version V

Kubernetes Secrets that a node would write in namespace shop:
  db, kubernetes.io/basic-auth
    password  9 bytes
    username  1 byte
  frozen-<hash>, immutable, Opaque
    a  0 bytes
  pull, kubernetes.io/dockerconfigjson
    .dockerconfigjson  56 bytes
`);
  });

  it.each([
    [
      "a registry's password that breaks the JSON around it",
      docker('"{{ registry.password }}"'),
      "LK0053 kubernetesSecrets[0]: what is to be .dockerconfigjson is not a JSON object. Fix: ",
    ],
    [
      "an empty key",
      "- { name: ssh, type: ssh-auth, data: { ssh-privatekey: { file: empty } } }",
      "LK0053 kubernetesSecrets[0]: what is to be ssh-privatekey is empty. Fix: store the private key",
    ],
    [
      "a key that the secret does not have",
      '- { name: s, data: { a: { template: "{{ registry.token }}" } } }',
      "kubernetesSecrets[0]",
    ],
  ])("fails where no Kubernetes Secret could be made: %s", async (_, secrets, message) => {
    const { code, stdout, stderr } = await withSecrets(secrets, "unsynced", "--sync", "true");
    expect([code, stdout, stderr]).toEqual([1, "", expect.stringContaining(message)]);
    expect(stderr).not.toContain("CANARY");
    await expect(readdir(join(cwd, "unsynced"))).rejects.toMatchObject({ code: "ENOENT" });
    // What the first of them is told does not hide the second.
    const both = await withSecrets(
      `${secrets}\n${secrets.replace(/name: \w+/, "name: other")}`,
      "unsynced",
      "--sync",
      "true",
    );
    expect(both.stderr.match(/^latchkey: /gm)?.length).toBe(2);
  });

  it("refuses Kubernetes Secrets that are not switched on, as a node does", async () => {
    const { code, stderr } = await withSecrets("- { name: db, data: { a: { file: password } } }", "off");
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("LK0050 kubernetesSecrets[0]: no Kubernetes Secrets are written"),
    ]);
  });

  it.each([
    ["a directory that holds something", ["--target", "used"], "--target: used is not empty"],
    ["a file", ["--target", "a.yaml"], "--target: a.yaml is not a directory"],
    ["a link", ["--target", "link"], "--target: link is not a directory"],
    ["several SecretProviderClasses", ["--target", "new"], "choose with --name: web, cloud"],
    [
      "a name that is not there",
      ["--target", "new", "--name", "wev"],
      'has no SecretProviderClass "wev"; did you mean "web"?',
    ],
    [
      "a token that is none",
      ["--target", "new", "--name", "web", "--token-file", "a.yaml"],
      "give --token AUDIENCE=FILE",
    ],
    [
      "a variable that is not set",
      ["--target", "new", "--name", "web", "--token-env", "NONE"],
      "the variable is not set",
    ],
    ["a pair without name", ["--target", "new", "--name", "web", "--secret", "=a"], "--secret: write KEY=FILE"],
    ["no target", ["--name", "web"], "required option '--target <directory>' not specified"],
  ])("refuses %s before it asks anybody", async (_, args, message) => {
    await mkdir(join(cwd, "used/inside"), { recursive: true });
    await symlink(cwd, join(cwd, "link")).catch((error: NodeJS.ErrnoException) => expect(error.code).toBe("EEXIST"));
    const { code, stdout, stderr } = await mount(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(await readdir(join(cwd, "used"))).toEqual(["inside"]);
  });
});

describe("latchkey plan", () => {
  it("says what that mount does, without a token and without asking anybody", async () => {
    const { code, stdout } = await run(
      ["plan", "a.yaml", ...who, "--name", "web", "--format", "json", "--allow-address", "127.0.0.1"],
      { cwd },
    );
    const plan = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(plan).toMatchObject({
      secretProviderClass: "web",
      provider: "latchkey",
      tokenRequests: [{ audience: "vault" }],
      sessions: [
        { stores: ["vault"], login: "service account token", audience: "vault", calls: { login: 1, read: 1 } },
      ],
      secrets: [{ name: "secret/data/shop/db", shared: "by the pods of the service account", refresh: 120_000 }],
    });
    expect(plan.files.map(({ path, mode }: { path: string; mode: string }) => `${path} ${mode}`)).toEqual([
      "db/password 0440",
      "db/user 0644",
      "all.json 0644",
    ]);
  });

  it("says for people what is looked up and how often is called", async () => {
    const input = classOf("aws", {
      region: "eu-west-1",
      objects: Array.from({ length: 11 }, (_, index) => `- { objectName: /p/${index}, objectType: ssmparameter }`)
        .join("\n")
        .concat("\n"),
    });
    const { stdout } = await run(["plan", "-", ...who, "--pod", "web-0"], { input });
    expect(stdout).toContain("for system:serviceaccount:shop:web, pod web-0\n");
    expect(stdout).toContain(
      'aws-parameter-store: 1 login, 2 reads; by service account token for "sts.amazonaws.com", annotation eks.amazonaws.com/role-arn of the service account; ',
    );
    expect(stdout).toContain('\ntokenRequests that the CSIDriver needs:\n  - audience: "sts.amazonaws.com"\n');
  });

  it("tells of a search how many secrets it takes, and what becomes a file each", async () => {
    const stores = "aws: { kind: aws-secrets-manager, region: eu-west-1 }\n";
    const secrets = `
- { store: aws, find: { prefix: prod/, limit: 7 }, expand: { path: a/ } }
- { store: aws, name: b, expand: { path: b/ } }
`;
    const { stdout } = await run(["plan", "-", ...who], { input: classOf("latchkey", { stores, secrets }) });
    expect(stdout).toContain("aws-secrets-manager secrets below prod/: shared by the pods of the service account");
    expect(stdout).toContain("a search for 7 at most, each of them one more read");
    expect(stdout).toContain("each secret (secrets[0].expand) 0644 from secrets below prod/");
    expect(stdout).toContain("each key (secrets[1].expand) 0644 from b");
  });

  it("says that what is issued is shared by nobody", async () => {
    const input = classOf("vault", {
      roleName: "r",
      vaultAddress: "https://v",
      objects: "- { objectName: a, secretPath: pki/issue/a, method: PUT, secretKey: certificate }\n#\n",
    });
    const { stdout } = await run(["plan", "-", ...who], { input });
    expect(stdout).toContain("  vault PUT pki/issue/a: shared by nobody: it is issued anew\n");
  });

  it("says which Kubernetes Secrets would be written", async () => {
    const input = classOf("latchkey", {
      stores: 'vault: { kind: vault, address: "https://v", role: r }\n',
      secrets: "- { store: vault, name: secret/data/db, as: db, files: [{ path: db/password, key: password }] }\n",
      kubernetesSecrets: [
        "- { name: db, type: basic-auth, data: { password: { file: db/password } } }",
        '- { name: env, immutable: true, data: { a: { template: "{{ db.password }}" }, b: { file: db/password } } }\n',
      ].join("\n"),
    });
    const { stdout } = await run(["plan", "-", ...who, "--sync", "true"], { input });
    expect(stdout).toContain(`
Kubernetes Secrets:
  db, kubernetes.io/basic-auth: password from db/password
  env-<hash>, immutable, Opaque: a from template, b from db/password
`);
  });

  it.each([
    ["", "- { objectName: MySecret, objectType: secretsmanager }\n", "region us-east-1"],
    ["", "- objectName: arn:aws:ssm:eu-west-3:123456789012:parameter/a\n", "region eu-west-3, that of the first ARN"],
    ["eu-west-1", "- { objectName: MySecret, objectType: secretsmanager }\n", undefined],
  ])("assumes a region where nobody names one, and says so: %s %s", async (flag, objects, expected) => {
    const input = classOf("aws", { objects: `${objects}#\n` });
    const flags = flag === "" ? [] : ["--aws-region", flag];
    const json = await run(["plan", "-", ...who, ...flags, "--format", "json"], { input });
    const text = `${expected}: none is named, so a mount takes the node's own; give --aws-region to choose one`;
    expect([json.code, JSON.parse(json.stdout).assumptions]).toEqual([0, expected === undefined ? [] : [text]]);
    expect(JSON.parse(json.stdout).sessions[0].settings.region).toBe(flag || /[a-z]+-[a-z]+-\d/.exec(text)?.[0]);
    const human = await run(["plan", "-", ...who, ...flags], { input });
    expect(human.stdout.includes(`\nassumed:\n  ${text}\n`)).toBe(expected !== undefined);
  });

  it("warns of a SecretProviderClass of another namespace, which the driver would not find", async () => {
    const input = classOf("aws", {
      region: "eu-west-1",
      objects: "- { objectName: a, objectType: ssmparameter }\n#\n",
    });
    const { code, stdout } = await run(["plan", "-", "--namespace", "front", "--service-account", "web"], { input });
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(
        "the SecretProviderClass is in namespace shop, but pods in front can use only those of their own namespace",
      ),
    ]);
  });

  it("answers a SecretProviderClass that the mount would refuse with every problem", async () => {
    const input = classOf("vault", { objects: "- { objectName: a, secretPath: b, method: 'G T' }\n#\n" });
    const { code, stdout, stderr } = await run(["plan", "-", ...who], { input });
    expect([code, stdout, stderr.match(/^latchkey: LK0003/gm)?.length]).toEqual([1, "", 2]);
  });
});
