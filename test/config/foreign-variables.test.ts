import { describe, expect, it } from "vitest";
import { type AllSettings, loadConfig } from "./load.ts";

type Texts = Readonly<Record<string, string>>;

async function load(flags: Texts, env: Texts): Promise<AllSettings> {
  const all = { versionKey: "ephemeral", providers: "vault,openbao,aws", ...flags };
  return await loadConfig({ flags: new Map(Object.entries(all)), env });
}

async function complaint(flags: Texts, env: Texts): Promise<string> {
  return await load(flags, env).then(
    () => "no error",
    (error: Error) => error.message,
  );
}

describe("variables that today's providers and their SDKs read are read as they read them", () => {
  const words: readonly (readonly [text: string, value: boolean])[] = [
    ["true", true],
    ["True", true],
    ["TRUE", true],
    ["tRuE", true],
    ["false", false],
    ["False", false],
    ["FALSE", false],
    ["", false],
  ];
  it.each(words)("AWS's switches compare without case: %j", async (text, value) => {
    const config = await load({}, { AWS_USE_FIPS_ENDPOINT: text, AWS_USE_DUALSTACK_ENDPOINT: text });
    expect([config.awsUseFips, config.awsUseDualStack]).toEqual([value, value]);
  });

  it.each(["yes", "1", "0", "t", "on", " true", "true "])("AWS's switches are nothing else: %j", async (text) => {
    for (const name of ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"]) {
      expect(await complaint({}, { [name]: text })).toContain(`${name} (--aws-use-`);
    }
  });

  it.each(["1", "t", "T", "TRUE", "true", "True"])("Vault's switches are Go's: %j", async (text) => {
    const env = { VAULT_SKIP_VERIFY: text, VAULT_SRV_LOOKUP: text, VAULT_DISABLE_REDIRECTS: text };
    const { vaultTlsSkipVerify, vaultSrvLookup, vaultDisableRedirects, openbaoTlsSkipVerify } = await load({}, env);
    expect([vaultTlsSkipVerify, vaultSrvLookup, vaultDisableRedirects, openbaoTlsSkipVerify]).toEqual(
      Array(4).fill(true),
    );
  });

  it.each(["yes", "on", " 1", "2", "-1"])("Vault's switches are nothing else: %j", async (text) => {
    for (const name of ["VAULT_SKIP_VERIFY", "VAULT_SRV_LOOKUP", "BAO_DISABLE_REDIRECTS"]) {
      expect(await complaint({}, { [name]: text })).toContain(`${name} (--`);
    }
  });

  const own: readonly (readonly [flag: keyof AllSettings & string, variable: string, text: string, value: unknown])[] =
    [
      ["tokenRequests", "LATCHKEY_TOKEN_REQUESTS", "True", true],
      ["inlineStores", "LATCHKEY_INLINE_STORES", "FALSE", false],
      ["awsBatch", "LATCHKEY_AWS_BATCH", "TRUE", true],
      ["logLevel", "LATCHKEY_LOG_LEVEL", "INFO", "info"],
      ["logLevel", "LATCHKEY_LOG_LEVEL", "Warn", "warn"],
      ["logLevel", "LATCHKEY_LOG_LEVEL", "DEBUG", "debug"],
    ];
  it.each(own)("so are Latchkey's own switches and levels: %s", async (name, variable, text, value) => {
    expect((await load({ kubernetesApi: "https://api" }, { [variable]: text }))[name]).toBe(value);
    expect((await load({ kubernetesApi: "https://api", [name]: text }, {}))[name]).toBe(value);
  });

  const rates: readonly (readonly [text: string, perSecond: number, burst: number])[] = [
    ["10:20", 10, 20],
    ["2.5:4", 2.5, 4],
    ["1.5", 1.5, 1],
    ["1e2", 100, 100],
    ["1E1:3", 10, 3],
    [".5:1", 0.5, 1],
    ["10.:2", 10, 2],
    ["+10", 10, 10],
  ];
  it.each(rates)("VAULT_RATE_LIMIT=%s is %d a second and %d at once", async (text, perSecond, burst) => {
    expect((await load({}, { VAULT_RATE_LIMIT: text })).vaultRateLimit).toEqual({ perSecond, burst });
  });

  it.each(["0", "-1", "0.5", "10:", ":10", "ten", "1e99", "10:0", "NaN", "Inf", "0x10", "1_000"])(
    "VAULT_RATE_LIMIT=%s is refused",
    async (text) => {
      expect(await complaint({}, { VAULT_RATE_LIMIT: text })).toContain("VAULT_RATE_LIMIT (--vault-rate-limit)");
    },
  );

  const durations: readonly (readonly [text: string, ms: number])[] = [
    ["500ms", 500],
    ["1m30s", 90_000],
    ["1h2m3s4ms", 3_723_004],
    ["1.5s", 1_500],
    [".5s", 500],
    ["2.s", 2_000],
    ["+2s", 2_000],
    ["1500000us", 1_500],
    ["1500000µs", 1_500],
    ["1500000μs", 1_500],
    ["2000000000ns", 2_000],
    ["1s500ms", 1_500],
  ];
  it.each(durations)("durations are Go's: %s", async (text, ms) => {
    expect((await load({ awsPodIdentityHttpTimeout: text, drain: text }, {})).awsPodIdentityHttpTimeout).toBe(ms);
    expect((await load({}, { LATCHKEY_DRAIN: text })).drain).toBe(ms);
  });

  it.each(["", "5", "-5s", "1m 30s", "s", ".s", "1d", "1M", "s5", "1h30", "1e3s", "0x1s"])(
    "durations are nothing else: %j",
    async (text) => {
      expect(await complaint({ drain: text }, {})).toMatch(/^--drain: .* is not allowed/);
    },
  );

  it("zero needs no unit", async () => {
    expect((await load({ drain: "0", refresh: "0s" }, {})).drain).toBe(0);
    expect(await complaint({ mountTimeout: "0" }, {})).toContain("--mount-timeout");
  });

  const endpoints = { AWS_ENDPOINT_URL: "http://all", AWS_ENDPOINT_URL_SSM: "http://ssm" };
  it.each(["true", "True", "TRUE"])("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=%s silences AWS's own", async (text) => {
    const env = { ...endpoints, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: text };
    const { awsEndpointUrl, awsEndpointUrlSsm } = await load({}, env);
    expect([awsEndpointUrl, awsEndpointUrlSsm]).toEqual([undefined, undefined]);
    const own = await load({ awsEndpointUrlSsm: "http://flag" }, { ...env, LATCHKEY_AWS_ENDPOINT_URL: "http://own" });
    expect([own.awsEndpointUrl, own.awsEndpointUrlSsm]).toEqual(["http://own", "http://flag"]);
  });

  it.each(["false", "False", "", "no"])("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=%j does not", async (text) => {
    const { awsEndpointUrl, awsEndpointUrlSsm } = await load(
      {},
      { ...endpoints, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: text },
    );
    expect([awsEndpointUrl, awsEndpointUrlSsm]).toEqual(["http://all", "http://ssm"]);
  });
});
