import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAddressPolicy } from "../../src/address-policy.ts";
import type { Profile } from "../../src/config/profile.ts";
import { ProviderError } from "../../src/errors.ts";
import type { Wanted } from "../../src/plan/plan.ts";
import type { Session } from "../../src/stores/store.ts";
import { createVaultStore } from "../../src/stores/vault/index.ts";
import type { VaultRef, VaultSearch } from "../../src/stores/vault/types.ts";
import { planOf } from "../dialects/plan-of.ts";
import fc from "../property.ts";
import { scaled } from "../scale.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { createApiClient, mountKv } from "../servers/openbao-api.ts";
import { enableAppRole, writePolicy } from "../servers/openbao-engines.ts";
import { outcomesOf } from "../stores/outcomes.ts";

/** So many classes are tried of each kind. */
const runs = scaled(10_000);

const namespaces = ["team-evil", "team-evil/child", "team-evil2", "team-bank", "team-bank/team-evil"];
const folders = ["team-evil", "team-bank", "team-evil2"];
const store = createVaultStore({ addresses: createAddressPolicy(["127.0.0.1"]), concurrency: 8 });
const context = () => ({ signal: AbortSignal.timeout(10_000), count: () => undefined });

let bao: OpenBao;
let own: string;
let profile: Profile;
let session: Session<VaultRef, VaultSearch>;

/** A profile whose login may read all there is: its prefixes alone keep a class to what is its own. */
beforeAll(async () => {
  bao = await startOpenBao();
  own = await mkdtemp(join(tmpdir(), "latchkey-fences-"));
  for (const namespace of namespaces) await makeNamespace(namespace);
  await mountKv(bao, "kv", 1);
  for (const folder of folders)
    await putAll((path, body) => bao.request("POST", `kv/${folder}/${path}`, body), `kv/${folder}`);
  await writePolicy(bao, "all", { "*": ["read", "list"] });
  const { roleId, secretId } = await enableAppRole(bao, ["all"]);
  await writeFile(join(own, "role"), roleId);
  await writeFile(join(own, "secret"), secretId);
  const settings = {
    ...{ address: bao.address, auth: "approle", namespace: "/" },
    ...{ roleIdFile: join(own, "role"), secretIdFile: join(own, "secret") },
  };
  profile = { name: "v", kind: "vault", settings, prefixes: ["/team-{namespace}/", "kv/team-{namespace}/"] };
  const identity = { namespace: "evil", serviceAccount: "web", proved: true, tokens: new Map() };
  const parsed = store.settings("operator").parse(settings);
  session = await store.open({ identity, settings: parsed, found: new Map(), context: context() });
});

afterAll(async () => {
  await store.shutdown();
  await bao?.stop();
  await rm(own, { recursive: true, force: true });
});

/** Each secret says where it is, and each folder has a key that no other has. */
async function putAll(put: (path: string, body: object) => Promise<unknown>, place: string): Promise<void> {
  for (const path of ["db", "a/db", "root/db", `only:${place.replaceAll("/", ":")}`]) {
    await put(path, { at: `${place}/${path}` });
  }
}

async function makeNamespace(namespace: string): Promise<void> {
  const slash = namespace.lastIndexOf("/");
  const [above, name] = slash < 0 ? ["", namespace] : [namespace.slice(0, slash), namespace.slice(slash + 1)];
  const parent = createApiClient(bao.address, bao.rootToken, undefined, undefined, above || undefined);
  const inside = createApiClient(bao.address, bao.rootToken, undefined, undefined, namespace);
  await parent.request("POST", `sys/namespaces/${name}`, {});
  await mountKv(inside, "secret", 1);
  await putAll((path, body) => inside.request("POST", `secret/${path}`, body), `${namespace}/secret`);
  await Promise.all([parent.close(), inside.close()]);
}

const noise = fc.constantFrom(
  ...[
    "..",
    ".",
    "",
    "...",
    "..;",
    "%2e%2e",
    "%2E.",
    "%252e%252e",
    "..%2f",
    "\\",
    "..\\",
    "\u0000",
    "\r",
    "\u2024\u2024",
    "．．",
  ],
  ...[
    "root",
    "v1",
    "team-evil",
    "team-bank",
    "child",
    "secret",
    "kv",
    "a",
    "sys",
    "auth",
    "TEAM-BANK",
    " ",
    "?",
    "?list=true",
    "#",
  ],
);
const slash = fc.oneof(
  { arbitrary: fc.constant("/"), weight: 30 },
  { arbitrary: fc.constantFrom("//", "/./", "\\", "%2f", "%5c", "/../", "%00"), weight: 1 },
);

/** Plain parts of which some are replaced by, or get, a neighbour that may lead elsewhere. */
function spelled(...bases: readonly (readonly string[])[]): fc.Arbitrary<string> {
  const odd = fc.array(fc.record({ at: fc.nat(5), part: noise, instead: fc.boolean() }), { maxLength: 3 });
  const ends = fc.constantFrom("", "", "", "/");
  return fc
    .tuple(fc.constantFrom(...bases), odd, fc.array(slash, { minLength: 10, maxLength: 10 }), ends, ends)
    .map(([base, changes, slashes, before, behind]) => {
      const parts = [...base];
      for (const { at, part, instead } of changes) parts.splice(at % (parts.length + 1), instead ? 1 : 0, part);
      return `${before}${parts.map((part, index) => `${index === 0 ? "" : slashes[index % 10]}${part}`).join("")}${behind}`;
    });
}

const namespace = fc.option(
  spelled(
    [],
    ["team-evil"],
    ["team-evil"],
    ["team-evil", "child"],
    ["team-bank"],
    ["root"],
    ["team-evil", "team-bank"],
  ),
  { nil: undefined, freq: 3 },
);
const path = spelled(
  ...[
    ["secret", "db"],
    ["secret", "a", "db"],
    ["child", "secret", "db"],
    ["v1", "secret", "db"],
    ["secret", "root", "db"],
  ],
  ...[
    ["team-bank", "secret", "db"],
    ["team-evil", "secret", "db"],
    ["kv", "team-evil", "db"],
    ["kv", "team-evil", "a", "db"],
  ],
);
const prefix = spelled(
  ["secret", ""],
  ["child", "secret", ""],
  ["team-bank", "secret", ""],
  ["kv", "team-evil", ""],
  ["kv", ""],
);

/** The one secret that a class wants, or undefined where it is refused for what it says. */
async function wantedOf(
  dialect: "latchkey" | "vault",
  parameters: Record<string, string>,
): Promise<Wanted | undefined> {
  try {
    return (await planOf(dialect, parameters, { namespace: "evil", profiles: [profile] })).secrets[0];
  } catch (thrown) {
    if (!(thrown instanceof ProviderError)) throw thrown;
    expect(thrown.describe()).toMatch(/LK0003|LK0021/);
    return undefined;
  }
}

function classOf(secret: object): Record<string, string> {
  return { stores: "v: { profile: v }", secrets: JSON.stringify([{ store: "v", ...secret }]) };
}

/** The text of the value that the server answers with, or undefined if there is none. */
async function asked(ref: unknown): Promise<string | undefined> {
  const [outcome] = await outcomesOf(session, [ref as VaultRef], context());
  return outcome?.ok === true ? Buffer.from(outcome.secret.value.reveal()).toString() : undefined;
}

/** Runs one class after the other, and returns how many were answered; `ask` returns undefined for the others. */
async function tryAll<T>(values: fc.Arbitrary<T>, ask: (value: T) => Promise<string | undefined>): Promise<number> {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      if ((await ask(value)) !== undefined) answered += 1;
    }),
    { numRuns: runs },
  );
  return answered;
}

describe("the prefixes of a profile, against a real OpenBao", () => {
  it("let no name reach what is another's, and say where it leads", { timeout: 600_000 }, async () => {
    const answered = await tryAll(fc.record({ name: path, namespace }), async (secret) => {
      const wanted = await wantedOf("latchkey", classOf({ ...secret, files: [{ path: "f" }] }));
      if (wanted === undefined) return undefined;
      const answer = await asked(wanted.source.ref);
      if (answer === undefined) return undefined;
      const at = JSON.parse(answer).at as string | undefined;
      // A list of names, for a query that asks for one.
      if (at === undefined) expect(answer).not.toMatch(/only:(?!team-evil:|kv:team-evil")/);
      else expect([at, at.startsWith("team-evil/") || at.startsWith("kv/team-evil/")]).toEqual([placeOf(wanted), true]);
      return answer;
    });
    expect(answered).toBeGreaterThan(runs / 100);
  });

  it("let no search list what is another's", { timeout: 600_000 }, async () => {
    const answered = await tryAll(fc.record({ prefix, namespace }), async (find) => {
      const wanted = await wantedOf("latchkey", classOf({ find, expand: {} }));
      if (wanted === undefined) return undefined;
      const answer = await asked(wanted.source.ref);
      expect(answer ?? "").not.toMatch(/only:(?!team-evil:|kv:team-evil")/);
      return answer === "[]" ? undefined : answer;
    });
    expect(answered).toBeGreaterThan(runs / 100);
  });
});

describe("a secretPath of today's provider, against a real OpenBao", () => {
  it("is read as the server reads it, wherever it leads", { timeout: 600_000 }, async () => {
    const answered = await tryAll(fc.record({ path, namespace }), async (given) => {
      const object = { objectName: "f", secretPath: given.path, secretNamespace: given.namespace ?? "" };
      const parameters = { roleName: "r", vaultAddress: bao.address, objects: JSON.stringify([object]) };
      const wanted = await wantedOf("vault", parameters);
      if (wanted === undefined) return undefined;
      const answer = await asked(wanted.source.ref);
      const at = answer === undefined ? undefined : (JSON.parse(answer).at as string | undefined);
      if (at !== undefined) expect(at).toBe(placeOf(wanted));
      return answer;
    });
    expect(answered).toBeGreaterThan(runs / 100);
  });
});

/** Where our own reading says that a secret is: the names of its namespaces and its path, as the server joins them. */
function placeOf({ source }: Wanted): string {
  const ref = source.ref as VaultRef;
  return [ref.namespace ?? "", ref.path.slice("/v1/".length)].filter((part) => part !== "").join("/");
}
