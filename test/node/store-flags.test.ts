import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAddressPolicy } from "../../src/address-policy.ts";
import { loadConfig } from "../../src/node/load-config.ts";
import { checkStoreFlags } from "../../src/node/store-flags.ts";
import { createStores } from "../../src/stores/index.ts";
import type { Stores } from "../../src/stores/store.ts";
import { brokenPem, createAuthority } from "../servers/certificates.ts";

const stores = createStores({ addresses: createAddressPolicy([]), concurrency: 1 });
let directory: string;
const warnings: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "latchkey-flags-"));
  const { caPem } = await createAuthority("test");
  await writeFile(join(directory, "ca.crt"), caPem);
  await writeFile(join(directory, "mixed.crt"), `${caPem}${brokenPem}`);
  await writeFile(join(directory, "text"), "no certificate");
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function complaint(flags: Readonly<Record<string, string>>, known: Stores = stores): Promise<string> {
  const config = await loadConfig({ flags: new Map(Object.entries({ versionKey: "ephemeral", ...flags })), env: {} });
  return await checkStoreFlags(config, known, (text) => warnings.push(text)).then(
    () => "no error",
    (error: Error) => `${error.name}: ${error.message}`.replaceAll(directory, "DIR"),
  );
}

describe("flags about stores", () => {
  const rows: readonly [flags: Readonly<Record<string, string>>, said: string][] = [
    [
      { vaultMount: "jwt/cluster a", vaultNamespace: "team/a", vaultTlsServerName: "vault", awsRegion: "eu-west-1" },
      "",
    ],
    [
      { vaultMount: "../x" },
      'ConfigError: --vault-mount: "../x" must be the path of an auth mount, such as kubernetes',
    ],
    [
      { vaultNamespace: "née" },
      'ConfigError: --vault-namespace: "née" must be visible ASCII characters without spaces',
    ],
    [
      { openbaoMount: "../x" },
      'ConfigError: --openbao-mount: "../x" must be the path of an auth mount, such as kubernetes',
    ],
    [
      { vaultTlsServerName: "a\nb" },
      'ConfigError: --vault-tls-server-name: "a\\nb" must be one line of text and not empty',
    ],
    [{ awsRegion: "eu/../x" }, 'ConfigError: --aws-region: "eu/../x" must be a region, such as eu-west-1'],
    [
      { awsRegion: "eu-west-1a" },
      'ConfigError: --aws-region: "eu-west-1a" is a zone of eu-west-1 and not a region (write eu-west-1)',
    ],
    [{ awsRegion: "us-east-1-fips" }, expect.stringContaining("have the operator set --aws-use-fips")],
    [{ vaultTlsCaCert: "DIR/ca.crt" }, ""],
    [{ openbaoTlsCaCert: "DIR/ca.crt", openbaoTlsCaDirectory: "DIR" }, ""],
    [{ vaultAddr: "unix:///run/agent.sock", openbaoAddr: "https://a,https://b" }, ""],
    [
      { vaultTlsCaDirectory: "DIR/nope" },
      expect.stringMatching(/^ConfigError: --vault-tls-ca-directory: .*DIR\/nope.* cannot be read \(ENOENT\)/),
    ],
    [
      { vaultTlsClientCert: "DIR/nope.crt", vaultTlsClientKey: "DIR/nope.key" },
      expect.stringMatching(/^ConfigError: --vault-tls-client-cert: .*DIR\/nope.* cannot be read \(ENOENT\)/),
    ],
    [
      { vaultTlsCaPem: "-----BEGIN CERTIFICATE-----" },
      "ConfigError: --vault-tls-ca-pem: the CA given as text has no certificate that can be read: the one in it is broken; give certificates in PEM form, which begin with -----BEGIN CERTIFICATE-----",
    ],
    [
      { vaultTlsCaCert: "DIR/nope" },
      "ConfigError: --vault-tls-ca-cert: the CA file DIR/nope cannot be read (ENOENT); check the path and its permissions in Latchkey's own file system",
    ],
    [
      { vaultTlsCaCert: "DIR/text" },
      "ConfigError: --vault-tls-ca-cert: the CA file DIR/text has no certificate that can be read; give certificates in PEM form, which begin with -----BEGIN CERTIFICATE-----",
    ],
  ];
  it.each(rows)("are checked by the store's own words: %j", async (flags, said) => {
    const given = Object.entries(flags).map(([name, value]) => [name, value.replaceAll("DIR", directory)]);
    expect(await complaint(Object.fromEntries(given))).toEqual(said || "no error");
  });

  it("warn of single certificates that cannot be read, and serve with the rest", async () => {
    const text = await readFile(join(directory, "mixed.crt"), "utf8");
    const file = join(directory, "mixed.crt");
    const cases = [
      [{ vaultTlsCaCert: file }, "the CA file DIR/mixed.crt: certificate 2 of 2 cannot be read and is left out"],
      [{ openbaoTlsCaCert: file }, "the CA file DIR/mixed.crt: certificate 2 of 2 cannot be read and is left out"],
      [
        { openbaoTlsCaDirectory: directory },
        "the CA file DIR/mixed.crt: certificate 2 of 2 cannot be read and is left out",
      ],
      [{ vaultTlsCaPem: text }, "--vault-tls-ca-pem: certificate 2 of 2 cannot be read and is left out"],
      [
        { vaultTlsCaPem: `${brokenPem}${text}${brokenPem}` },
        "--vault-tls-ca-pem: certificates 1, 3 and 4 of 4 cannot be read and are left out",
      ],
    ] as const;
    for (const [flags, said] of cases) {
      warnings.length = 0;
      expect(await complaint(flags)).toBe("no error");
      expect(warnings.map((each) => each.replaceAll(directory, "DIR"))).toEqual([said]);
    }
  });

  it("load no store where nobody set one", async () => {
    const none: Stores = {
      load: () => expect.unreachable("no store is needed"),
      shutdown: async () => undefined,
    };
    expect(await complaint({}, none)).toBe("no error");
  });
});
