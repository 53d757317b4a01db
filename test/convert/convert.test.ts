import { describe, expect, it } from "vitest";
import { classesOf, pickFrom } from "../../src/cli/pick-class.ts";
import { convertDocument } from "../../src/convert/convert-class.ts";
import { differingFiles } from "../../src/convert/same-plan.ts";
import { toNative } from "../../src/convert/to-native.ts";
import type { DialectName } from "../../src/dialects/index.ts";
import { ProviderError } from "../../src/errors.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { type Parameters, planOf } from "../dialects/plan-of.ts";
import { generatedParameters } from "../lint/generated.ts";
import { classOf, lintText } from "../lint/lint-of.ts";
import fc from "../property.ts";
import { scaled } from "../scale.ts";
import { createAuthority } from "../servers/certificates.ts";

const runs = scaled(1_500);

type DropIn = Exclude<DialectName, "latchkey">;

const around = { aws: { region: "eu-west-1" } };

async function planOrNothing(name: DropIn, parameters: Parameters): Promise<Plan | undefined> {
  const { notBefore, ...own } = parameters;
  return await planOf(name, own, around).catch((error: unknown) => {
    if (error instanceof ProviderError) return undefined;
    throw error;
  });
}

/** The parameters of the native form, read back from the YAML that is printed. */
async function nativeOf(plan: Plan): Promise<{ readonly yaml: string; readonly plan: Plan }> {
  const yaml =
    convertDocument(classOf("vault", { a: "b" }), "web", await toNative(plan), {
      kept: new Map(),
      regionNote: undefined,
    }) ?? "";
  const { parameters } = pickFrom(classesOf(yaml, "a.yaml"), "a.yaml", "web");
  return { yaml, plan: await planOf("latchkey", Object.fromEntries(parameters), around) };
}

/** Tells whether a plan has anything that only a profile, or nothing at all, can say. */
async function hasNoEqual(plan: Plan): Promise<boolean> {
  const { notes } = await toNative(plan);
  // The native dialect knows methods of letters alone, and writes them in capitals.
  const odd = plan.secrets.some(
    ({ source }) => !/^[A-Z]{1,20}$/.test((source.ref as { method?: string }).method ?? "GET"),
  );
  return odd || notes.some((note) => /only an operator's profile|slashes in keys/.test(note));
}

const { caPem } = await createAuthority();

describe("a SecretProviderClass in the native form", () => {
  it.each(["vault", "openbao", "aws", "gcp", "azure"] as const)(
    `plans the same files as ${runs} generated ones of %s`,
    async (name) => {
      let compared = 0;
      await fc.assert(
        fc.asyncProperty(generatedParameters[name], async (parameters) => {
          const before = await planOrNothing(name, parameters);
          if (before === undefined || (await hasNoEqual(before))) return;
          const { yaml, plan } = await nativeOf(before);
          expect([yaml, differingFiles(before, plan)]).toEqual([yaml, []]);
          expect((await lintText(yaml, around)).findings.filter(({ severity }) => severity === "error")).toEqual([]);
          compared++;
        }),
        { numRuns: runs },
      );
      expect(compared).toBeGreaterThan(runs / 100);
    },
    60_000,
  );

  it.each<readonly [what: string, name: DropIn, parameters: Record<string, string>]>([
    [
      "keys that need quotes",
      "vault",
      {
        roleName: "r",
        objects: `[{ objectName: a, secretPath: b, secretKey: tls.crt }, { objectName: c, secretPath: b, secretKey: '"[x]' }]`,
      },
    ],
    [
      "words that YAML takes for something else",
      "vault",
      {
        roleName: "yes",
        objects:
          "[{ objectName: '0600', secretPath: '1_000', secretKey: 'on' }, { objectName: 'null', secretPath: '1:30', secretKey: '2020-01-01' }]",
      },
    ],
    [
      "a body, a query, a namespace and another method",
      "openbao",
      {
        baoRoleName: "r",
        baoNamespace: "n",
        audience: "x",
        objects:
          "[{ objectName: a, secretPath: 'v1/b?version=3', secretKey: c, method: POST, secretArgs: { n: 1.50, s: 'yes', b: true, l: [1, a] }, secretNamespace: m, encoding: hex, filePermission: 0440 }]",
      },
    ],
    [
      "an AppRole login at another mount, with a CA",
      "vault",
      {
        vaultAuthMethod: "approle",
        vaultAuthMountPath: "x",
        vaultTLSServerName: "s",
        vaultCACert: caPem,
        objects: "[{ objectName: a, secretPath: b, secretKey: c }]",
      },
    ],
    [
      "two roles and Pod Identity",
      "aws",
      {
        usePodIdentity: "true",
        preferredAddressType: "ipv6",
        assumeRoleArn: "arn:aws:iam::123456789012:role/r",
        assumeRoleExternalId: "abc",
        assumeRoleSessionTags: "a=b,c=d",
        objects: "[{ objectName: a, objectType: ssmparameter, objectVersion: 3 }]",
      },
    ],
    [
      "JMESPaths and every key",
      "aws",
      {
        roleArn: "arn:aws:iam::123456789012:role/r",
        pathTranslation: "False",
        objects:
          "[{ objectName: a/b, objectType: secretsmanager, objectVersionLabel: x, filePermission: '0400', jmesPath: [{ path: '\"a-b\".c', objectAlias: d/e, decode: base64 }] }, { objectName: c, objectAlias: tls, objectType: secretsmanager, allKeys: true }]",
      },
    ],
  ])("keeps %s", async (_, name, parameters) => {
    const before = await planOrNothing(name, parameters);
    if (before === undefined) throw new Error("the case itself is wrong");
    const { yaml, plan } = await nativeOf(before);
    expect([yaml, differingFiles(before, plan)]).toEqual([yaml, []]);
  });

  it("says what has no equal", async () => {
    const vault = await planOrNothing("vault", {
      roleName: "r",
      vaultSkipTLSVerify: "true",
      objects: "[{ objectName: a, secretPath: b }]",
    });
    expect(vault && (await toNative(vault)).notes.slice(0, 3)).toEqual([
      expect.stringMatching(
        /^stores\.vault: skipTlsVerify: only an operator's profile may say this; .*"skipTlsVerify":true/,
      ),
      "object versions are computed differently (an HMAC of path and content): tools that restart workloads on a change do so once",
      "a: the native form cannot give the store's whole answer; the file holds only the secret's data",
    ]);
    const aws = await planOrNothing("aws", {
      failoverRegion: "r2",
      objects: "[{ objectName: a, objectType: secretsmanager, allKeys: true }]",
    });
    expect(aws && (await toNative(aws)).notes.slice(1)).toEqual([
      'object "a": slashes in keys become directories; the provider replaced them',
      'object "a": a fallback is asked only if the first region cannot be reached and no stale value is left, not after other failures',
    ]);
  });

  it("leaves everything else of the document as it is", () => {
    const text = `# first\n${classOf("vault", { a: "b" }, "  secretObjects: [] # kept\n")}`;
    const yaml = convertDocument(
      `a: b\n---\n${text}`,
      "web",
      { stores: new Map(), secrets: [], notes: [] },
      { kept: new Map([["notBefore", "2026-01-01T00:00:00Z"]]), regionNote: undefined },
    );
    expect(yaml).toBe(
      '# first\napiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: { name: web, namespace: shop }\nspec:\n  provider: latchkey\n  secretObjects: [] # kept\n  parameters:\n    secrets: |\n      []\n    notBefore: "2026-01-01T00:00:00Z"\n',
    );
  });
});
