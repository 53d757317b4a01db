import { describe, expect, test } from "vitest";
import { holdsLease, parseResponse, secretOf } from "../../../src/stores/vault/response.ts";

const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8"));

function secret(body: string) {
  const { value, envelope, version, volatile } = secretOf(parseResponse(Buffer.from(body)), false);
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
    ["data.data that is an object hides its neighbours", '{"data":{"data":{"a":1},"k":1}}', '{"a":1}'],
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
