import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AzureStore, clientId, startAzureStore } from "../azure/azure-store.ts";
import { outcomesOf } from "../outcomes.ts";

describe("objects of a vault", () => {
  let fixture: AzureStore;

  beforeAll(async () => {
    fixture = await startAzureStore();
  });

  afterAll(async () => await fixture.stop());

  const read = async (...refs: readonly object[]) => await fixture.read(await fixture.open(), ...refs);
  const shop = () => fixture.azure.vault("shop");
  const jwkOf = (kind: "rsa" | "P-256" | "P-384" | "P-521") => {
    const pair =
      kind === "rsa"
        ? generateKeyPairSync("rsa", { modulusLength: 2_048 })
        : generateKeyPairSync("ec", { namedCurve: kind });
    return {
      jwk: pair.publicKey.export({ format: "jwk" }),
      pem: pair.publicKey.export({ type: "spki", format: "pem" }),
    };
  };

  test.each(["rsa", "P-256", "P-384", "P-521"] as const)("gives the public part of a key as PEM: %s", async (kind) => {
    const { jwk, pem } = jwkOf(kind);
    shop().setKey("signing", jwk);
    shop().setKey("hardware", { ...jwk, kty: `${jwk.kty}-HSM` });
    expect(await read({ name: "signing", type: "key" }, { name: "hardware", type: "key" })).toEqual([pem, pem]);
  });

  test.each([
    ["a symmetric key", { kty: "oct-HSM" }, "LK0040"],
    ["a curve of coins", { kty: "EC", crv: "P-256K", x: "AA", y: "AA" }, "LK0040"],
    ["another type", { kty: "OKP", crv: "Ed25519", x: "AA" }, "LK0040"],
    ["no type", { n: "AA", e: "AQAB" }, "LK0036"],
    ["RSA without a modulus", { kty: "RSA", e: "AQAB" }, "LK0036"],
    ["EC without a curve", { kty: "EC", x: "AA", y: "AA" }, "LK0036"],
    ["a point that is on no curve", { kty: "EC", crv: "P-256", x: "AA", y: "AA" }, "LK0036"],
    ["numbers for texts", { kty: "RSA", n: 7, e: 7 }, "LK0036"],
  ])("refuses %s with an error", async (_, jwk, word) => {
    shop().setKey("odd", jwk);
    expect(await read({ name: "odd", type: "key" })).toEqual([word]);
  });

  test("gives a certificate as PEM, in lines of 64 characters", async () => {
    const der = Buffer.from(createPublicKey(String(jwkOf("rsa").pem)).export({ type: "spki", format: "der" }));
    shop().setCertificate("tls", der.toString("base64"));
    const [pem] = await read({ name: "tls", type: "certificate" });
    const lines = pem?.split("\n") ?? [];
    expect([lines.at(0), lines.at(-2), lines.at(-1)]).toEqual([
      "-----BEGIN CERTIFICATE-----",
      "-----END CERTIFICATE-----",
      "",
    ]);
    expect(lines.slice(1, -3).every(({ length }) => length === 64)).toBe(true);
    expect(Buffer.from(lines.slice(1, -2).join(""), "base64")).toEqual(der);
    for (const cer of [null, "", "*", 7]) {
      shop().setCertificate("tls", cer);
      expect(await read({ name: "tls", type: "certificate" })).toEqual(["LK0036"]);
    }
  });

  test("says what a secret is only where the vault says it: behind a certificate", async () => {
    const kid = "https://shop.vault.azure.net/keys/tls/1";
    shop().setSecret("plain", "p", { contentType: "application/x-pkcs12" });
    shop().setSecret("backed", "b", { contentType: "application/x-pkcs12", kid });
    shop().setSecret("untold", "u", { kid });
    const refs = ["plain", "backed", "untold"].map((name) => ({ name }));
    const outcomes = await fixture.outcomes(await fixture.open(), ...refs);
    expect(outcomes.map((outcome) => outcome.ok && outcome.secret.mediaType)).toEqual([
      undefined,
      "application/x-pkcs12",
      "",
    ]);
  });

  test("reads a version for ever, and the newest for now", async () => {
    const [first, second] = ["one", "two"].map((value) => shop().setSecret("db", value));
    const outcomes = await fixture.outcomes(await fixture.open(), { name: "db" }, { name: "db", version: first });
    expect(outcomes.map((outcome) => outcome.ok && [outcome.secret.version, outcome.secret.immutable])).toEqual([
      [second, undefined],
      [first, true],
    ]);
    expect(await read({ name: "db", version: "0".repeat(32) })).toEqual(["LK0034 SecretNotFound"]);
  });

  test("counts back through the enabled versions, by their time and over pages", async () => {
    shop().pageSize = 3;
    const ids = Array.from({ length: 10 }, (_, index) => shop().setSecret("history", `v${index}`));
    shop().enable("secrets", "history", false, ids[8]);
    const refs = [0, 1, 2, 8].map((back) => ({ name: "history", back }));
    expect(await read(...refs, { name: "history", version: "previous" })).toEqual(["v9", "v7", "v6", "v0", "v7"]);
    expect(await read({ name: "history", back: 9 })).toEqual(["LK0034"]);
    expect(await read({ name: "history", version: ids[4], back: 1 })).toEqual(["v3"]);
    expect(await read({ name: "history", version: "unknown", back: 0 })).toEqual(["LK0034"]);
    const [outcome] = await fixture.outcomes(await fixture.open(), { name: "history", back: 1 });
    expect(outcome?.ok && [outcome.secret.version, outcome.secret.immutable]).toEqual([ids[7], undefined]);
    shop().pageSize = 25;
  });

  test("reads several versions of one object as one, with one list", async () => {
    const { store } = fixture;
    for (const value of ["one", "two", "three"]) shop().setSecret("pair", value);
    const parse = (ref: object) => store.ref.parse({ name: "pair", ...ref });
    const refs = [{}, { back: 1 }, { back: 2 }, { back: 3 }].map(parse);
    expect(new Set(refs.map((ref) => store.together?.unitOf(ref))).size).toBe(1);
    expect(store.together?.unitOf(parse({ version: "1" }))).toBeUndefined();
    const joined = store.together?.join(refs.map((ref, index) => ({ ref, optional: index === 3 })));
    const before = fixture.azure.count("vault");
    const [outcome] = await outcomesOf(await fixture.open(), [joined], {
      signal: AbortSignal.timeout(5_000),
      count: () => undefined,
    });
    const texts = outcome?.ok
      ? outcome.secret.together?.map((each) => each && Buffer.from(each.value.reveal()).toString())
      : undefined;
    expect(texts).toEqual(["three", "two", "one", undefined]);
    expect(fixture.azure.count("vault") - before).toBe(4);
  });

  test("finds names by prefix and tag over pages, without what is disabled or part of a certificate", async () => {
    const vault = fixture.azure.vault("catalogue");
    vault.allow(clientId);
    for (let index = 0; index < 60; index += 1)
      vault.setSecret(`app-${index}`, "x", { tags: { team: index % 2 ? "a" : "b" } });
    vault.setSecret("app-off", "x", { enabled: false, tags: { team: "a" } });
    vault.setSecret("app-tls", "x", { managed: true, tags: { team: "a" } });
    vault.setKey("app-key", { kty: "RSA" });
    const session = await fixture.open({ settings: { vault: "catalogue" } });
    const find = async (query: object) => {
      const [found] = await outcomesOf(session, [fixture.store.search.query.parse(query)], {
        signal: AbortSignal.timeout(5_000),
        count: () => undefined,
      });
      return found?.ok ? (JSON.parse(Buffer.from(found.secret.value.reveal()).toString()) as string[]) : undefined;
    };
    expect((await find({ prefix: "" }))?.length).toBe(60);
    expect((await find({ tags: { team: "a" } }))?.length).toBe(30);
    expect(await find({ prefix: "app-5", tags: { team: "a" } })).toEqual([
      "app-5",
      "app-51",
      "app-53",
      "app-55",
      "app-57",
      "app-59",
    ]);
    expect(await find({ type: "key", prefix: "app" })).toEqual(["app-key"]);
    expect(await find({ type: "certificate", prefix: "" })).toEqual([]);
  });
});
