import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { createDriver, mountRequest } from "../test/driver.ts";
import { startNode, type TestNode } from "../test/e2e/node.ts";
import { startOpenBao } from "../test/servers/openbao.ts";
import { enableDatabase, writePolicy } from "../test/servers/openbao-engines.ts";
import { enableJwtAuth, writeJwtRole } from "../test/servers/openbao-setup.ts";
import { type Postgres, startPostgres } from "../test/servers/postgres.ts";
import { startScripted } from "../test/servers/scripted.ts";
import { createTokenIssuer } from "../test/tokens.ts";
import { residentMiB, startLatchkey } from "./programs.ts";
import type { Row } from "./table.ts";

const leases = 1_000;
const pods = 20;

const volume = (address: string, secretKey: string) => ({
  ...{ vaultAddress: address, roleName: "shop" },
  objects: [
    "- { objectName: user, secretPath: database/creds/shop, secretKey: username }",
    `- { objectName: password, secretPath: database/creds/shop, secretKey: ${secretKey} }`,
  ].join("\n"),
});

/** Measures what a thousand leases weigh, and has twenty pods keep database users for so many seconds. */
export async function measureLeases(seconds: number): Promise<readonly Row[]> {
  return [await weigh(), ...(await keepUp(seconds))];
}

async function weigh(): Promise<Row> {
  const [plain, leased] = [await growth(false), await growth(true)];
  const more = leased - plain;
  return {
    what: `memory with ${leases} leases, each with its login`,
    measured: `${more.toFixed(1)} MiB more`,
    against: `${plain.toFixed(1)} MiB for as many pods that share a secret`,
    goal: "<= 10 MiB",
    holds: more <= 10,
  };
}

/** How much the process grows by a thousand pods, before a played Vault that issues a lease to each, or nothing, in MiB. */
async function growth(issues: boolean): Promise<number> {
  let made = 0;
  const auth = { client_token: "hvs.token", lease_duration: 3_600, renewable: true, token_type: "service" };
  const vault = await startScripted(({ path }) => {
    if (path.endsWith("/login")) return { body: { auth } };
    made += 1;
    const data = { username: `v-kubernetes-shop-${made}`, password: "p".repeat(20) };
    if (!issues) return { body: { data } };
    return { body: { lease_id: `database/creds/shop/${made}`, lease_duration: 3_600, renewable: true, data } };
  });
  const directory = await mkdtemp(join(tmpdir(), "lkb-leases-"));
  const issuer = await createTokenIssuer();
  const jwks = join(directory, "jwks.json");
  await writeFile(jwks, JSON.stringify(issuer.jwks()));
  const flags = ["--providers", "vault", "--token-keys", jwks, "--token-issuer", issuer.issuer];
  const latchkey = await startLatchkey([...flags, "--allow-address", "127.0.0.1"]);
  const driver = createDriver({ socketDir: latchkey.socketDir });
  const mount = async (at: number) => {
    const pod = { namespace: "shop", serviceAccount: "web", name: `pod-${at}`, uid: `uid-${at}` };
    const tokens = await issuer.tokens({ ...pod, podName: pod.name, podUid: pod.uid }, ["vault"]);
    const parameters = volume(vault.url, "password");
    await driver.mount("vault", mountRequest({ provider: "vault", parameters, pod, tokens, targetRoot: directory }));
  };
  for (let at = 0; at < 20; at += 1) await mount(at);
  await sleep(3_000);
  const before = await residentMiB(latchkey.child.pid);
  for (let at = 20; at < leases + 20; at += 1) await mount(at);
  await sleep(3_000);
  const grown = (await residentMiB(latchkey.child.pid)) - before;
  driver.close();
  await latchkey.stop();
  await vault.stop();
  await rm(directory, { recursive: true, force: true });
  return grown;
}

/** The users that a pod had, each with the time when it got it. */
interface Kept {
  readonly users: { readonly name: string; readonly at: number }[];
  refused: number;
}

/** Twenty pods of one node, with leases of 24 seconds and a greatest life of two minutes, on a real OpenBao and PostgreSQL. */
async function keepUp(seconds: number): Promise<readonly Row[]> {
  const [issuer, bao, postgres] = await Promise.all([createTokenIssuer(), startOpenBao(), startPostgres()]);
  await enableJwtAuth(bao, { publicKeyPem: issuer.publicKeyPem() });
  await writeJwtRole(bao, { role: "shop", audience: "vault", policies: ["shop"], ttl: "1h" });
  await writePolicy(bao, "shop", { "database/creds/shop": ["read"] });
  await enableDatabase(bao, postgres, { life: "24s", longest: "2m" });
  const node = await startNode({ issuer, flags: { allowAddress: "127.0.0.1", providers: "vault" } });
  const end = Date.now() + seconds * 1_000;
  const kept = await Promise.all(
    Array.from({ length: pods }, (_, at) => keepPod(`pod-${at}`, end, { node, postgres, bao })),
  );
  const renewed = node.log.filter(({ event }) => event === "renewed").length;
  await node.stop();
  await Promise.all([bao.stop(), postgres.stop()]);
  return rowsOf(kept, renewed, seconds);
}

async function keepPod(
  uid: string,
  end: number,
  {
    node,
    postgres,
    bao,
  }: { readonly node: TestNode; readonly postgres: Postgres; readonly bao: { readonly address: string } },
): Promise<Kept> {
  const kept: Kept = { users: [], refused: 0 };
  await sleep(Math.random() * 1_000);
  while (Date.now() < end) {
    const parameters = volume(bao.address, "password");
    const { target } = await node.publish({
      provider: "vault",
      audiences: ["vault"],
      parameters,
      pod: { uid, name: uid },
    });
    const [user, password] = await Promise.all(
      ["user", "password"].map((name) => readFile(join(target, name), "utf8")),
    );
    if (user !== undefined && kept.users.at(-1)?.name !== user) kept.users.push({ name: user, at: Date.now() });
    if (!(await letsIn(postgres, user ?? "", password ?? ""))) kept.refused += 1;
    await sleep(1_000);
  }
  return kept;
}

async function letsIn({ host, port }: Postgres, user: string, password: string): Promise<boolean> {
  const client = new pg.Client({ host, port, user, password, database: "postgres" });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

function rowsOf(kept: readonly Kept[], renewed: number, seconds: number): readonly Row[] {
  const changes = kept.flatMap(({ users }) => users.slice(1).map(({ at }) => at)).sort((a, b) => a - b);
  const perSecond = Map.groupBy(changes, (at) => Math.floor(at / 1_000));
  const most = Math.max(0, ...[...perSecond.values()].map(({ length }) => length));
  const refused = kept.reduce((sum, each) => sum + each.refused, 0);
  const lives = Math.ceil(seconds / 120);
  const users = Math.max(...kept.map((each) => each.users.length));
  const what = `${pods} pods for ${seconds} s, leases of 24 s, greatest life 2 minutes`;
  return [
    {
      what: `${what}: users of a pod`,
      measured: `at most ${users}, ${renewed} renewals`,
      against: `${Math.ceil(seconds / 16)} users without renewals`,
      goal: `<= ${lives + 1}`,
      holds: users <= lives + 1,
    },
    {
      what: `${what}: moments without a valid credential`,
      measured: String(refused),
      against: `${kept.length * Math.floor(seconds)} connections tried, about`,
      goal: "0",
      holds: refused === 0,
    },
    {
      what: `${what}: changes in one second`,
      measured: `at most ${most} of ${changes.length}`,
      against: `${pods} at once by lockstep`,
      goal: "1 by design; mounts come when the driver makes them",
      holds: most <= 3,
    },
  ];
}
