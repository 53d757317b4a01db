import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDriver } from "../driver.ts";
import { createKmsKey } from "../servers/kms-key.ts";
import { type Moto, startMoto } from "../servers/moto.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { enableTransit, writePolicy } from "../servers/openbao-engines.ts";
import { letEverybodyRead, putKv2, writeJwtRole } from "../servers/openbao-setup.ts";
import { type FaultyProxy, startProxy } from "../servers/proxy.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { runLatchkey } from "./process.ts";

const region = "eu-west-1";
const roleArn = "arn:aws:iam::123456789012:role/latchkey";

let issuer: TokenIssuer;
let bao: OpenBao;
let moto: Moto;
let keyArn: string;
/** To the secrets. */
let store: FaultyProxy;
/** To the key service. */
let wrapping: FaultyProxy;
let directory: string;
let own: string;
let running: ReturnType<typeof runLatchkey> | undefined;

beforeAll(async () => {
  issuer = await createTokenIssuer();
  [bao, moto] = await Promise.all([startOpenBao(), startMoto()]);
  [store, wrapping] = await Promise.all([startProxy(bao.address), startProxy(bao.address)]);
  await letEverybodyRead(bao, issuer.publicKeyPem());
  await putKv2(bao, "db", { password: "CANARY-1" });
  await enableTransit(bao);
  await writePolicy(bao, "wrap", { "transit/encrypt/shop": ["update"], "transit/decrypt/shop": ["update"] });
  await writeJwtRole(bao, { role: "latchkey", audience: "vault", policies: ["wrap"] });
  await writeJwtRole(bao, { role: "stranger", audience: "vault", policies: ["default"] });
  keyArn = await createKmsKey(moto.url, region);
});

beforeEach(async () => {
  own = await mkdtemp(join(tmpdir(), "lk-wrap-"));
  directory = join(own, "cache");
  await mkdir(directory, { mode: 0o700 });
  await chmod(directory, 0o700);
  await writeFile(join(own, "jwks.json"), JSON.stringify(issuer.jwks()));
  const account = { namespace: "kube-system", serviceAccount: "latchkey" };
  await writeFile(join(own, "token"), await issuer.token({ ...account, audience: ["vault", "sts.amazonaws.com"] }));
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  await Promise.all([store.accept(), wrapping.accept()]);
  await rm(own, { recursive: true, force: true });
});

afterAll(async () => {
  await Promise.all([store?.stop(), wrapping?.stop()]);
  await Promise.all([bao?.stop(), moto?.stop()]);
});

const transit = () => ["--cache-key-wrap", "transit:transit/shop", "--cache-key-wrap-address", wrapping.url];
const kms = () => ["--cache-key-wrap", `aws-kms:${keyArn}`, "--aws-endpoint-url", moto.url];

/** Starts the built program in place of the one that runs, which is killed. */
async function restart(wrap: readonly string[], role = "latchkey") {
  await running?.stop();
  running = runLatchkey([
    "serve",
    ...["--socket-dir", own, "--kubelet-dir", join(own, "kubelet"), "--providers", "vault"],
    ...["--token-keys", join(own, "jwks.json"), "--token-issuer", issuer.issuer, "--version-key", "ephemeral"],
    ...["--allow-address", "127.0.0.1", "--cache-dir", directory, "--allow-disk-cache", "--refresh", "0s"],
    ...["--stale-after", "200ms", "--cache-key-wrap-token-file", join(own, "token"), "--cache-key-wrap-role", role],
    ...wrap,
  ]);
  await running.until(/"msg":"serving"/);
  return running;
}

async function mount(volume: string): Promise<string> {
  const driver = createDriver({ socketDir: own });
  try {
    const pod = { name: "web-0", namespace: "shop", uid: volume, serviceAccount: "payments" };
    const objects = "- { objectName: a, secretPath: secret/data/db, secretKey: password }";
    const { target } = await driver.publish({
      ...{ provider: "vault", pod, volume, targetRoot: join(own, "kubelet") },
      parameters: { vaultAddress: store.url, roleName: "all", objects },
      tokens: await issuer.tokens({ ...pod, podName: pod.name, podUid: pod.uid }, ["vault"]),
    });
    return await readFile(join(target, "a"), "utf8");
  } finally {
    driver.close();
  }
}

describe("a cache whose key is wrapped", () => {
  it.each([
    ["the transit engine", transit, "latchkey"],
    ["AWS KMS", kms, roleArn],
  ] as const)("serves its entries after a kill while the store is away, by %s", async (_, wrap, role) => {
    await restart(wrap(), role);
    expect(await mount("1")).toBe("CANARY-1");
    expect(await readdir(directory)).toContain("wrapped-key");
    await restart(wrap(), role);
    await store.refuse();
    expect(await mount("2")).toBe("CANARY-1");
    const files = await Promise.all(
      (await readdir(directory)).map((name) => readFile(join(directory, name), "latin1")),
    );
    expect(files.join()).not.toContain("CANARY");
  });

  it("is not read while the key service is away, which is said once, and is read as soon as it answers", async () => {
    await restart(transit());
    await mount("1");
    await wrapping.refuse();
    const process = await restart(transit());
    await process.until(/the cache is not read: its key is not unwrapped yet/);
    await store.refuse();
    await expect(mount("2")).rejects.toThrow(/LK0030/);
    await wrapping.accept();
    await process.until(/the cache is read: its key is unwrapped/);
    expect(await mount("3")).toBe("CANARY-1");
    expect(process.output().match(/not unwrapped yet/g)).toHaveLength(1);
    expect(process.output()).not.toContain("CANARY");
  });

  it("opens with a newer version of the service's key, by which it is wrapped from then on", async () => {
    await restart(transit());
    await mount("1");
    await bao.request("POST", "transit/keys/shop/rotate", {});
    const wrapped = async () => JSON.parse(await readFile(join(directory, "wrapped-key"), "utf8")).wrapped as string;
    const before = Buffer.from(await wrapped(), "base64").toString();
    await restart(transit());
    const after = Buffer.from(await wrapped(), "base64").toString();
    const versionOf = (text: string) => Number(/^vault:v(\d+):/.exec(text)?.[1]);
    expect(versionOf(after)).toBeGreaterThan(versionOf(before));
    await store.refuse();
    expect(await mount("2")).toBe("CANARY-1");
  });

  it("is not read by a role that may not unwrap it", async () => {
    await restart(transit());
    await mount("1");
    const process = await restart(transit(), "stranger");
    expect(process.output()).toMatch(/not unwrapped yet/);
    expect(process.output()).toMatch(/LK0033.*transit\/decrypt\/shop/);
  });

  it("never comes back with what was denied while nobody could open it", async () => {
    await restart(transit());
    await mount("1");
    await wrapping.refuse();
    await restart(transit());
    await writePolicy(bao, "all", { "secret/data/none": ["read"] });
    await expect(mount("2")).rejects.toThrow(/LK0033/);
    await writePolicy(bao, "all", { "secret/data/*": ["read"] });
    await wrapping.accept();
    const process = await restart(transit());
    await store.refuse();
    await expect(mount("3")).rejects.toThrow(/LK0030/);
    expect(process.output()).not.toMatch(/not unwrapped yet/);
  });

  it("needs a role and a token that the operator named", async () => {
    const process = runLatchkey(["serve", "--version-key", "ephemeral", "--cache-dir", directory, ...transit()]);
    expect(await process.ended).not.toBe(0);
    expect(process.output()).toContain("--cache-key-wrap-role");
  });
});
