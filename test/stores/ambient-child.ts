import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { createAddressPolicy } from "../../src/address-policy.ts";
import { Redacted } from "../../src/redacted.ts";
import type { StoreKind } from "../../src/stores/index.ts";
import { createStores } from "../../src/stores/index.ts";
import { outcomesOf } from "./outcomes.ts";

/** Which names of the environment and which files were looked at. */
interface Seen {
  readonly env: Set<string>;
  readonly files: Set<string>;
}

/** Notes every look at the environment and every file that is opened from now on. */
function watch(): Seen {
  const seen: Seen = { env: new Set(), files: new Set() };
  process.env = new Proxy(
    { ...process.env },
    {
      get: (target, name) => {
        seen.env.add(String(name));
        return Reflect.get(target, name);
      },
      has: (target, name) => {
        seen.env.add(String(name));
        return Reflect.has(target, name);
      },
    },
  );
  for (const owner of [fs, fs.promises] as unknown as Record<string, (...args: unknown[]) => unknown>[]) {
    for (const name of ["readFile", "readFileSync", "open", "openSync", "stat", "statSync", "createReadStream"]) {
      const original = owner[name];
      if (original === undefined) continue;
      owner[name] = (...args) => {
        seen.files.add(String(args[0]));
        return original.apply(owner, args);
      };
    }
  }
  syncBuiltinESMExports();
  return seen;
}

const clusterPool = "shop-prod.svc.id.goog";
const identityProvider = "https://container.googleapis.com/v1/projects/shop-prod/locations/europe-west1/clusters/shop";
const pool = { identityPool: clusterPool, identityProvider };
const [endpointUrl = "", vaultAddress = "", google = "", googleToken = ""] = process.argv.slice(2);
const seen = watch();
const stores = createStores({
  addresses: createAddressPolicy(["127.0.0.1"]),
  concurrency: 4,
  families: { aws: { endpointUrl }, gcp: { endpoint: google } },
});
const token = new Redacted("eyJhbGciOiJub25lIn0.eyJDQU5BUlkiOjF9.CANARY-signature");
const identity = {
  namespace: "shop",
  serviceAccount: "web",
  proved: true,
  tokens: new Map([
    ["sts.amazonaws.com", token],
    ["vault", token],
    [clusterPool, new Redacted(googleToken)],
  ]),
};

const named = (name: string) => ["1", "2", "3"].map((end) => ({ name: `${name}${end}` }));

async function read(kind: StoreKind | "aws-kms", raw: object, given: readonly object[]): Promise<string> {
  const store = await stores.load(kind);
  const context = { signal: AbortSignal.timeout(10_000), count: () => undefined };
  const settings = store.settings("pod").parse(raw);
  const session = await store.open({ identity, settings, found: new Map(), context });
  // Several at once need new connections, whose options NODE_DEBUG=net prints.
  const refs = given.map((ref) => store.ref.parse(ref));
  const outcomes = await outcomesOf(session, refs, context);
  await session.close();
  return outcomes.map((outcome) => (outcome.ok ? "read" : `failed: ${outcome.error.describe()}`)).join();
}

const results = [
  await read(
    "aws-secrets-manager",
    { region: "eu-west-1", roleArn: "arn:aws:iam::123456789012:role/shop" },
    named("a"),
  ),
  await read("vault", { address: vaultAddress, role: "shop" }, named("secret/data/a")),
  await read("gcp-secret-manager", { project: "shop-prod", impersonate: "none", ...pool }, named("a")),
  await read(
    "aws-kms",
    { region: "eu-west-1", roleArn: "arn:aws:iam::123456789012:role/shop" },
    ["a", "b"].map((id) => ({ key: `arn:aws:kms:eu-west-1:123456789012:key/${id}`, ciphertext: "QUJDRA==" })),
  ),
];
await stores.shutdown();
process.stdout.write(`\nRESULT ${JSON.stringify({ results, env: [...seen.env], files: [...seen.files] })}\n`);
