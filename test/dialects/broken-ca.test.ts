import { beforeAll, describe, expect, it } from "vitest";
import { brokenPem, createAuthority } from "../servers/certificates.ts";
import { type Parameters, planOf, problemsOf } from "./plan-of.ts";

let good: string;
beforeAll(async () => {
  good = (await createAuthority()).caPem;
});

/** One class of each dialect that takes a CA as text, and what it calls it. */
const classes: readonly (readonly [
  dialect: "vault" | "openbao" | "latchkey",
  name: string,
  of: (ca: string) => Parameters,
])[] = [
  [
    "vault",
    "vaultCACert",
    (vaultCACert) => ({ roleName: "r", objects: "[{ objectName: a, secretPath: b }]", vaultCACert }),
  ],
  [
    "openbao",
    "baoCACert",
    (baoCACert) => ({ roleName: "r", objects: "[{ objectName: a, secretPath: b }]", baoCACert }),
  ],
  [
    "latchkey",
    "stores.v.ca",
    (ca) => ({
      stores: `v: ${JSON.stringify({ kind: "vault", address: "https://v:8200", role: "r", ca })}`,
      secrets: "[{ store: v, name: secret/data/a, files: [{ path: a }] }]",
    }),
  ],
];

describe("a CA that is given as text", () => {
  it.each(classes)(
    "with one certificate that cannot be read is taken, with a warning (%s)",
    async (dialect, name, of) => {
      const plan = await planOf(dialect, of(`${good}${brokenPem}${good}`));
      expect(plan.warnings).toMatchObject([
        { text: `${name}: certificate 2 of 3 cannot be read and is left out`, about: "tls" },
      ]);
      expect((await planOf(dialect, of(good))).warnings).toEqual([]);
    },
  );

  it.each(classes)("without one that can be read is refused (%s)", async (dialect, name, of) => {
    for (const text of [brokenPem, good.slice(0, -40)]) {
      const problems = await problemsOf(dialect, of(text));
      expect(problems).toEqual([expect.stringMatching(`^LK00(03|20) ${name}: has no certificate that can be read`)]);
    }
  });
});
