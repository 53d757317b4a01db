import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AllSettings, loadConfig } from "./load.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "latchkey-config-"));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function load(flags: Record<string, string>, env: Record<string, string> = {}): Promise<AllSettings> {
  return await loadConfig({ flags: new Map(Object.entries({ versionKey: "ephemeral", ...flags })), env });
}

async function file(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "no error",
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe("settings", () => {
  it("have documented defaults", async () => {
    const config = await load({});
    expect(config.providers).toEqual(["latchkey"]);
    expect(config.drain).toBe(10_000);
    expect(config.deliver).toBe("driver");
    expect(config.tokenRequests).toBe(false);
    expect(config.vaultHmacSecretName).toBe(undefined);
    expect(config.adminListen).toBe(null);
    expect(config.maxReplyBytes).toBe(4 * 1024 * 1024);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it("are taken from flag, then LATCHKEY_ variable, then the peers' variable, then config file", async () => {
    const config = await file("order.yaml", "vaultAddr: http://file:1\nproviders: [vault, aws]\n");
    const env = { LATCHKEY_VAULT_ADDR: "http://latchkey:1", VAULT_ADDR: "http://vault:1" };
    expect((await load({ config, vaultAddr: "http://flag:1" }, env)).vaultAddr).toEqual(["http://flag:1"]);
    expect((await load({ config }, env)).vaultAddr).toEqual(["http://latchkey:1"]);
    expect((await load({ config }, { VAULT_ADDR: "http://vault:1" })).vaultAddr).toEqual(["http://vault:1"]);
    expect((await load({ config })).vaultAddr).toEqual(["http://file:1"]);
    expect((await load({ config })).providers).toEqual(["vault", "aws"]);
  });

  it("take an empty variable for one that is not set", async () => {
    expect((await load({}, { LATCHKEY_DRAIN: "" })).drain).toBe(10_000);
  });

  it.each([
    ["10.0.0.1", "6443", "https://10.0.0.1:6443"],
    ["api.internal.example", "443", "https://api.internal.example:443"],
    ["fd00::1", "6443", "https://[fd00::1]:6443"],
    ["", "6443", undefined],
    ["10.0.0.1", "", undefined],
    [undefined, undefined, undefined],
  ])("find the cluster's API where client-go does: %j and %j", async (host, port, url) => {
    const set = Object.entries({ KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port }).filter(isSet);
    const env = { ...Object.fromEntries(set), KUBERNETES_SERVICE_PORT_HTTPS: "1" };
    expect((await load({}, env)).kubernetesApi).toBe(url);
  });

  it.each([
    ["10.0.0.1", "tcp://10.0.0.1:443"],
    ["user@host", "443"],
    ["10.0.0.1", "99999"],
    ["[fd00::1]", "443"],
  ])("refuse a cluster's API that is no host and port: %j and %j", async (host, port) => {
    await expect(load({}, { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port })).rejects.toThrow(
      "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT do not name a host and a port",
    );
  });

  it("take the Kubernetes API over TLS, or on this host", async () => {
    const urls = ["https://api:6443", "http://localhost:8001", "http://127.0.0.1:8001", "http://[::1]:8001"];
    for (const url of urls) expect((await load({ kubernetesApi: url })).kubernetesApi).toBe(url);
  });

  it.each([
    ["metadata.internal", "metadata.internal"],
    ["127.0.0.1:8080", "127.0.0.1:8080"],
    ["fd20:ce::254", "[fd20:ce::254]"],
    ["[fd20:ce::254]", "[fd20:ce::254]"],
    ["[fd20:ce::254]:80", "[fd20:ce::254]:80"],
  ])("take %j for a host, with an IPv6 address in brackets", async (given, host) => {
    expect(await load({ gcpMetadataHost: given })).toMatchObject({ gcpMetadataHost: host });
    expect(await load({}, { GCE_METADATA_HOST: given })).toMatchObject({ gcpMetadataHost: host });
  });

  it("read profiles from the config file", async () => {
    const config = await file(
      "profiles.yaml",
      "profiles:\n  demo: { kind: file, directory: /srv, namespaces: [shop] }\n  open: { kind: file, directory: /x }\n",
    );
    expect([...(await load({ config })).profiles.values()]).toEqual([
      { name: "demo", kind: "file", namespaces: ["shop"], settings: { directory: "/srv" } },
      { name: "open", kind: "file", settings: { directory: "/x" } },
    ]);
  });
});

describe("a wrong setting", () => {
  const durations = "a number with its unit (ms, s, m or h) of at most 24 days, such as 500ms, 10s or 2m";
  const wrong: readonly [string, Record<string, string>, Record<string, string>, string][] = [
    ["flag", { drain: "10" }, {}, `--drain: "10" is not allowed; allowed: ${durations}`],
    ["duration beyond Node's timers", { drain: "1000h" }, {}, `--drain: "1000h" is not allowed; allowed: ${durations}`],
    [
      "variable",
      {},
      { LATCHKEY_DRAIN: "soon" },
      `LATCHKEY_DRAIN (--drain): "soon" is not allowed; allowed: ${durations}`,
    ],
    [
      "timeout of nothing",
      { mountTimeout: "0s" },
      {},
      `--mount-timeout: "0s" is not allowed; allowed: more than zero: ${durations}`,
    ],
    [
      "dialect",
      { providers: "vault,azur" },
      {},
      '--providers: "vault,azur" is not allowed; allowed: a list separated by commas, of: latchkey, vault, openbao, aws, gcp, azure',
    ],
    ["empty list of dialects", { providers: "" }, {}, "--providers: name at least one dialect"],
    ["choice", { deliver: "pod" }, {}, '--deliver: "pod" is not allowed; allowed: driver, provider'],
    ["switch", { allowDiskTarget: "yes" }, {}, '--allow-disk-target: "yes" is not allowed; allowed: true or false'],
    [
      "number",
      { storeConcurrency: "0" },
      {},
      '--store-concurrency: "0" is not allowed; allowed: a whole number from 1 to 1024',
    ],
    [
      "bytes",
      { maxReplyBytes: "4MB" },
      {},
      '--max-reply-bytes: "4MB" is not allowed; allowed: a whole number of bytes from 1, or with KiB, MiB or GiB, such as 4MiB',
    ],
    [
      "URL with a password",
      { vaultAddr: "http://a:b@c" },
      {},
      '--vault-addr: "http://a:b@c" is not allowed; allowed: a list separated by commas, of: an http:// or https:// URL without user name, query or fragment, or unix:///path',
    ],
    [
      "listen address",
      { adminListen: "8080" },
      {},
      '--admin-listen: "8080" is not allowed; allowed: off, or host:port such as 127.0.0.1:8080',
    ],
    ...["http://metadata", "a/b", "a b", "user@host", "host:99999", "fd20:ce::254:zz", "[fd20:ce::254"].map(
      (host): [string, Record<string, string>, Record<string, string>, string] => [
        `host ${host}`,
        { gcpMetadataHost: host },
        {},
        `--gcp-metadata-host: ${JSON.stringify(host)} is not allowed; allowed: a host name or address, with or without a port`,
      ],
    ),
    [
      "relative directory of the kubelet",
      { kubeletDir: "relative/x" },
      {},
      '--kubelet-dir: "relative/x" is not allowed; allowed: an absolute path',
    ],
    ...["http://api:8080", "http://127.0.0.1.example.com", "http://[fd00::1]", "ftp://x"].map(
      (url): [string, Record<string, string>, Record<string, string>, string] => [
        `Kubernetes API at ${url}`,
        { kubernetesApi: url },
        {},
        `--kubernetes-api: "${url}" is not allowed; allowed: an https:// URL without user name, query or fragment; http:// only for a loopback host, because the token would travel in clear text`,
      ],
    ),
    [
      "pair of keys",
      { versionKeyFile: "/k" },
      {},
      "--version-key-file and --version-key cannot both be set; keep one of them",
    ],
    [
      "two places of a dialect's key",
      { openbaoVersionKeyFile: "/k", openbaoHmacSecretName: "s" },
      {},
      "--openbao-version-key-file and --openbao-hmac-secret-name cannot both be set; keep one of them",
    ],
    [
      "lone --token-keys",
      { tokenKeys: "/k" },
      {},
      "--token-keys needs --token-issuer: the `iss` of the cluster's service account tokens",
    ],
    [
      "--sync with a key of its own on each node",
      { sync: "true" },
      {},
      "--sync needs --version-key-file: nodes use it to see that content is the same",
    ],
    [
      "missing config file",
      { config: "/nowhere.yaml" },
      {},
      "--config: cannot read /nowhere.yaml (ENOENT); give a file that Latchkey may read",
    ],
  ];
  it.each(wrong)("stops the start: %s", async (_, flags, env, message) => {
    expect(await messageOf(load(flags, env))).toBe(`ConfigError: ${message}`);
  });

  it("stops the start where no version key is chosen", async () => {
    const message = await messageOf(loadConfig({ flags: new Map(), env: {} }));
    expect(message).toMatch(
      /^ConfigError: no key for object versions: give --version-key-file FILE .* or --version-key ephemeral /,
    );
  });

  const files: readonly [string, string, RegExp][] = [
    ["unknown setting", "drian: 5s\n", /: unknown setting "drian"; did you mean drain\?$/],
    [
      "unknown setting with no neighbour",
      "zzzzzz: 5s\n",
      /: unknown setting "zzzzzz"; see latchkey serve --help for all settings$/,
    ],
    ["broken YAML", "drain: [\n", /:2:1: not valid YAML \(BAD_INDENT\)|:\d+:\d+: not valid YAML \(\w+\); correct it$/],
    ["no map", "- drain\n", /: must be a map of settings$/],
    ["twice the same", "drain: 1s\ndrain: 2s\n", /:2:1: not valid YAML \(DUPLICATE_KEY\); correct it$/],
    ["profile without a kind", "profiles:\n  a: {}\n", /: profiles\.a\.kind: /],
    [
      "regular expression for a namespace",
      "profiles:\n  a: { kind: file, namespaces: ['^team-.+$'] }\n",
      /: profiles\.a\.namespaces\.0: must be the name of a namespace, or a pattern such as team-\*$/,
    ],
    ["value", "drain: soon\n", /^ConfigError: drain in the config file \(--drain\): "soon" is not allowed/],
    ["nesting of itself", "config: x\n", /: a config file cannot name another one; remove config$/],
  ];
  it.each(files)("in the config file stops the start: %s", async (name, text, message) => {
    const config = await file(`${name.replaceAll(" ", "-")}.yaml`, text);
    expect(await messageOf(load({ config }))).toMatch(message);
  });
});

function isSet(entry: readonly [string, string | undefined]): entry is readonly [string, string] {
  return entry[1] !== undefined;
}
