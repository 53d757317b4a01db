import { describe, expect, it } from "vitest";
import { options } from "../../src/node/options.ts";
import { type AllSettings, loadConfig } from "./load.ts";

const pem = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----";

type Texts = Readonly<Record<string, string>>;

async function load(flags: Texts, env: Texts = {}): Promise<AllSettings> {
  const all = { versionKey: "ephemeral", providers: "vault,openbao", ...flags };
  return await loadConfig({ flags: new Map(Object.entries(all)), env });
}

async function complaint(flags: Texts, env: Texts = {}): Promise<string> {
  return await load(flags, env).then(
    () => "no error",
    (error: Error) => error.message,
  );
}

describe("settings of Vault and OpenBao servers (spec/vault.md 2)", () => {
  const variables: readonly (readonly [variable: string, text: string, end: string, value: unknown])[] = [
    ["ADDR", "https://x:1/", "Addr", ["https://x:1"]],
    ["ADDR", "unix:///run/agent.sock", "Addr", ["unix:///run/agent.sock"]],
    ["ADDR", "https://x:1, https://y:2", "Addr", ["https://x:1", "https://y:2"]],
    ["AGENT_ADDR", "http://127.0.0.1:8100", "AgentAddr", "http://127.0.0.1:8100"],
    ["CACERT", "/ca", "TlsCaCert", "/ca"],
    ["CACERT_BYTES", pem, "TlsCaPem", pem],
    ["CAPATH", "/cas", "TlsCaDirectory", "/cas"],
    ["SKIP_VERIFY", "t", "TlsSkipVerify", true],
    ["SKIP_VERIFY", "0", "TlsSkipVerify", false],
    ["TLS_SERVER_NAME", "n", "TlsServerName", "n"],
    ["NAMESPACE", "n", "Namespace", "n"],
    ["RATE_LIMIT", "10:20", "RateLimit", { perSecond: 10, burst: 20 }],
    ["RATE_LIMIT", "1.5", "RateLimit", { perSecond: 1.5, burst: 1 }],
    ["SRV_LOOKUP", "true", "SrvLookup", true],
    ["HTTP_PROXY", "http://p:1", "Proxy", "http://p:1"],
    ["PROXY_ADDR", "p:1", "Proxy", "http://p:1"],
    ["DISABLE_REDIRECTS", "1", "DisableRedirects", true],
    [
      "HEADERS",
      '{"X-Team":"a","x-b":""}',
      "Headers",
      new Map([
        ["X-Team", "a"],
        ["x-b", ""],
      ]),
    ],
  ];
  for (const [variable, text, end, value] of variables) {
    it(`come from VAULT_${variable}=${text.slice(0, 40)} for both dialects`, async () => {
      const config = new Map(Object.entries(await load({}, { [`VAULT_${variable}`]: text })));
      expect([config.get(`vault${end}`), config.get(`openbao${end}`)]).toEqual([value, value]);
    });

    it(`come from BAO_${variable}=${text.slice(0, 40)} for openbao alone`, async () => {
      const config = new Map(Object.entries(await load({}, { [`BAO_${variable}`]: text })));
      expect([config.get(`vault${end}`), config.get(`openbao${end}`)]).toEqual([
        Object.entries(options).find(([name]) => name === `vault${end}`)?.[1].fallback,
        value,
      ]);
    });
  }

  it("come from a pair of client certificate variables", async () => {
    const config = await load({}, { VAULT_CLIENT_CERT: "/c", VAULT_CLIENT_KEY: "/k" });
    expect([config.vaultTlsClientCert, config.vaultTlsClientKey, config.openbaoTlsClientKey]).toEqual([
      "/c",
      "/k",
      "/k",
    ]);
  });

  it("come from OpenBao's client certificate as text, whose key nothing shows", async () => {
    const key = "-----BEGIN EC PRIVATE KEY-----\nhunter2";
    const env = { BAO_CLIENT_CERT_BYTES: pem, BAO_CLIENT_KEY_BYTES: key };
    const config = await load({}, env);
    expect([config.openbaoTlsClientCertPem, config.vaultTlsClientCertPem]).toEqual([pem, undefined]);
    expect(config.openbaoTlsClientKeyPem?.reveal()).toBe(key);
    expect(JSON.stringify(config)).not.toContain("hunter2");
    const wrong = await complaint({}, { ...env, BAO_CLIENT_KEY_BYTES: "hunter2" });
    expect(wrong).toBe(
      "BAO_CLIENT_KEY_BYTES (--openbao-tls-client-key-pem): the value is not allowed; allowed: a private key that begins with -----BEGIN ... PRIVATE KEY-----",
    );
    const files = await load({ openbaoTlsClientCert: "/c", openbaoTlsClientKey: "/k" }, env);
    expect([files.openbaoTlsClientCertPem, files.openbaoTlsClientCert]).toEqual([undefined, "/c"]);
  });

  it("take BAO_* before VAULT_*, even where it is empty", async () => {
    const env = { BAO_ADDR: "https://bao", VAULT_ADDR: "https://vault", BAO_NAMESPACE: "", VAULT_NAMESPACE: "n" };
    const config = await load({}, env);
    expect([config.openbaoAddr, config.openbaoNamespace]).toEqual([["https://bao"], undefined]);
    expect([config.vaultAddr, config.vaultNamespace]).toEqual([["https://vault"], "n"]);
  });

  it("take VAULT_PROXY_ADDR before VAULT_HTTP_PROXY", async () => {
    const env = { VAULT_PROXY_ADDR: "http://one", VAULT_HTTP_PROXY: "http://two" };
    expect((await load({}, env)).vaultProxy).toBe("http://one");
  });

  it("take flags before the environment", async () => {
    expect((await load({ vaultNamespace: "f" }, { VAULT_NAMESPACE: "e" })).vaultNamespace).toBe("f");
  });

  it("let the CA of a flag silence every CA of the environment, whichever kind it is", async () => {
    const env = { VAULT_CACERT: "/env/ca", VAULT_CACERT_BYTES: pem };
    const config = await load({ vaultTlsCaDirectory: "/cas" }, env);
    expect([config.vaultTlsCaCert, config.vaultTlsCaPem, config.vaultTlsCaDirectory]).toEqual([
      undefined,
      undefined,
      "/cas",
    ]);
    expect((await load({}, { ...env, VAULT_CAPATH: "/c" })).vaultTlsCaDirectory).toBe("/c");
  });

  it("let the client certificate of a flag silence that of the environment", async () => {
    const env = { VAULT_CLIENT_CERT: "/c", VAULT_CLIENT_KEY: "/k" };
    const config = await load({ vaultTlsClientCert: "/f/c", vaultTlsClientKey: "/f/k" }, env);
    expect([config.vaultTlsClientCert, config.vaultTlsClientKey]).toEqual(["/f/c", "/f/k"]);
    expect(await complaint({ vaultTlsClientCert: "/f/c" }, env)).toBe(
      "--vault-tls-client-cert and --vault-tls-client-key: both client cert and client key must be provided",
    );
  });

  it("keep verification off where anybody switched it off", async () => {
    expect((await load({ vaultTlsSkipVerify: "false" }, { VAULT_SKIP_VERIFY: "true" })).vaultTlsSkipVerify).toBe(true);
    expect((await load({ vaultTlsSkipVerify: "T" }, { VAULT_SKIP_VERIFY: "0" })).vaultTlsSkipVerify).toBe(true);
    expect((await load({})).vaultTlsSkipVerify).toBe(false);
  });

  it("come from the proxy variables of every program, in both cases", async () => {
    const upper = await load({}, { HTTP_PROXY: "http://a", HTTPS_PROXY: "http://b", NO_PROXY: "c" });
    expect([upper.httpProxy, upper.httpsProxy, upper.proxyBypass]).toEqual(["http://a", "http://b", "c"]);
    const lower = await load({}, { http_proxy: "http://a", https_proxy: "b:3128", no_proxy: "c" });
    expect([lower.httpProxy, lower.httpsProxy, lower.proxyBypass]).toEqual(["http://a", "http://b:3128", "c"]);
    const both = await load(
      {},
      { HTTP_PROXY: "", http_proxy: "http://a", HTTPS_PROXY: "http://b", https_proxy: "x://" },
    );
    expect([both.httpProxy, both.httpsProxy]).toEqual(["http://a", "http://b"]);
  });

  it("take --tls-dir without a slash at its end", async () => {
    expect((await load({ tlsDir: "/tls//x/../" })).tlsDir).toBe("/tls");
  });
});

describe("a wrong word about a server stops the start", () => {
  const headerForm = "a JSON object of header names and their texts, without names that start with X-Vault-";
  const rows: readonly (readonly [env: Texts, message: string])[] = [
    [
      { VAULT_ADDR: "ftp://x" },
      'VAULT_ADDR (--vault-addr): "ftp://x" is not allowed; allowed: a list separated by commas, of: an http:// or https:// URL without user name, query or fragment, or unix:///path',
    ],
    [
      { VAULT_SKIP_VERIFY: "yes" },
      'VAULT_SKIP_VERIFY (--vault-tls-skip-verify): "yes" is not allowed; allowed: true or false (also 1, t, T, TRUE, True, 0, f, F, FALSE, False)',
    ],
    [
      { BAO_RATE_LIMIT: "fast" },
      'BAO_RATE_LIMIT (--openbao-rate-limit): "fast" is not allowed; allowed: requests per second, with a burst after a colon if you like, such as 10:20',
    ],
    [
      { VAULT_RATE_LIMIT: "0" },
      'VAULT_RATE_LIMIT (--vault-rate-limit): "0" is not allowed; allowed: requests per second, with a burst after a colon if you like, such as 10:20',
    ],
    [
      { VAULT_CACERT_BYTES: "hunter2" },
      'VAULT_CACERT_BYTES (--vault-tls-ca-pem): "hunter2" is not allowed; allowed: certificates that begin with -----BEGIN CERTIFICATE-----',
    ],
    ...[
      "hunter2",
      '["hunter2"]',
      '{"a":1}',
      '{"X-Vault-Token":"hunter2"}',
      '{"x-vault-token":"hunter2"}',
      '{"a b":"hunter2"}',
      '{"a":"hunter2\\n"}',
    ].map((text): readonly [Texts, string] => [
      { VAULT_HEADERS: text },
      `VAULT_HEADERS (--vault-headers): the value is not allowed; allowed: ${headerForm}`,
    ]),
    [
      { VAULT_PROXY_ADDR: "socks5://user:hunter2@x" },
      "VAULT_PROXY_ADDR (--vault-proxy): the value is not allowed; allowed: an http:// or https:// URL of a proxy, or host:port",
    ],
    [
      { HTTPS_PROXY: "http://" },
      "HTTPS_PROXY (--https-proxy): the value is not allowed; allowed: an http:// or https:// URL of a proxy, or host:port",
    ],
    [
      { VAULT_CLIENT_KEY: "/k" },
      "--vault-tls-client-cert and --vault-tls-client-key: both client cert and client key must be provided",
    ],
  ];
  for (const [env, message] of rows) {
    it(`in ${Object.entries(env).join(", ")}`, async () => expect(await complaint({}, env)).toBe(message));
  }

  it("but not in the environment of a dialect that is not served", async () => {
    const env = { VAULT_ADDR: "ftp://x", BAO_RATE_LIMIT: "fast", VAULT_CLIENT_KEY: "/k", VAULT_TOKEN: "t" };
    const config = await load({ providers: "aws,latchkey" }, env);
    expect([config.vaultAddr, config.vaultTlsClientKey, config.ignored]).toEqual([undefined, undefined, []]);
    expect(await complaint({ providers: "aws", vaultAddr: "ftp://x" })).toMatch(/^--vault-addr: /);
  });
});

describe("variables that do nothing here", () => {
  it("are told with the reason, for the dialects that are served", async () => {
    const env = {
      VAULT_TOKEN: "hvs.x",
      BAO_TOKEN: "s.x",
      VAULT_CLIENT_TIMEOUT: "5s",
      BAO_MAX_RETRIES: "1",
      VAULT_WRAP_TTL: "",
    };
    const named = async (providers: string) => (await load({ providers }, env)).ignored.map(({ variable }) => variable);
    expect(await named("vault")).toEqual(["VAULT_TOKEN", "VAULT_CLIENT_TIMEOUT"]);
    expect(await named("openbao")).toEqual(["BAO_TOKEN", "BAO_MAX_RETRIES", "VAULT_TOKEN", "VAULT_CLIENT_TIMEOUT"]);
    expect(await named("aws")).toEqual([]);
    const [token] = (await load({}, env)).ignored;
    expect(token?.reason).toMatch(/^every pod logs in as itself/);
  });
});
