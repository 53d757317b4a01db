import { describe, expect, it } from "vitest";
import { secretCodec } from "../../src/fetch/secret-codec.ts";
import { Redacted } from "../../src/redacted.ts";
import { secretOfAll } from "../../src/stores/join-secrets.ts";
import type { Secret } from "../../src/stores/store.ts";

const bytes = (text: string) => new Redacted<Uint8Array>(Uint8Array.from(Buffer.from(text)));

const secrets: readonly [what: string, secret: Secret][] = [
  ["a value", { value: bytes("v") }],
  ["an empty value", { value: bytes("") }],
  ["a value and the whole answer", { value: bytes("v"), envelope: bytes("whole"), volatile: ["request_id"] }],
  ["fields of their own", { value: bytes("v"), envelope: bytes("whole"), fields: bytes("f") }],
  ["empty fields, and no whole answer", { value: bytes("v"), fields: bytes("") }],
  ["a version and an end", { value: bytes("v"), version: "7", immutable: true, issued: true, expiresAt: 5 }],
];

describe("several secrets as one in the persistent cache", () => {
  it("come back as they were, the one that is absent too", () => {
    const parts = [...secrets.map(([, secret]) => secret), undefined, { value: bytes("last") }];
    const back = secretCodec.decode(secretCodec.encode(secretOfAll(parts)));
    expect(back.together?.map((part) => part && Buffer.from(secretCodec.encode(part)).toString())).toEqual(
      parts.map((part) => part && Buffer.from(secretCodec.encode(part)).toString()),
    );
    expect(back.value.reveal()).toEqual(secretOfAll(parts).value.reveal());
  });
});

describe("a secret in the persistent cache", () => {
  it.each(secrets)("with %s comes back as it was", (_, secret) => {
    const back = secretCodec.decode(secretCodec.encode(secret));
    const plain = ({ value, envelope, fields, ...rest }: Secret) => ({
      ...rest,
      texts: [value, envelope, fields].map((part) => part && Buffer.from(part.reveal()).toString()),
    });
    expect(plain(back)).toEqual(plain(secret));
  });
});
