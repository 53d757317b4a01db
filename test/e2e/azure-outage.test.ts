import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { azureTenant, type FakeAzure, startAzure } from "../servers/azure.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const clientID = "aaaaaaaa-0000-0000-0000-000000000001";

let issuer: TokenIssuer;
let azure: FakeAzure;
let directory: string;
let node: TestNode | undefined;

beforeAll(async () => {
  issuer = await createTokenIssuer();
  azure = await startAzure();
  for (const account of ["payments", "other"]) azure.login.federate(clientID, `system:serviceaccount:shop:${account}`);
  azure.vault("shop").allow(clientID);
  for (const value of ["old", "new"]) azure.vault("shop").setSecret("db", value);
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-cache-"));
  await chmod(directory, 0o700);
});

afterEach(async () => {
  await node?.stop();
  azure.override(undefined);
  await rm(directory, { recursive: true, force: true });
});

afterAll(async () => await azure?.stop());

async function restart(): Promise<TestNode> {
  await node?.stop();
  node = await startNode({
    issuer,
    flags: async (own) => {
      await writeFile(join(own, "key"), "k".repeat(32));
      const cache = { cacheDir: directory, cacheKeyFile: join(own, "key"), allowDiskCache: "true", refresh: "0s" };
      const { loginUrl, vaultUrl } = azure.host;
      return { providers: "azure", ...cache, azureLoginUrl: loginUrl, azureVaultUrl: vaultUrl };
    },
  });
  return node;
}

const objects = "array:\n  - |\n    objectName: db\n    objectType: secret\n    objectVersionHistory: 2\n";
const volume = (uid: string, serviceAccount = "payments") => ({
  ...{ provider: "azure", audiences: ["api://AzureADTokenExchange"], volume: uid, pod: { uid, serviceAccount } },
  parameters: { keyvaultName: "shop", tenantID: azureTenant, clientID, objects },
});

describe("while a whole region is away, the login service with it", () => {
  it("new pods of an account that has read before start with what it read, and no others", async () => {
    const first = await restart();
    await first.publish(volume("one"));
    azure.override(() => "reset");
    const { target } = await first.publish(volume("two"));
    expect(await Promise.all(["0", "1"].map((at) => readFile(join(target, "db", at), "utf8")))).toEqual(["new", "old"]);
    expect(first.mounts().at(-1)).toMatchObject({ result: "ok", stale: 2 });
    expect((await first.publishError(volume("three", "other"))).message).toMatch(/LK0030 /);
  });

  it("they start after a restart of Latchkey, too", async () => {
    await (await restart()).publish(volume("one"));
    azure.override(() => "reset");
    const after = await restart();
    const { target } = await after.publish(volume("two"));
    expect(await readFile(join(target, "db", "0"), "utf8")).toBe("new");
    expect((await after.publishError(volume("three", "other"))).message).toMatch(/LK0030 /);
  });
});

describe("what Azure says no to", () => {
  it.each([
    ["a firewall", "ForbiddenByFirewall", "az keyvault network-rule add --name shop"],
    [
      "a role that was taken",
      "ForbiddenByRbac",
      "az role assignment create --assignee aaaaaaaa-0000-0000-0000-000000000001",
    ],
    ["a secret that was disabled", "SecretDisabled", "az keyvault secret set-attributes --vault-name shop --name db"],
  ])("is not served from the cache: %s", async (_, innererror, cure) => {
    const first = await restart();
    await first.publish(volume("one"));
    azure.override(({ path }, part) =>
      part === "vault" && !path.endsWith("/versions")
        ? { status: 403, body: { error: { code: "Forbidden", message: "no", innererror: { code: innererror } } } }
        : undefined,
    );
    const { code, message } = await first.publishError(volume("two"));
    expect([code, message]).toEqual(["PERMISSION_DENIED", expect.stringContaining(cure)]);
    // The value is dropped: an outage after it brings nothing back.
    azure.override(() => "reset");
    expect((await first.publishError(volume("three"))).message).toMatch(/LK0030 |LK0033 /);
  });
});
