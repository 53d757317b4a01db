import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { allowReads, enableJwtAuth, enableKv, putKv1, putKv2, writeJwtRole } from "../servers/openbao-setup.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const objects = `
- objectName: "db-password"
  secretPath: "secret/data/production/db"
  secretKey: "password"
`;

let server: OpenBao;
let node: TestNode;
let parameters: Record<string, string>;

beforeAll(async () => {
  server = await startOpenBao({ tls: true });
  const issuer = await createTokenIssuer();
  await enableJwtAuth(server, { publicKeyPem: issuer.publicKeyPem() });
  await allowReads(server, "payments", ["secret/data/production/*", "kv/*"]);
  await writeJwtRole(server, {
    role: "payment-service",
    audience: "vault",
    subject: "system:serviceaccount:shop:payments",
    policies: ["payments"],
  });
  await putKv2(server, "production/db", { username: "svc", password: "p<&>é", port: 5432, ratio: 2.5 });
  await putKv2(server, "private", { a: "b" });
  await enableKv(server, "kv", 1);
  await putKv1(server, "old", { user: "u1", data: "text" }, "kv");
  node = await startNode({
    issuer,
    // Without keeping anything: what the store says now is what these tests are about.
    flags: { vaultTlsCaCert: server.caFile ?? "", allowAddress: "127.0.0.1", refresh: "0s", maxStale: "0s" },
  });
  parameters = { vaultAddress: server.address, roleName: "payment-service", objects };
});

afterAll(async () => {
  await node?.stop();
  await server?.stop();
});

describe("vault dialect against a real OpenBao over TLS", () => {
  const provider = "vault";
  const audiences = ["vault"];

  it("mounts the documented SecretProviderClass unchanged", async () => {
    const { target, podStatus } = await node.publish({ provider, parameters, audiences });
    expect(await readFile(join(target, "db-password"), "utf8")).toBe("p<&>é");
    expect((await stat(join(target, "db-password"))).mode & 0o777).toBe(0o644);
    expect(podStatus.status.objects.map(({ id }) => id)).toEqual(["db-password"]);
    expect(node.mounts().at(-1)).toMatchObject({
      result: "ok",
      proved: true,
      files: 1,
      storeCalls: { login: 1, read: 1 },
    });
  });

  it("takes the tokens from `secrets` as newer drivers send them", async () => {
    const { target } = await node.publish({ provider, parameters, audiences, tokensIn: "secrets", volume: "b" });
    expect(await readFile(join(target, "db-password"), "utf8")).toBe("p<&>é");
  });

  it("reads one path once for several objects, with modes, number text and whole answers", async () => {
    const several = `
- { objectName: user, secretPath: secret/data/production/db, secretKey: username, filePermission: 0400 }
- { objectName: port, secretPath: /v1/secret/data/production/db, secretKey: port }
- { objectName: ratio, secretPath: secret/data/production/db, secretKey: ratio }
- { objectName: nested/old, secretPath: kv/old, secretKey: user }
- { objectName: all.json, secretPath: kv/old }
`;
    const { target } = await node.publish({
      provider,
      parameters: { ...parameters, objects: several },
      audiences,
      volume: "c",
    });
    const read = async (name: string) => await readFile(join(target, name), "utf8");
    expect([await read("user"), await read("port"), await read("ratio"), await read("nested/old")]).toEqual([
      "svc",
      "5432",
      "2.5",
      "u1",
    ]);
    expect((await stat(join(target, "user"))).mode & 0o777).toBe(0o400);
    expect(await read("all.json")).toMatch(
      /^\{"request_id":"[0-9a-f-]{36}","lease_id":"","lease_duration":\d+,"renewable":false,"data":\{"data":"text","user":"u1"\},"warnings":null/,
    );
    expect(node.mounts().at(-1)).toMatchObject({ storeCalls: { login: 0, read: 2 } });
  });

  it("keeps versions until content changes, also where the answer holds a new request id each time", async () => {
    const both = `
- { objectName: a, secretPath: secret/data/production/db, secretKey: username }
- { objectName: whole, secretPath: kv/old }
- { objectName: rotating, secretPath: secret/data/production/rotating, secretKey: v }
`;
    await putKv2(server, "production/rotating", { v: "1" });
    const request = { provider, parameters: { ...parameters, objects: both }, audiences, volume: "d" };
    const versions = async () =>
      new Map((await node.publish(request)).podStatus.status.objects.map(({ id, version }) => [id, version]));
    const first = await versions();
    expect(await versions()).toEqual(first);
    await putKv2(server, "production/rotating", { v: "2" });
    const third = await versions();
    expect([...third].filter(([id, version]) => first.get(id) !== version).map(([id]) => id)).toEqual(["rotating"]);
  });

  it("lists every failed object with its cause and the fix, and starts no pod with part of its files", async () => {
    const wrong = `
- { objectName: good, secretPath: secret/data/production/db, secretKey: username }
- { objectName: missing, secretPath: secret/data/production/nothing, secretKey: x }
- { objectName: denied, secretPath: secret/data/private, secretKey: a }
`;
    const error = await node.publishError({
      provider,
      parameters: { ...parameters, objects: wrong },
      audiences,
      volume: "e",
    });
    expect([error.code, error.uncertain]).toEqual(["PERMISSION_DENIED", false]);
    expect(error.message).toMatch(
      /^2 problems:\n\[1\] LK0034 object "missing", vault \S*secret\/data\/production\/nothing as shop\/payments: .+ Fix: .+\n\[2\] LK0033 object "denied", vault \S*secret\/data\/private as shop\/payments: .+ Fix: /,
    );
  });

  it("says which key is missing", async () => {
    const error = await node.publishError({
      provider,
      parameters: { ...parameters, objects: objects.replace('"password"', '"passwrd"') },
      audiences,
      volume: "f",
    });
    expect(error.code).toBe("NOT_FOUND");
    expect(error.message).toContain('key "passwrd" does not exist');
  });

  it("tells a missing token and a refused login apart", async () => {
    const none = await node.publishError({ provider, parameters, volume: "g" });
    expect(none.code).toBe("UNAUTHENTICATED");
    expect(none.message).toMatch(/LK0011 .*tokenRequests/s);
    const other = await node.publishError({
      provider,
      parameters,
      audiences,
      pod: { serviceAccount: "web" },
      volume: "h",
    });
    expect(other.code).toBe("UNAUTHENTICATED");
    expect(other.message).toMatch(/LK0032 /);
  });

  it("refuses a token of somebody else before any store is asked", async () => {
    const tokens = await node.issuer.tokens({ namespace: "shop", serviceAccount: "admin" }, ["vault"]);
    const error = await node.publishError({ provider, parameters, tokens, volume: "i" });
    expect([error.code, error.message.slice(0, 6)]).toEqual(["PERMISSION_DENIED", "LK0010"]);
    expect(node.mounts().at(-1)).toMatchObject({ storeCalls: { login: 0, read: 0 } });
  });

  it("masks a failed remount for the pod, but says so in the log", async () => {
    const request = { provider, parameters, audiences, volume: "j" };
    await node.publish(request);
    await server.seal();
    const again = await node.publish(request);
    await server.unseal();
    expect(again.masked?.code).toBe("FAILED_PRECONDITION");
    expect(await readFile(join(again.target, "db-password"), "utf8")).toBe("p<&>é");
    expect(node.mounts().at(-1)).toMatchObject({ level: "warn", result: "LK0041" });
  });

  it("refuses an address that the policy does not allow", async () => {
    const error = await node.publishError({
      provider,
      parameters: { ...parameters, vaultAddress: "http://169.254.169.254" },
      audiences,
      volume: "k",
    });
    expect([error.code, /LK0022/.test(error.message)]).toEqual(["INVALID_ARGUMENT", true]);
  });
});
