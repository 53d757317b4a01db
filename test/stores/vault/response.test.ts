import { describe, expect, test } from "vitest";
import { writeGoJson } from "../../../src/formats/go-json.ts";
import { parseJson } from "../../../src/formats/json.ts";
import { type Asked, holdsLease, parseResponse, secretOf } from "../../../src/stores/vault/response.ts";
import fc from "../../property.ts";
import { createAuthority } from "../../servers/certificates.ts";

const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8"));

const asked: Asked = { path: "/v1/kv/a", flavour: "vault", pinned: false, issues: false };

function secret(body: string) {
  const { value, envelope, version, volatile } = secretOf(parseResponse(Buffer.from(body)), asked);
  return { value: text(value.reveal()), envelope: text(envelope?.reveal()), version, volatile };
}

describe("a Vault response", () => {
  test("of KV version 2 gives data.data, its version, and the envelope as Go writes it", () => {
    const body =
      '{"request_id":"r1","lease_id":"","renewable":false,"lease_duration":0,"data":{"metadata":{"version":7,"created_time":"2020"},"data":{"b":"1","a":2.50}},"wrap_info":null,"warnings":null,"auth":null,"mount_type":"kv"}\n';
    expect(secret(body)).toEqual({
      value: '{"a":2.50,"b":"1"}',
      envelope:
        '{"request_id":"r1","lease_id":"","lease_duration":0,"renewable":false,"data":{"data":{"a":2.50,"b":"1"},"metadata":{"created_time":"2020","version":7}},"warnings":null,"mount_type":"kv"}',
      version: "7",
      volatile: ["request_id", "lease_id", "lease_duration", "renewable", "warnings", "auth", "wrap_info"],
    });
  });

  const values: readonly [what: string, body: string, value: string, version?: string][] = [
    ["KV version 1 gives data", '{"data":{"k":"v"}}', '{"k":"v"}'],
    ["data.data that is text stays a key", '{"data":{"data":"x","k":1}}', '{"data":"x","k":1}'],
    ["data.data of KV version 1 is a key too", '{"data":{"data":{"a":1},"k":1}}', '{"data":{"a":1},"k":1}'],
    [
      "data and metadata of KV version 1 are keys",
      '{"data":{"data":{"x":"1"},"metadata":{"y":"2"},"password":"p"}}',
      '{"data":{"x":"1"},"metadata":{"y":"2"},"password":"p"}',
    ],
    [
      "a version without the time of its making is a key",
      '{"data":{"data":{"x":1},"metadata":{"version":1}}}',
      '{"data":{"x":1},"metadata":{"version":1}}',
    ],
    [
      "a version that is text is a key",
      '{"data":{"data":{"x":1},"metadata":{"version":"1","created_time":"2020"}}}',
      '{"data":{"x":1},"metadata":{"created_time":"2020","version":"1"}}',
    ],
    [
      "a copy of KV version 2 beside another key is a key",
      '{"data":{"data":{"x":1},"k":2,"metadata":{"version":1,"created_time":"2020"}}}',
      '{"data":{"x":1},"k":2,"metadata":{"created_time":"2020","version":1}}',
    ],
    ["data alone is a key", '{"data":{"data":{"x":1}}}', '{"data":{"x":1}}'],
    [
      "numbers keep their text",
      '{"data":{"n":12345678901234567890123,"e":1E5}}',
      '{"e":1E5,"n":12345678901234567890123}',
    ],
    ["keys are keys", '{"data":{"__proto__":1,"constructor":2}}', '{"__proto__":1,"constructor":2}'],
    ["HTML is escaped", '{"data":{"a":"<&>\u2028"}}', '{"a":"\\u003c\\u0026\\u003e\\u2028"}'],
    ["an empty object is a secret", '{"data":{}}', "{}"],
    ["field names match in any case", '{"DATA":{"A":1}}', '{"A":1}'],
    ["an object without known fields is the data", '{"keys":["a"],"x":1}', '{"keys":["a"],"x":1}'],
    ["a version needs data.data", '{"data":{"metadata":{"version":3}}}', '{"metadata":{"version":3}}'],
  ];
  for (const [what, body, value] of values) {
    test(what, () => {
      expect(secret(body)).toMatchObject({ value, version: undefined });
    });
  }

  const looked: readonly [what: string, body: string, fields: string | undefined][] = [
    ["in data.data, whatever is beside it", '{"data":{"data":{"x":"1"},"password":"p"}}', '{"x":"1"}'],
    [
      "in the value of KV version 2",
      '{"data":{"data":{"x":"1"},"metadata":{"version":1,"created_time":"t"}}}',
      undefined,
    ],
    ["in the value where data.data is text", '{"data":{"data":"x","password":"p"}}', undefined],
  ];
  test.each(looked)("lets today's provider look for keys %s", (_, body, fields) => {
    expect(text(secretOf(parseResponse(Buffer.from(body)), asked).fields?.reveal())).toBe(fields);
  });

  test("gives auth and wrap_info in Go's order, with Go's zero values and times", () => {
    const body =
      '{"Warnings":["w",null],"lease_duration":5,"renewable":true,"lease_id":"l","data":{},"unknown":1,"wrap_info":{"creation_time":"2020-01-02T03:04:05.120+00:00","ttl":3},"auth":{"metadata":{"b":null,"a":"1"},"client_token":"t","extra":1,"mfa_requirement":{"b":1,"a":2}}}';
    expect(secret(body).envelope).toBe(
      '{"request_id":"","lease_id":"l","lease_duration":5,"renewable":true,"data":{},"warnings":["w",""],' +
        '"auth":{"client_token":"t","accessor":"","policies":null,"token_policies":null,"identity_policies":null,"metadata":{"a":"1","b":""},"orphan":false,"entity_id":"","lease_duration":0,"renewable":false,"mfa_requirement":{"a":2,"b":1}},' +
        '"wrap_info":{"token":"","accessor":"","ttl":3,"creation_time":"2020-01-02T03:04:05.12Z","creation_path":"","wrapped_accessor":""}}',
    );
  });

  test("holds a lease with a lease id, a token or a wrapped answer", () => {
    const holds = (body: string) => holdsLease(parseResponse(Buffer.from(body)) ?? new Map());
    expect(
      [
        '{"lease_id":"x","data":{}}',
        '{"auth":{},"data":{}}',
        '{"wrap_info":{},"data":{}}',
        '{"lease_duration":9,"data":{}}',
      ].map(holds),
    ).toEqual([true, true, true, false]);
  });
});

describe("a response that asking made", () => {
  const issuedFrom = (body: object, more: Partial<Asked> = {}) => {
    const { issued, expiresAt, immutable } = secretOf(parseResponse(Buffer.from(JSON.stringify(body))), {
      ...asked,
      issues: true,
      ...more,
    });
    return { issued, expiresAt, immutable };
  };

  test("is issued, lease or not, and never immutable", () => {
    const kv = { data: { data: { a: 1 }, metadata: { version: 3, created_time: "2020" } } };
    expect(issuedFrom(kv, { pinned: true })).toEqual({ issued: true, expiresAt: undefined, immutable: undefined });
    expect(issuedFrom(kv, { issues: false, pinned: true })).toEqual({
      issued: undefined,
      expiresAt: undefined,
      immutable: true,
    });
  });

  const ends: readonly [what: string, data: object, expiresAt: number | undefined][] = [
    ["its expiration", { expiration: 2_000_000_000 }, 2_000_000_000_000],
    ["its expiration as text", { expiration: "2000000000" }, 2_000_000_000_000],
    ["nothing where it names none", { ciphertext: "vault:v1:x" }, undefined],
    ["nothing where it names nonsense", { expiration: { a: 1 }, certificate: ["x"] }, undefined],
    ["nothing where it never ends", { expiration: 0, certificate: "-----BEGIN CERTIFICATE-----\nx" }, undefined],
    ["nothing of an SSH certificate", { certificate: "ssh-ed25519-cert-v01@openssh.com AAAA" }, undefined],
  ];
  for (const [what, data, expiresAt] of ends) {
    test(`ends with ${what}`, () => {
      expect(issuedFrom({ data })).toMatchObject({ issued: true, expiresAt });
    });
  }

  test("ends with its certificate where that is sooner than what it says, or all it says", async () => {
    const { cert } = await (await createAuthority()).issue();
    const { expiresAt: end = 0 } = issuedFrom({ data: { certificate: cert } });
    expect(Math.abs(end - Date.now() - 86_400_000)).toBeLessThan(60_000);
    expect(issuedFrom({ data: { certificate: cert, expiration: 9_999_999_999 } }).expiresAt).toBe(end);
    expect(issuedFrom({ data: { certificate: cert, expiration: 1_000_000 } }).expiresAt).toBe(1_000_000_000);
    expect(issuedFrom({ data: { certificate: cert } }, { issues: false }).expiresAt).toBeUndefined();
  });

  test("ends with its lease where it has one, whatever else it says", () => {
    const lease = { lease_id: "x", lease_duration: 60, data: { expiration: 1_000_000 } };
    const { expiresAt = 0 } = issuedFrom(lease);
    expect(Math.abs(expiresAt - Date.now() - 60_000)).toBeLessThan(5_000);
  });

  for (const [what, made] of [
    ["the token that it made", { auth: { client_token: "t", lease_duration: 60 } }],
    ["the answer that it wraps", { wrap_info: { token: "t", ttl: 60, creation_time: "2026-01-02T03:04:05Z" } }],
  ] as const) {
    test(`ends with ${what}`, () => {
      const { expiresAt = 0 } = issuedFrom({ ...made, data: {} });
      expect(Math.abs(expiresAt - Date.now() - 60_000)).toBeLessThan(5_000);
    });
  }

  test("without data says which path was asked", () => {
    expect(() => secretOf(undefined, asked)).toThrow("the server's answer cannot be used: empty response from kv/a");
  });
});

test("OpenBao's client knows no mount_type", () => {
  const body = Buffer.from('{"data":{"a":1},"mount_type":"kv"}');
  const envelope = (flavour: "vault" | "openbao") =>
    text(secretOf(parseResponse(body, flavour), { ...asked, flavour }).envelope?.reveal());
  expect(envelope("vault")).toContain(',"mount_type":"kv"}');
  expect(envelope("openbao")).toBe(
    '{"request_id":"","lease_id":"","lease_duration":0,"renewable":false,"data":{"a":1},"warnings":null}',
  );
});

describe("the value of a response", () => {
  test("is the data as Go writes it, wherever it stands in the envelope, by generated answers", () => {
    const object = fc.dictionary(
      fc.oneof(fc.constantFrom("data", "metadata", '"data":', "é"), fc.string()),
      fc.jsonValue(),
    );
    const metadata = object.map((more) => ({ ...more, version: 3, created_time: "2020" }));
    const answer = fc.record({
      data: fc.oneof(object, fc.record({ data: object, metadata })),
      request_id: fc.oneof(fc.constant('"data":{}'), fc.string({ unit: "binary" })),
      warnings: fc.constantFrom(null, ['"data":', "é"]),
    });
    fc.assert(
      fc.property(answer, (written) => {
        const parsed = parseResponse(Buffer.from(JSON.stringify(written)));
        const data = parsed?.get("data");
        if (!(data instanceof Map)) throw new Error("no data");
        const { value, version } = secretOf(parsed, asked);
        expect(text(value.reveal())).toBe(writeGoJson(version === undefined ? data : (data.get("data") ?? null)));
        expect(parseJson(value.reveal())).toBeInstanceOf(Map);
      }),
      { numRuns: 1_000 },
    );
  });

  test("of very many values is refused before anybody waits for it to be written", () => {
    const body = (count: number) => JSON.stringify({ data: { list: Array.from({ length: count }, () => 1) } });
    expect(secret(body(20_000)).value).toHaveLength(40_010);
    expect(() => secret(body(30_000))).toThrow("the secret has more than 25000 values");
  });
});
