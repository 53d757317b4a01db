import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { startScriptedVault } from "./scripted-vault.ts";

const require = createRequire(import.meta.url);

test("a call to Vault passes no JSON schema: types hold what node-vault's would check", async () => {
  const schemas = createRequire(require.resolve("node-vault"))("tv4");
  const marked = { valid: "as it was" };
  Object.assign(schemas, marked);
  const vault = await startScriptedVault();
  try {
    vault.answer({ read: { body: { data: { a: 1 } } } });
    const session = await vault.open();
    expect(await vault.read(session, "kv/a")).toMatchObject([{ ok: true }]);
    await session.close();
  } finally {
    await vault.stop();
  }
  expect(schemas).toMatchObject(marked);
});
