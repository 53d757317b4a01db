import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDriver } from "../driver.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { enableDatabase, writePolicy } from "../servers/openbao-engines.ts";
import { enableJwtAuth, writeJwtRole } from "../servers/openbao-setup.ts";
import { type Postgres, startPostgres } from "../servers/postgres.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";
import { runLatchkey } from "./process.ts";

const run = promisify(execFile);
const someone = { namespace: "shop", serviceAccount: "payments" };

let issuer: TokenIssuer;
let bao: OpenBao;
let postgres: Postgres;
let directory: string;
let sockets: string;
let node: TestNode;

beforeAll(async () => {
  [issuer, bao, postgres] = await Promise.all([createTokenIssuer(), startOpenBao(), startPostgres()]);
  await enableJwtAuth(bao, { publicKeyPem: issuer.publicKeyPem() });
  await writeJwtRole(bao, { role: "shop", audience: "vault", policies: ["shop"], ttl: "1h" });
  await writePolicy(bao, "shop", { "database/creds/shop": ["read"] });
  await enableDatabase(bao, postgres, { life: "6s", longest: "16s" });
});

beforeEach(async () => {
  sockets = await mkdtemp(join(tmpdir(), "lk-s-"));
  directory = await mkdtemp(join(tmpdir(), "lk-leases-"));
  await chmod(directory, 0o700);
  node = await start();
});

afterEach(async () => {
  await node.stop();
  for (const each of [directory, sockets]) await rm(each, { recursive: true, force: true });
});

afterAll(async () => {
  await bao?.stop();
  await postgres?.stop();
});

async function start(): Promise<TestNode> {
  return await startNode({
    issuer,
    flags: async (own) => {
      await writeFile(join(own, "key"), "k".repeat(32));
      const kept = { cacheDir: directory, cacheKeyFile: join(own, "key"), allowDiskCache: "true" };
      return { allowAddress: "127.0.0.1", ...kept };
    },
  });
}

function volume(uid: string, more: Readonly<Record<string, string>> = {}) {
  const objects = `- { objectName: user, secretPath: database/creds/shop, secretKey: username }`;
  return {
    provider: "vault",
    audiences: ["vault"],
    parameters: { vaultAddress: bao.address, roleName: "shop", objects, ...more },
    pod: { uid, name: uid },
  };
}

/** The user that a pod has now. */
async function userOf(uid: string): Promise<string> {
  const { target } = await node.publish(volume(uid));
  return await readFile(join(target, "user"), "utf8");
}

async function users(): Promise<readonly string[]> {
  const args = ["-h", postgres.host, "-p", String(postgres.port), "-U", postgres.user, "-Atc"];
  const sql = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'v-%'";
  const { stdout } = await run(postgres.psql, [...args, sql, "postgres"]);
  return stdout.split("\n").filter((line) => line !== "");
}

/** Mounts a pod's volume again and again for so long; gives its users in their order, each as it was seen to be in the database. */
async function mountedFor(uid: string, seconds: number): Promise<readonly string[]> {
  const seen: string[] = [];
  const end = Date.now() + seconds * 1_000;
  while (Date.now() < end) {
    const user = await userOf(uid);
    expect(await users(), "the pod has a user that is not there").toContain(user);
    if (!seen.includes(user)) seen.push(user);
    await sleep(500);
  }
  return seen;
}

describe("a database user", () => {
  it("is renewed until its greatest life, then replaced while it is still good, and is valid at every moment", async () => {
    const seen = await mountedFor("web-1", 24);
    expect(seen.length).toBe(2);
    const events = node.log.filter(({ event }) => event !== undefined).map(({ event }) => event);
    expect(events.filter((event) => event === "renewed").length).toBeGreaterThanOrEqual(2);
    expect(events.filter((event) => event === "replaced").length).toBe(1);
    expect(events).not.toContain("lost");
  }, 60_000);

  it("goes when its pod ends, and no other pod's does", async () => {
    const [mine, others] = [await userOf("web-2"), await userOf("web-3")];
    // The look that sees both pods on the node.
    await sleep(6_000);
    await rm(join(node.kubeletDir, "pods", "web-2"), { recursive: true });
    await expect.poll(users, { timeout: 20_000 }).not.toContain(mine);
    expect(await users()).toContain(others);
    expect(node.log.find(({ event }) => event === "revoked")).toMatchObject({ pod: "web-2", store: "vault" });
  });

  it("outlives a restart, and is renewed beyond the life that it had then", async () => {
    const before = await userOf("web-4");
    await node.stop();
    node = await start();
    const seen = await mountedFor("web-4", 12);
    expect(seen).toEqual([before]);
    expect(node.log.find(({ leases }) => leases === 1)?.msg).toBe("leases of an earlier process are kept up");
  });

  it("outlives the end of the process, which revokes nothing", async () => {
    const mine = await userOf("web-5");
    await node.stop();
    expect(await users()).toContain(mine);
    node = await start();
  });
});

describe("a process that is killed", () => {
  it("leaves its leases to the next one, which keeps them up", async () => {
    await node.stop();
    const [pod, key] = [
      { ...someone, name: "web-8", uid: "web-8" },
      join(directory, "..", `${basename(directory)}.key`),
    ];
    await Promise.all([writeFile(key, "k".repeat(32)), writeFile(`${key}.jwks`, JSON.stringify(issuer.jwks()))]);
    const flags = {
      ...{ "socket-dir": sockets, "kubelet-dir": `${sockets}-kubelet`, "token-keys": `${key}.jwks` },
      ...{
        "token-issuer": issuer.issuer,
        "version-key": "ephemeral",
        providers: "vault",
        "allow-address": "127.0.0.1",
      },
      ...{ "cache-dir": directory, "cache-key-file": key, "allow-disk-cache": "true" },
    };
    const args = ["serve", ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)];
    const driver = createDriver({ socketDir: sockets });
    const mount = async () => {
      const tokens = await issuer.tokens({ ...pod, podName: pod.name, podUid: pod.uid }, ["vault"]);
      const request = { provider: "vault", parameters: volume(pod.uid).parameters, pod, tokens };
      const { target } = await driver.publish({ ...request, targetRoot: `${sockets}-kubelet` });
      return await readFile(join(target, "user"), "utf8");
    };
    const first = runLatchkey(args);
    await first.until(/"msg":"serving/);
    const user = await mount();
    // What is held is written within half a second.
    await sleep(1_500);
    first.signal("SIGKILL");
    await first.ended;
    const second = runLatchkey(args);
    await second.until(/leases of an earlier process are kept up/);
    await sleep(8_000);
    expect([await mount(), await users()]).toEqual([user, expect.arrayContaining([user])]);
    driver.close();
    await second.stop();
    await Promise.all(
      [key, `${key}.jwks`, `${sockets}-kubelet`].map((each) => rm(each, { recursive: true, force: true })),
    );
    node = await start();
  }, 60_000);
});

describe("what hangs on a login of several pods", () => {
  it("is each pod's own from the second time on", async () => {
    const [one, two] = [await userOf("web-6"), await userOf("web-7")];
    expect(one).not.toBe(two);
    await sleep(6_000);
    await rm(join(node.kubeletDir, "pods", "web-7"), { recursive: true });
    await expect.poll(users, { timeout: 20_000 }).not.toContain(two);
    expect(await users()).toContain(one);
  });
});
