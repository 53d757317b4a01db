import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAddressPolicy } from "../../src/address-policy.ts";
import { checkStoreFlags } from "../../src/commands/store-flags.ts";
import { loadConfig } from "../../src/config/config.ts";
import { createStores } from "../../src/stores/index.ts";
import type { Stores } from "../../src/stores/store.ts";
import { createAuthority } from "../servers/certificates.ts";

const stores = createStores({ addresses: createAddressPolicy([]), concurrency: 1 });
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "latchkey-flags-"));
  await writeFile(join(directory, "ca.crt"), (await createAuthority("test")).caPem);
  await writeFile(join(directory, "text"), "no certificate");
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function complaint(flags: Readonly<Record<string, string>>, known: Stores = stores): Promise<string> {
  const config = await loadConfig({ flags: new Map(Object.entries({ versionKey: "ephemeral", ...flags })), env: {} });
  return await checkStoreFlags(config, known).then(
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
      "ConfigError: --vault-tls-ca-pem: the CA given as text holds no certificate in PEM form, or a broken one; give certificates that begin with -----BEGIN CERTIFICATE-----",
    ],
    [
      { vaultTlsCaCert: "DIR/nope" },
      "ConfigError: --vault-tls-ca-cert: the CA file DIR/nope cannot be read (ENOENT); check the path and its permissions in Latchkey's own file system",
    ],
    [
      { vaultTlsCaCert: "DIR/text" },
      "ConfigError: --vault-tls-ca-cert: the CA file DIR/text holds no certificate in PEM form, or a broken one; give certificates that begin with -----BEGIN CERTIFICATE-----",
    ],
  ];
  it.each(rows)("are checked by the store's own words: %j", async (flags, said) => {
    const given = Object.entries(flags).map(([name, value]) => [name, value.replaceAll("DIR", directory)]);
    expect(await complaint(Object.fromEntries(given))).toEqual(said || "no error");
  });

  it("load no store where nobody set one", async () => {
    const none: Stores = {
      load: () => expect.unreachable("no store is needed"),
      shutdown: async () => undefined,
    };
    expect(await complaint({}, none)).toBe("no error");
  });
});
