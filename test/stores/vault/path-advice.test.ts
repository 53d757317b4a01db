import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProviderError } from "../../../src/errors.ts";
import { outcomesOf } from "../outcomes.ts";
import { goodLogin, type ScriptedVault, startScriptedVault } from "./scripted-vault.ts";

let vault: ScriptedVault;
beforeAll(async () => {
  vault = await startScriptedVault();
});
afterAll(() => vault.stop());

async function errorOf(ref: string | object, status: number, body: object): Promise<ProviderError> {
  vault.answer({ login: goodLogin, read: { status, body } });
  const [outcome] = await vault.read(await vault.open(), ref);
  if (outcome?.ok !== false) throw new Error("it should have failed");
  return outcome.error;
}

const denied = { errors: ["1 error occurred:\n\t* permission denied\n\n"] };
const policy = (path: string, capability = "read") =>
  `give a policy of role "shop" the capability "${capability}" on "${path}"`;

describe("a denial on a path without data/", () => {
  const lacking: readonly (readonly [path: string, example: string])[] = [
    ["secret/shop/db", "secret/data/shop/db"],
    ["secret/db", "secret/data/db"],
    ["kv/a/b/c", "kv/data/a/b/c"],
    ["v1/secret/shop/data", "secret/data/shop/data"],
  ];
  test.each(lacking)("%s says that KV version 2 has it", async (path, example) => {
    const { id, details } = await errorOf(path, 403, denied);
    const plain = path.replace(/^v1\//, "");
    expect([id, details.fix]).toEqual([
      "LK0033",
      `write data/ after the mount if the engine is KV version 2, as in "${example}"; otherwise ${policy(plain)}`,
    ]);
  });

  const others: readonly (readonly [ref: string | object, fix: string])[] = [
    ["secret/data/shop/db", policy("secret/data/shop/db")],
    ["team/kv/data/shop/db", policy("team/kv/data/shop/db")],
    ["secret/metadata/shop/db", policy("secret/metadata/shop/db")],
    ["database/creds/app", policy("database/creds/app")],
    ["database/static-creds/app", policy("database/static-creds/app")],
    ["aws/sts/app", policy("aws/sts/app")],
    ["pki/cert/ca", policy("pki/cert/ca")],
    ["auth/token/lookup-self", policy("auth/token/lookup-self")],
    ["sys/health", policy("sys/health")],
    ["cubbyhole/a", policy("cubbyhole/a")],
    [{ name: "pki/issue/web", method: "PUT" }, policy("pki/issue/web", "update")],
    ["secret", policy("secret")],
  ];
  test.each(others)("not where it has it, or where no KV engine is: %j", async (ref, fix) => {
    expect((await errorOf(ref, 403, denied)).details.fix).toBe(fix);
  });
});

describe("an absence", () => {
  const metadata = (more: object) => ({
    request_id: "r",
    lease_id: "",
    lease_duration: 0,
    renewable: false,
    data: { data: null, metadata: { created_time: "2026-01-01T00:00:00Z", version: 2, ...more } },
  });

  test("of a version that was deleted says when, and how to bring it back", async () => {
    const body = metadata({ deletion_time: "2026-02-03T04:05:06.789Z", destroyed: false });
    const { id, message, details } = await errorOf("secret/data/shop/db", 404, body);
    expect([id, message, details.fix]).toEqual([
      "LK0034",
      "couldn't read secret secret/data/shop/db (status 404): version 2 was deleted at 2026-02-03T04:05:06.789Z",
      "undelete it (vault kv undelete -mount=secret -versions=2 shop/db), or write a new version",
    ]);
  });

  test("of a version below a mount of several parts leaves the command's path to the reader", async () => {
    const body = metadata({ deletion_time: "2026-02-03T04:05:06Z", destroyed: false });
    const { details } = await errorOf("team/kv/data/shop/db?version=2", 404, body);
    expect(details.fix).toBe(
      "undelete it (vault kv undelete -mount=team/kv -versions=2 shop/db), or write a new version",
    );
  });

  test("of a version that was destroyed says that it is gone for good", async () => {
    for (const deletion_time of ["", "2026-02-03T04:05:06Z"]) {
      const { id, message, details } = await errorOf(
        "secret/data/db",
        404,
        metadata({ deletion_time, destroyed: true }),
      );
      expect([id, message, details.fix]).toEqual([
        "LK0034",
        "couldn't read secret secret/data/db (status 404): version 2 was destroyed",
        "write a new version, or ask for another one by ?version=: a destroyed version cannot be restored",
      ]);
    }
  });

  test("hints at data/ only where the path has none", async () => {
    const nothing = { errors: [] };
    expect((await errorOf("secret/shop/db", 404, nothing)).details.fix).toBe(
      'check the path; KV version 2 wants data/ after the mount, as in "secret/data/shop/db"',
    );
    expect((await errorOf("secret/data/shop/db", 404, nothing)).details.fix).toBe(
      "check the path, and that the secret was written there",
    );
    expect((await errorOf("secret/data/shop/db?version=7", 404, nothing)).details.fix).toBe(
      "check the path and the version, and that the secret was written there",
    );
    expect((await errorOf("database/creds/app", 404, nothing)).details.fix).toBe("check the path");
  });

  const odd: readonly object[] = [
    { version: "2", deletion_time: "2026-02-03T04:05:06Z" },
    { version: 2, deletion_time: "CANARY" },
    { version: 2, deletion_time: `2026-02-03T04:05:06${"1".repeat(100)}Z` },
    { version: 2, deletion_time: "2026-02-03T04:05:06Z\nCANARY", destroyed: "yes" },
    { version: 2, deletion_time: 7, destroyed: 1 },
  ];
  test.each(odd)("with metadata of odd types tells nothing of it: %j", async (more) => {
    const error = await errorOf("secret/data/db", 404, metadata(more));
    expect(error.message).toBe("couldn't read secret secret/data/db (status 404)");
  });
});

describe("a denied list", () => {
  test("of a prefix without data/ says that KV version 2 has it", async () => {
    vault.answer({ login: goodLogin, read: { status: 403, body: denied } });
    const query = vault.store.search.query.parse({ prefix: "secret/shop/" });
    const [outcome] = await outcomesOf(await vault.open(), [query], vault.context());
    expect(outcome?.ok === false && outcome.error.details.fix).toBe(
      `write data/ after the mount if the engine is KV version 2, as in "secret/data/shop"; otherwise ${policy("secret/shop/*", "list")}`,
    );
  });
});

describe("a search that finds nothing", () => {
  const cases: readonly (readonly [query: object, advice: string])[] = [
    [
      { prefix: "secret/data/shop/" },
      'check the prefix: "secret/metadata/shop" was listed; write kv: 1 if the engine is KV version 1, or mount: if its mount is not "secret"',
    ],
    [
      { prefix: "secret/shop/" },
      'check the prefix: "secret/shop" was listed; KV version 2 wants data/ after the mount, as in "secret/data/shop/"',
    ],
    [
      { prefix: "secret/data/", kv: 1 },
      'check the prefix: "secret/data" was listed; leave kv: 1 out if the engine is KV version 2',
    ],
    [
      { prefix: "team/data/kv/data/shop/", mount: "team/data/kv" },
      'check the prefix: "team/data/kv/metadata/shop" was listed; write kv: 1 if the engine is KV version 1, or mount: if its mount is not "team/data/kv"',
    ],
    [{ prefix: "cubbyhole/x/" }, 'check the prefix: "cubbyhole/x" was listed'],
  ];
  test.each(cases)("is advised on data/, kv and mount: %j", (query, advice) => {
    const parsed = vault.store.search.query.parse(query);
    expect(vault.store.search.emptyAdvice?.(parsed)).toBe(advice);
  });
});
