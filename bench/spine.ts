import { Session } from "node:inspector/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { fixedTokenKeys } from "../src/kubernetes/token-keys.ts";
import { createLogger } from "../src/log.ts";
import { createCache } from "../src/node/create-cache.ts";
import { loadDefaults } from "../src/node/load-config.ts";
import { createMounter, storesOf } from "../src/node/parts.ts";
import { Redacted } from "../src/redacted.ts";
import { createWire } from "../src/server/wire.ts";
import { startScripted } from "../test/servers/scripted.ts";
import { createTokenIssuer } from "../test/tokens.ts";

// `node bench/spine.ts [--list]`: how many files and functions of src a mount of one file of a `vault` class runs through: the
// first of the process, the first of a class on a node that has served another, the first of an account whose class is known,
// and one whose secret is in the cache. V8 counts them.

const src = join(import.meta.dirname, "../src");

/** The types that hold a secret one after the other, from the store's session to the reply. */
const wrappers = ["Loaded", "Entry", "Served", "Fetched"];

/** Functions that ran, by file. */
type Ran = ReadonlyMap<string, readonly string[]>;

/** Counts the functions of src that `run` calls; the bodies of modules that it loads are none. */
async function functionsIn(session: Session, run: () => Promise<unknown>): Promise<Ran> {
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  await run();
  const { result } = await session.post("Profiler.takePreciseCoverage");
  await session.post("Profiler.stopPreciseCoverage");
  const ran = new Map<string, readonly string[]>();
  for (const { url, functions } of result) {
    const path = url.startsWith("file:") ? relative(src, fileURLToPath(url)) : "..";
    const called = functions.filter(({ ranges: [range] }) => (range?.count ?? 0) > 0 && range?.startOffset !== 0);
    if (!path.startsWith("..") && called.length > 0) ran.set(path, called.map(nameOf).sort());
  }
  return ran;
}

function nameOf({ functionName }: { readonly functionName: string }): string {
  return functionName === "" ? "(anonymous)" : functionName;
}

/** A node before a store that answers at once, and the mount that is counted. */
async function startNode() {
  const issuer = await createTokenIssuer();
  const data = { data: { data: { password: "s3cret" }, metadata: { version: 1 } } };
  const auth = { auth: { client_token: "t", lease_duration: 3_600, renewable: true } };
  const store = await startScripted(({ path }) => ({ body: path.includes("/login") ? auth : data }));
  const config = await loadDefaults({ flags: new Map([["allowAddress", "127.0.0.1"]]), env: {} });
  const log = createLogger("info", { write: () => undefined });
  const stores = storesOf(config);
  const key = new Redacted<Uint8Array>(Buffer.alloc(32));
  const cache = await createCache(config, undefined, log);
  const tokenKeys = fixedTokenKeys(issuer.issuer, JSON.stringify(issuer.jwks()));
  const wire = createWire();
  const mounter = createMounter(config, {
    ...{ api: undefined, tokenKeys, stores, keeper: undefined, cache, log },
    versionKeys: { current: () => key, load: async () => key },
    encode: (reply) => wire.encodeReply(reply as Parameters<typeof wire.encodeReply>[0]),
  });
  const request = async (serviceAccount: string, name: string) => {
    const account = { namespace: "shop", serviceAccount };
    return {
      attributes: JSON.stringify({
        "csi.storage.k8s.io/pod.namespace": account.namespace,
        "csi.storage.k8s.io/serviceAccount.name": serviceAccount,
        "csi.storage.k8s.io/pod.name": serviceAccount,
        "csi.storage.k8s.io/pod.uid": serviceAccount,
        "csi.storage.k8s.io/serviceAccount.tokens": JSON.stringify(await issuer.tokens(account, ["vault"])),
        secretProviderClass: name,
        ...{ vaultAddress: store.url, roleName: name },
        objects: `- { objectName: ${name}, secretPath: secret/data/db, secretKey: password }`,
      }),
      ...{ secrets: "null", targetPath: `/pods/${serviceAccount}`, permission: "420" },
    };
  };
  const requests = {
    web: await request("web", "shop"),
    api: await request("api", "stock"),
    job: await request("job", "stock"),
  };
  const free = () => undefined;
  return {
    async mount(serviceAccount: keyof typeof requests) {
      const { signal } = new AbortController();
      await mounter.mount("vault", { request: requests[serviceAccount], signal, reserve: free });
    },
    async stop() {
      await mounter.close();
      await stores.shutdown();
      await store.stop();
    },
  };
}

function pad(count: number, width: number): string {
  return String(count).padStart(width);
}

function print(what: string, ran: Ran): void {
  const functions = [...ran.values()].flat().length;
  process.stdout.write(`| ${what.padEnd(42)} | ${pad(ran.size, 5)} | ${pad(functions, 9)} |\n`);
  const own = [...ran].filter(([file]) => /^(?:mount|cache)\//.test(file));
  const inOwn = own.flatMap(([, names]) => names).length;
  process.stdout.write(
    `${`|   of them in src/mount and src/cache`.padEnd(44)} | ${pad(own.length, 5)} | ${pad(inOwn, 9)} |\n`,
  );
  if (!process.argv.includes("--list")) return;
  for (const [file, names] of [...ran].sort()) process.stdout.write(`    ${file}: ${names.join(", ")}\n`);
}

const session = new Session();
session.connect();
await session.post("Profiler.enable");
const node = await startNode();
try {
  process.stdout.write(`| ${"a mount of one file of a vault class".padEnd(42)} | files | functions |\n`);
  process.stdout.write(`| ${"-".repeat(42)} | ----- | --------- |\n`);
  print("the first of the process", await functionsIn(session, () => node.mount("web")));
  print("the first of its class and account", await functionsIn(session, () => node.mount("api")));
  print("the first of its account, class known", await functionsIn(session, () => node.mount("job")));
  await node.mount("api");
  print("its secret in the cache", await functionsIn(session, () => node.mount("api")));
  process.stdout.write(`\n${wrappers.length} types hold the secret: ${wrappers.join(", ")}\n`);
} finally {
  await node.stop();
  session.disconnect();
}
