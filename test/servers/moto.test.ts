import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Moto, startMoto } from "./moto.ts";

describe("moto", () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto.stop());

  test("keeps secrets by region, text and bytes, with their versions", async () => {
    const { arn, versionId } = await moto.createSecret("eu-west-1", "shop/db", "one");
    const next = await moto.putSecret("eu-west-1", "shop/db", new Uint8Array([0, 255]));
    expect(arn).toMatch(/^arn:aws:secretsmanager:eu-west-1:\d{12}:secret:shop\/db-/);
    const client = moto.client("eu-west-1");
    const current = await client.send(new GetSecretValueCommand({ SecretId: "shop/db" }));
    expect(current).toMatchObject({ SecretBinary: new Uint8Array([0, 255]), VersionId: next });
    const first = await client.send(new GetSecretValueCommand({ SecretId: arn, VersionId: versionId }));
    expect(first).toMatchObject({ SecretString: "one", VersionId: versionId });
    client.destroy();
  });

  test("knows nothing of another region", async () => {
    const client = moto.client("eu-central-1");
    const read = client.send(new GetSecretValueCommand({ SecretId: "shop/db" }));
    await expect(read).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    client.destroy();
  });
});
