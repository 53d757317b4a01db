import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Session } from "../../../src/stores/store.ts";
import type { VaultRef, VaultSearch } from "../../../src/stores/vault/types.ts";
import type { Answer, RecordedRequest } from "../../servers/scripted.ts";
import { outcomesOf } from "../outcomes.ts";
import { goodLogin, type ScriptedVault, startScriptedVault } from "./scripted-vault.ts";

let vault: ScriptedVault;
beforeAll(async () => {
  vault = await startScriptedVault();
});
afterAll(() => vault.stop());

const nothing: Answer = { status: 404, body: { errors: [] } };
const keys = (...names: readonly unknown[]): Answer => ({ body: { data: { keys: names } } });

/** Folders by their paths below the engine's list. */
const folders = (answers: Readonly<Record<string, Answer>>) => (request: RecordedRequest) =>
  answers[request.path.slice("/v1/secret/metadata/".length)] ?? nothing;

/** The names that are found, or the error; and the paths that were asked for them. */
async function find(session: Session<VaultRef, VaultSearch>, prefix = "secret/data/shop/") {
  const before = vault.server.requests.length;
  const query = vault.store.search.query.parse({ prefix });
  const [outcome] = await outcomesOf(session, [query], vault.context());
  const asked = vault.server.requests.slice(before).map(({ path }) => path);
  if (outcome?.ok !== true) return { asked, error: outcome?.error };
  return { asked, names: JSON.parse(Buffer.from(outcome.secret.value.reveal()).toString()) as unknown };
}

describe("a search in Vault", () => {
  it.each(["..", "../", ".", "./", "", "/", "a//", "a/b", "/a"])(
    "refuses a folder with the key %j, and goes nowhere for it",
    async (key) => {
      vault.answer({ read: folders({ shop: keys("a", key) }) });
      const { asked, error } = await find(await vault.open());
      expect(error?.describe() ?? "found").toContain(
        `LK0036: the store listed ${JSON.stringify(`secret/data/shop/${key}`)}`,
      );
      expect(asked).toEqual(["/v1/secret/metadata/shop"]);
    },
  );

  const noLists: readonly (readonly [what: string, answer: Answer])[] = [
    ["no body", { body: "" }],
    ["204", { status: 204 }],
    ["an empty object", { body: {} }],
    ["data without keys", { body: { data: {} } }],
    ["keys that are null", { body: { data: { keys: null } } }],
    ["keys by number", { body: { data: { keys: { 0: "a" } } } }],
    ["a key that is a number", keys("a", 1)],
    ["a key that is null", keys("a", null)],
  ];
  it.each(noLists)("takes %s for no list, and not for an empty one", async (_, answer) => {
    vault.answer({ read: folders({ shop: keys("a/", "b"), "shop/a": answer }) });
    const { error } = await find(await vault.open());
    expect([error?.id, error?.reason]).toEqual(["LK0036", "fault"]);
  });

  const wrongPaths: readonly (readonly [what: string, body: object])[] = [
    ["a path without an engine", { errors: ['no handler for route "x". route entry not found.'] }],
    [
      "an engine that wants another path",
      { request_id: "r", data: null, warnings: ["Invalid path for a versioned K/V secrets engine."] },
    ],
  ];
  it.each(wrongPaths)("takes %s for no empty folder", async (_, body) => {
    vault.answer({ read: folders({ shop: keys("a/", "b"), "shop/a": { status: 404, body } }) });
    const { error } = await find(await vault.open());
    expect([error?.id, error?.reason]).toEqual(["LK0046", "invalid"]);
  });

  it("asks nothing more once a folder has failed", async () => {
    const many = Array.from({ length: 100 }, (_, at) => `f${at}/`);
    vault.answer({ read: (request) => (request.path.endsWith("/shop") ? keys(...many) : { status: 503, body: {} }) });
    const { asked, error } = await find(await vault.open());
    expect(error?.reason).toBe("outage");
    await vault.read(await vault.open());
    expect(asked.length).toBeLessThan(10);
    expect(vault.server.requests.filter(({ path }) => path.includes("/metadata/shop/f")).length).toBeLessThan(10);
  });

  it("takes a folder that has gone meanwhile for an empty one", async () => {
    vault.answer({ read: folders({ shop: keys("a/", "b") }) });
    expect((await find(await vault.open())).names).toEqual(["secret/data/shop/b"]);
  });
});

describe("a search by a token that is good for a few requests", () => {
  const openFor = (uses: number, read: (request: RecordedRequest) => Answer) => {
    const { auth } = (goodLogin as { readonly body: { readonly auth: object } }).body;
    vault.answer({ login: { body: { auth: { ...auth, num_uses: uses } } }, read });
    return vault.open();
  };

  it("has all that is left to itself, and gives back what it did not need", async () => {
    const answers = folders({ shop: keys("a/", "b"), "shop/a": keys("c") });
    const spent: unknown[] = [];
    const session: Session<VaultRef, VaultSearch> = await openFor(5, (request) => {
      spent.push(session.spent);
      return answers(request);
    });
    expect((await find(session)).names).toEqual(["secret/data/shop/a/c", "secret/data/shop/b"]);
    expect(spent).toEqual([true, true]);
    for (let left = 2; left > 0; left -= 1) {
      expect(session.spent).toBe(false);
      await vault.read(session);
    }
    expect(session.spent).toBe(true);
  });

  it("that needs more says so, and sends no request that the server would deny", async () => {
    const session = await openFor(3, folders({ shop: keys("a/", "b/", "c/") }));
    const { asked, error } = await find(session);
    expect(error?.describe()).toContain(
      "LK0044: the search for secrets below secret/data/shop/ takes more than 2 calls",
    );
    expect(error?.describe()).toContain("token_num_uses");
    expect(asked.length).toBeLessThanOrEqual(2);
  });
});
