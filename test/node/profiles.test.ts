import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAddressPolicy } from "../../src/address-policy.ts";
import { parseConfigFile } from "../../src/config/config-file.ts";
import { options } from "../../src/node/options.ts";
import { checkProfiles } from "../../src/node/profiles.ts";
import { createStores, storeKinds } from "../../src/stores/index.ts";
import { brokenPem, createAuthority } from "../servers/certificates.ts";

const stores = createStores({ addresses: createAddressPolicy([]), concurrency: 1 });
let directory: string;
const warnings: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "latchkey-profiles-"));
  const { caPem } = await createAuthority("test");
  await writeFile(join(directory, "ca.crt"), caPem);
  await writeFile(join(directory, "mixed.crt"), `${caPem}${brokenPem}`);
  await writeFile(join(directory, "text"), "no certificate");
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function complaint(profile: string): Promise<string> {
  const { profiles } = parseConfigFile(Buffer.from(`profiles:\n  a: ${profile}\n`), "c.yaml", options);
  return await checkProfiles(profiles, stores, (text) => warnings.push(text)).then(
    () => "no error",
    (error: Error) => `${error.name}: ${error.message}`.replaceAll(directory, "DIR"),
  );
}

describe("profiles", () => {
  const vault = "kind: vault, address: 'https://v:8200', role: r";
  const rows: readonly [profile: string, said: string][] = [
    ["{ kind: file, directory: /srv }", "no error"],
    [
      "{ kind: file, directroy: /x }",
      'ConfigError: profiles.a.directory: is missing; profiles.a.directroy: unknown field "directroy" (did you mean "directory"?)',
    ],
    [
      "{ kind: file, directory: /x, namespace: [shop] }",
      'ConfigError: profiles.a.namespace: unknown field "namespace" (did you mean "namespaces"?)',
    ],
    ["{ kind: file, directory: 7 }", "ConfigError: profiles.a.directory: must be text (put it in quotes)"],
    ["{ kind: file, directory: }", "ConfigError: profiles.a.directory: must be text"],
    [
      "{ kind: file, directory: /x, __proto__: 1 }",
      'ConfigError: profiles.a.__proto__: unknown field "__proto__" (write one of namespaces, prefixes, kind, directory)',
    ],
    ["{ kind: ftp }", `ConfigError: profiles.a.kind: "ftp" is not a kind of store; allowed: ${storeKinds.join(", ")}`],
    [`{ ${vault}, caFile: DIR/ca.crt }`, "no error"],
    [
      `{ ${vault}, caFile: DIR/nope }`,
      "ConfigError: profiles.a.caFile: the CA file DIR/nope cannot be read (ENOENT); check the path and its permissions in Latchkey's own file system",
    ],
    [
      `{ ${vault}, caFile: DIR/text }`,
      "ConfigError: profiles.a.caFile: the CA file DIR/text has no certificate that can be read; give certificates in PEM form, which begin with -----BEGIN CERTIFICATE-----",
    ],
  ];
  it.each(rows)("are checked by their store's words: %s", async (profile, said) => {
    expect(await complaint(profile.replaceAll("DIR", directory))).toBe(said);
  });

  it("warn once of single certificates that cannot be read, in a file, a directory or a text", async () => {
    const inline = JSON.stringify(await readFile(join(directory, "mixed.crt"), "utf8"));
    const cases = [
      [
        `caFile: ${directory}/mixed.crt`,
        "the CA file DIR/mixed.crt: certificate 2 of 2 cannot be read and is left out",
      ],
      [`caDirectory: ${directory}`, "the CA file DIR/mixed.crt: certificate 2 of 2 cannot be read and is left out"],
      [`ca: ${inline}`, "profiles.a.ca: certificate 2 of 2 cannot be read and is left out"],
    ] as const;
    for (const [field, said] of cases) {
      warnings.length = 0;
      expect(await complaint(`{ ${vault}, ${field} }`)).toBe("no error");
      expect(warnings.map((text) => text.replaceAll(directory, "DIR"))).toContain(said);
    }
  });
});
