import { beforeAll, describe, expect, it } from "vitest";
import { readBundle } from "../../src/http/pem.ts";
import { createAuthority } from "../servers/certificates.ts";

let pem: string;
let broken: string;
beforeAll(async () => {
  pem = (await createAuthority("PEM test")).caPem.trim();
  broken = pem.replace(/\n[^\n]+/, "\nAAAA");
});

const begin = "-----BEGIN CERTIFICATE-----";
const end = "-----END CERTIFICATE-----";

describe("certificates in a text", () => {
  it("are found, each by itself, whatever stands between", () => {
    const text = `# a\n${pem}\r\n-----BEGIN X-----\n${pem}${pem} end`;
    expect(readBundle(text)).toEqual({ certificates: [pem, pem, pem], broken: [], count: 3 });
  });

  it("are found around those that cannot be read, which are told by their numbers", () => {
    const cases: readonly (readonly [text: string, count: number, broken: readonly number[]])[] = [
      [`${broken}\n${pem}\n${pem}`, 3, [1]],
      [`${pem}\n${broken}\n${pem}`, 3, [2]],
      [`${pem}\n${pem}\n${broken}`, 3, [3]],
      [`${broken}${pem}${broken}${pem}${broken}`, 5, [1, 3, 5]],
      // Cut off: where the file ends, and where another begins.
      [`${pem}\n${pem}\n${pem.slice(0, -10)}`, 3, [3]],
      [`${pem}\n${pem.slice(0, 100)}\n${pem}\n${pem}`, 4, [2]],
      [`${begin}\n${end}\n${pem}\n${pem}`, 3, [1]],
      [`${pem}\n${begin}\nnot base64 at all!\n${end}\n${pem}`, 3, [2]],
    ];
    for (const [text, count, numbers] of cases) {
      expect(readBundle(text)).toEqual({
        certificates: Array(count - numbers.length).fill(pem),
        broken: numbers,
        count,
      });
    }
  });

  it("are none where none can be read", () => {
    expect(readBundle(broken)).toEqual({ certificates: [], broken: [1], count: 1 });
    expect(readBundle(pem.slice(0, -10))).toEqual({ certificates: [], broken: [1], count: 1 });
    for (const text of ["", "no PEM", end, "-----BEGIN PRIVATE KEY-----"]) {
      expect(readBundle(text)).toEqual({ certificates: [], broken: [], count: 0 });
    }
  });

  // A pod author can write them, and the whole node waits while they are read.
  it("that begin 300,000 times and never end are none, at once", () => {
    expect(readBundle(begin.repeat(300_000))).toMatchObject({ certificates: [], count: 300_000 });
  });
});
