import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesBelow } from "../driver/atomic-writer.ts";
import { classOf } from "../lint/lint-of.ts";
import { type Moto, startMoto } from "../servers/moto.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer } from "../tokens.ts";
import { run } from "./run.ts";

let cwd: string;
let bao: OpenBao;
let moto: Moto;

const who = [
  "--namespace",
  "shop",
  "--service-account",
  "web",
  "--token-file",
  "token",
  "--allow-address",
  "127.0.0.1",
];

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  [cwd, bao, moto] = await Promise.all([mkdtemp(join(tmpdir(), "latchkey-convert-")), startOpenBao(), startMoto()]);
  await letEverybodyRead(bao, issuer.publicKeyPem());
  await putKv2(bao, "db", { "tls.crt": "cert", password: "cGFzcw==", n: 2.5, list: ["a"] });
  await putKv2(bao, "db", { "tls.crt": "cert-2", password: "cGFzcw==" });
  await moto.createSecret("eu-west-1", "prod/db", JSON.stringify({ user: "u", "pass-word": { x: "cGFzcw==" }, n: 1 }));
  await moto.putParameter("eu-west-1", "/shop/url", "https://old");
  await moto.putParameter("eu-west-1", "/shop/url", "https://new");
  const token = await issuer.token({
    namespace: "shop",
    serviceAccount: "web",
    audience: ["vault", "openbao", "sts.amazonaws.com"],
  });
  await writeFile(join(cwd, "token"), token);
});

afterAll(async () => {
  await Promise.all([bao?.stop(), moto?.stop()]);
  await rm(cwd, { recursive: true, force: true });
});

/** The files of a mount with their modes and contents. */
async function mounted(yaml: string, target: string): Promise<readonly unknown[]> {
  const args = ["mount", "-", ...who, "--target", target, "--aws-endpoint-url", moto.url];
  const { code, stderr } = await run(args, { cwd, input: yaml });
  expect([code, stderr]).toEqual([0, ""]);
  const directory = join(cwd, target, "..data");
  const files = await filesBelow(directory);
  return await Promise.all(
    files.map(async (path) => [
      path,
      (await stat(join(directory, path))).mode & 0o777,
      await readFile(join(directory, path), "utf8"),
    ]),
  );
}

const vaultObjects = `- objectName: tls/crt
  secretPath: secret/data/db?version=1
  secretKey: tls.crt
- objectName: password
  secretPath: v1/secret/data/db
  secretKey: password
  encoding: base64
  filePermission: 0400
- objectName: n
  secretPath: secret/data/db?version=1
  secretKey: n
- objectName: list
  secretPath: secret/data/db?version=1
  secretKey: list
- objectName: data.json
  secretPath: secret/data/db
  output: data
`;

const awsObjects = `- objectName: prod/db
  objectType: secretsmanager
  filePermission: "0440"
  jmesPath:
    - { path: user, objectAlias: user }
    - { path: '"pass-word".x', objectAlias: password, decode: base64, filePermission: "0400" }
- objectName: prod/db
  objectAlias: keys
  objectVersionLabel: AWSCURRENT
  objectType: secretsmanager
  allKeys: true
- { objectName: /shop/url, objectType: ssmparameter }
- { objectName: /shop/url, objectAlias: first, objectType: ssmparameter, objectVersion: 1 }
`;

describe("latchkey convert", () => {
  it.each([
    ["vault", () => ({ roleName: "all", vaultAddress: bao.address, objects: vaultObjects }), 5],
    [
      "openbao",
      () => ({ baoRoleName: "all", audience: "vault", openbaoAddress: bao.address, objects: vaultObjects }),
      5,
    ],
    [
      "aws",
      () => ({
        region: "eu-west-1",
        roleArn: "arn:aws:iam::123456789012:role/web",
        pathTranslation: '"False"',
        objects: awsObjects,
      }),
      8,
    ],
  ])("prints a form of %s that mounts the same files", async (provider, parameters, count) => {
    const before = classOf(provider, parameters());
    const { code, stdout: after, stderr } = await run(["convert", "-"], { input: before });
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^note: object versions are computed differently.*\n$/)]);
    expect((await run(["lint", "-", "--allow-address", "127.0.0.1"], { input: after })).code).toBe(0);
    const files = await mounted(before, `${provider}-before`);
    expect(files.length).toBe(count);
    expect(await mounted(after, `${provider}-after`)).toEqual(files);
  });

  it("takes the operator's address if the SecretProviderClass names none, and asks for it", async () => {
    const input = classOf("vault", { roleName: "r", objects: "- { objectName: a, secretPath: b, secretKey: c }\n#\n" });
    const missing = await run(["convert", "-"], { input });
    expect([missing.code, missing.stdout, missing.stderr]).toEqual([
      2,
      "",
      "latchkey: -: names no address, which the native form needs; give the operator's with --vault-addr\n",
    ]);
    const { stdout } = await run(["convert", "-", "--vault-addr", "https://vault:8200"], { input });
    expect(stdout).toContain("        address: https://vault:8200\n");
  });

  it.each([
    ["- { objectName: MySecret, objectType: secretsmanager }", [], "us-east-1", "region us-east-1"],
    ["- objectName: arn:aws:ssm:eu-west-3:1:parameter/a", [], "eu-west-3", "region eu-west-3, that of the first ARN"],
    ["- { objectName: MySecret, objectType: secretsmanager }", ["--aws-region", "eu-west-1"], "eu-west-1", undefined],
  ])("writes the region that it assumes, and says so: %s %j", async (objects, flags, region, assumed) => {
    const input = classOf("aws", { objects: `${objects}\n#\n` });
    const { code, stdout, stderr } = await run(["convert", "-", ...flags], { input });
    const text = `assumed: ${assumed}: none is named, so a mount takes the node's own; give --aws-region to choose one`;
    expect([code, stdout.includes(`        region: ${region}${assumed === undefined ? "" : ` # ${text}`}\n`)]).toEqual([
      0,
      true,
    ]);
    expect(stderr.includes(`note: ${text}\n`)).toBe(assumed !== undefined);
    expect((await run(["lint", "-"], { input: stdout })).code).toBe(0);
  });

  it("says what of the SecretProviderClass nobody reads, and takes no address from a word of another dialect", async () => {
    const objects = "- { objectName: a, secretPath: b, secretKey: c, objectVersion: 2 }\n#\n";
    const known = { roleName: "r", vaultAddress: "https://v", objects };
    const { code, stderr } = await run(["convert", "-"], { input: classOf("vault", { ...known, vaultRole: "x" }) });
    expect([code, stderr]).toEqual([0, expect.stringContaining('note: vaultRole: parameter "vaultRole" is not read')]);
    expect(stderr).toContain('note: objects[0].objectVersion: field "objectVersion" is no longer read');
    const other = await run(["convert", "-"], {
      input: classOf("vault", { roleName: "r", openbaoAddress: "https://v", objects }),
    });
    expect([other.code, other.stdout]).toEqual([2, ""]);
    expect(other.stderr).toContain("openbaoAddress");
    expect(other.stderr).toContain(
      "names no address, which the native form needs; give the operator's with --vault-addr\n",
    );
  });

  it.each([
    ['useVMManagedIdentity: "true"', "auth: managedIdentity"],
    ['clientID: "c"\n    useAzureTokenProxy: "true"', "auth: identityBinding"],
    ['clientID: "c"\n    cloudName: AzureStackCloud', "cloud: AzureStackCloud"],
  ])("asks for no leave of the operator's, which is no matter of the form: %s", async (written, native) => {
    const objects = 'array:\n  - "{ objectName: a, objectType: secret }"\n';
    const input = `${classOf("azure", { keyvaultName: "shop", tenantID: "t", objects })}    ${written}\n`;
    const { code, stdout } = await run(["convert", "-"], { cwd, input });
    expect([code, stdout.includes(native)]).toEqual([0, true]);
  });

  it("refuses what is wrong, native already, or in a list", async () => {
    const wrong = await run(["convert", "-"], {
      input: classOf("aws", { region: "r1", objects: "- { objectName: a }\n#\n" }),
    });
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("LK0003")]);
    const native = await run(["convert", "-"], { input: classOf("latchkey", { secrets: '"[]"' }) });
    expect([native.code, native.stderr]).toEqual([
      2,
      "latchkey: -: is already in the native form; mount it as it is\n",
    ]);
    const object = classOf("aws", { region: "r1", objects: '"[]"' })
      .replace(/^(?=.)/gm, "    ")
      .replace("    ", "  - ");
    const list = await run(["convert", "-"], { input: `kind: List\nitems:\n${object}` });
    expect([list.code, list.stderr]).toEqual([2, "latchkey: -: web is in a List; give it its own document\n"]);
  });
});

describe("the profiles that latchkey convert proposes", () => {
  const objects = "- { objectName: a, secretPath: secret/data/a, secretKey: k }\n#\n";
  const files = { vaultAddress: "https://v:8200", vaultCACertPath: "/etc/ca.pem", objects };

  /** The converted form, and the profile of its note. */
  async function converted(provider: string, parameters: Readonly<Record<string, string>>) {
    const { code, stdout, stderr } = await run(["convert", "-"], { cwd, input: classOf(provider, parameters) });
    const [, name = "", settings = ""] = /`profiles: \{ (\S+): (\{.*\}) \}`/.exec(stderr) ?? [];
    expect([code, stdout]).toEqual([0, expect.stringContaining(`profile: ${name}\n`)]);
    return { name, settings, stdout };
  }

  it("differ where their settings do, and fit into one file", async () => {
    const all = await Promise.all([
      converted("vault", { ...files, roleName: "shop" }),
      converted("vault", { ...files, roleName: "front" }),
      converted("vault", { ...files, roleName: "shop", vaultCACertPath: "/etc/other.pem" }),
      converted("vault", { ...files, roleName: "shop", vaultNamespace: "team" }),
      converted("vault", { ...files, roleName: "shop", vaultAddress: "https://w:8200" }),
      converted("openbao", { ...files, roleName: "shop" }),
      converted("vault", { ...files, roleName: "r o/le" }),
      converted("vault", { ...files, vaultAuthMethod: "approle" }),
    ]);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const { name } of all) expect(name).toMatch(/^(?:vault|openbao)-[a-z-]+-[0-9a-f]{6}$/);
    const lines = all.map(({ name, settings }) => `  ${name}: ${settings}\n`).join("");
    await writeFile(join(cwd, "profiles.yaml"), `profiles:\n${lines}`);
    const input = all.map(({ stdout }, index) => stdout.replace("name: web", `name: web-${index}`)).join("---\n");
    const lint = await run(["lint", "-", "--config", "profiles.yaml"], { cwd, input });
    expect([lint.code, lint.stdout]).toEqual([0, `no problems in ${all.length} SecretProviderClasses of 1 file\n`]);
  }, 120_000);

  it("are one for equal settings", async () => {
    const [a, b] = await Promise.all([
      converted("vault", { ...files, roleName: "shop" }),
      converted("vault", { ...files, roleName: "shop", objects: objects.replaceAll("/a", "/b") }),
    ]);
    expect([a.name, a.settings]).toEqual([b.name, b.settings]);
  });
});
