import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attackedField, attackedText } from "../test/attacks.ts";
import { type OpenBao, startOpenBao } from "../test/servers/openbao.ts";
import { allowReads, enableJwtAuth, putKv2, writeJwtRole } from "../test/servers/openbao-setup.ts";
import { type FaultyProxy, startProxy } from "../test/servers/proxy.ts";
import { type Answer, type ScriptedServer, startScripted } from "../test/servers/scripted.ts";
import { goodCredentials, smAnswer, stsAnswer } from "../test/stores/aws/scripted-aws.ts";
import { createTokenIssuer, type TokenIssuer } from "../test/tokens.ts";

/** How many objects a volume has where nothing else is said. */
export const objectCount = 10;
const latencyMs = 20;
/** As many as the largest volume of the benches has. */
const names = Array.from({ length: 50 }, (_, index) => `s${index}`);

const tenNames = names.slice(0, objectCount);

/** Stores behind proxies that let every request wait 20 ms. */
export interface BenchStores {
  readonly issuer: TokenIssuer;
  readonly vault: FaultyProxy;
  readonly aws: FaultyProxy;
  /** Flags that make Latchkey use all of them. */
  readonly flags: readonly string[];
  /** The same without a config file, so without the directory of files. */
  readonly flagsWithoutProfiles: readonly string[];
  /** Parameters of a SecretProviderClass of ten objects, by dialect. */
  readonly parameters: Readonly<Record<"latchkey" | "vault" | "aws", Record<string, string>>>;
  /** The same with so many objects, 50 at most. */
  parametersOf(dialect: "vault" | "aws", objects: number): Record<string, string>;
  /** Calls of AWS since they were last asked for: at STS, and at Secrets Manager and Parameter Store. */
  takeAwsCalls(): { readonly logins: number; readonly reads: number };
  stop(): Promise<void>;
}

/** Starts OpenBao, a scripted AWS and a directory of files, each with ten secrets. */
export async function startStores(): Promise<BenchStores> {
  const directory = await mkdtemp(join(tmpdir(), "lkb-stores-"));
  const issuer = await createTokenIssuer();
  const [bao, cloud] = await Promise.all([startOpenBao(), startCloud()]);
  await Promise.all([fillBao(bao, issuer), fillFiles(directory)]);
  const [vault, aws] = await Promise.all([
    startProxy(bao.address, { latencyMs }),
    startProxy(cloud.url, { latencyMs }),
  ]);
  const jwks = join(directory, "jwks.json");
  await writeFile(jwks, JSON.stringify(issuer.jwks()));
  const config = join(directory, "config.yaml");
  await writeFile(config, `profiles: { files: { kind: file, directory: ${directory}/secrets } }\n`);
  const tokens = ["--token-keys", jwks, "--token-issuer", issuer.issuer];
  const dialects = ["--providers", "latchkey,vault,aws", "--allow-address", "127.0.0.1"];
  const flagsWithoutProfiles = [...dialects, ...tokens, "--aws-endpoint-url", aws.url];
  return {
    issuer,
    vault,
    aws,
    flags: [...flagsWithoutProfiles, "--config", config],
    flagsWithoutProfiles,
    parameters: {
      latchkey: {
        stores: "files: { profile: files }",
        secrets: tenNames.map((name) => `- { store: files, name: ${name}, files: [{ path: ${name} }] }`).join("\n"),
      },
      vault: vaultParameters(vault.url, tenNames),
      aws: awsParameters(tenNames),
    },
    parametersOf: (dialect, objects) =>
      dialect === "vault"
        ? vaultParameters(vault.url, names.slice(0, objects))
        : awsParameters(names.slice(0, objects)),
    takeAwsCalls: () => {
      const calls = cloud.requests.splice(0);
      const logins = calls.filter(({ headers }) => headers["x-amz-target"] === undefined).length;
      return { logins, reads: calls.length - logins };
    },
    async stop() {
      await Promise.all([vault.stop(), aws.stop()]);
      await Promise.all([bao.stop(), cloud.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function vaultParameters(vaultAddress: string, objects: readonly string[]): Record<string, string> {
  const list = objects.map((name) => `- { objectName: ${name}, secretPath: secret/data/${name}, secretKey: v }`);
  return { vaultAddress, roleName: "bench", objects: list.join("\n") };
}

function awsParameters(objects: readonly string[]): Record<string, string> {
  const list = objects.map((name) => `- { objectName: ${name}, objectType: secretsmanager }`);
  return { region: "eu-west-1", roleArn: "arn:aws:iam::123456789012:role/bench", objects: list.join("\n") };
}

async function fillBao(bao: OpenBao, issuer: TokenIssuer): Promise<void> {
  await enableJwtAuth(bao, { publicKeyPem: issuer.publicKeyPem() });
  await allowReads(bao, "bench", ["secret/data/*"]);
  await writeJwtRole(bao, { role: "bench", audience: "vault", policies: ["bench"] });
  await Promise.all(names.map((name) => putKv2(bao, name, { v: name.repeat(20) })));
  await putKv2(bao, "attacked", { [attackedField]: attackedText });
}

/** AWS as a script: moto needs 3 ms of computing for each request, and that is not what is measured. */
async function startCloud(): Promise<ScriptedServer> {
  const secret: Answer = smAnswer({
    Name: "s",
    VersionId: "0b4c3d2e-0000-4000-8000-000000000000",
    SecretString: "s".repeat(40),
  });
  const login = stsAnswer(goodCredentials);
  return await startScripted(({ headers, body }) => {
    const target = headers["x-amz-target"];
    if (target === undefined) return login;
    return String(target).endsWith("GetParameters") ? parametersIn(body) : secret;
  });
}

function parametersIn(body: string): Answer {
  const { Names }: { readonly Names: readonly string[] } = JSON.parse(body);
  return smAnswer({ Parameters: Names.map((Name) => ({ Name, Value: "p".repeat(40), Version: 1 })) });
}

async function fillFiles(directory: string): Promise<void> {
  await mkdir(join(directory, "secrets"));
  await Promise.all(names.map((name) => writeFile(join(directory, "secrets", name), name.repeat(20))));
  await writeFile(join(directory, "secrets/large"), "l".repeat(3 * 1024 ** 2));
}
