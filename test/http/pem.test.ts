import { beforeAll, describe, expect, it } from "vitest";
import { findCertificates } from "../../src/http/pem.ts";
import { createAuthority } from "../servers/certificates.ts";

let pem: string;
beforeAll(async () => {
  pem = (await createAuthority("PEM test")).caPem.trim();
});

describe("certificates in a text", () => {
  it("are found, each by itself, whatever stands between", () => {
    expect(findCertificates(`# a\n${pem}\r\n-----BEGIN X-----\n${pem}${pem} end`)).toEqual([pem, pem, pem]);
  });

  it("are none where one of them is broken or not ended", () => {
    expect(findCertificates(`${pem}\n${pem.replace(/\n[^\n]+/, "\nAAAA")}`)).toEqual([]);
    expect(findCertificates(pem.slice(0, -10))).toEqual([]);
    expect(findCertificates("")).toEqual([]);
  });

  // A pod author can write them, and the whole node waits while they are read.
  it("that begin 300,000 times and never end are none, at once", () => {
    expect(findCertificates("-----BEGIN CERTIFICATE-----".repeat(300_000))).toEqual([]);
  });
});
