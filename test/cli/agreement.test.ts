import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classOf } from "../lint/lint-of.ts";
import { createTokenIssuer } from "../tokens.ts";
import { run } from "./run.ts";

let cwd: string;

const who = ["--namespace", "shop", "--service-account", "web"];

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "latchkey-agreement-"));
  const issuer = await createTokenIssuer();
  const audience = ["vault", "openbao", "sts.amazonaws.com", "api://AzureADTokenExchange", "api://AKSIdentityBinding"];
  await writeFile(join(cwd, "token"), await issuer.token({ namespace: "shop", serviceAccount: "web", audience }));
  await writeFile(join(cwd, "empty.yaml"), "{}\n");
});

afterAll(() => rm(cwd, { recursive: true, force: true }));

const native = (address: string, more: Readonly<Record<string, string>> = {}, secret = "") =>
  classOf("latchkey", {
    stores: `v: { kind: vault, address: ${address}, role: r }\nlocal: { kind: vault, address: "https://127.0.0.1:1", role: r }\n`,
    secrets: `- { store: v, name: secret/data/a, files: [{ path: a }]${secret} }\n#\n`,
    ...more,
  });
const objects = "- { objectName: a, secretPath: secret/data/a }\n";
const vault = (parameters: Readonly<Record<string, string>>) =>
  classOf("vault", { roleName: "r", ...parameters, objects });
const openbao = (parameters: Readonly<Record<string, string>>) =>
  classOf("openbao", { roleName: "r", ...parameters, objects });
const azure = (parameters: Readonly<Record<string, string>>) =>
  classOf("azure", {
    ...{ keyvaultName: "shop", tenantID: "t", ...parameters },
    objects: 'array:\n  - "{ objectName: a, objectType: secret }"\n',
  });
const managed = azure({ useVMManagedIdentity: '"true"' });
const bound = azure({ clientID: "c", useAzureTokenProxy: '"true"' });
const nativeAzure = classOf("latchkey", {
  stores: "k: { kind: azure-key-vault, vault: shop, tenant: t, auth: managedIdentity }\n#\n",
  secrets: "- { store: k, name: a, files: [{ path: a }] }\n#\n",
});
const adc = classOf("gcp", {
  auth: "provider-adc",
  secrets: "- { resourceName: projects/p/secrets/s/versions/1, path: a }\n#\n",
});
const secrets = { kubernetesSecrets: "- { name: db, data: { a: { file: a } } }\n#\n" };

/** The ids of errors that a command wrote, each once. */
function idsOf(text: string): readonly string[] {
  return [...new Set(text.match(/\bLK\d{4}\b/g))];
}

/** Runs lint, plan and mount on one class with the same flags. */
async function judge(input: string, flags: readonly string[] = [], ofMount: readonly string[] = []) {
  const args = ["-", ...flags];
  const target = ["--token-file", "token", "--target", "out", "--mount-timeout", "2s"];
  // Lint takes an object's own namespace, the others the pod's.
  const [lint, plan, mount] = await Promise.all([
    run(["lint", ...args, "--config", "empty.yaml", "--namespace", "shop"], { cwd, input }),
    run(["plan", ...args, ...who], { cwd, input }),
    run(["mount", ...args, ...who, ...target, ...ofMount], { cwd, input }),
  ]);
  return { lint, plan, mount };
}

describe("what a mount refuses before it asks anybody", () => {
  it.each([
    ["a loopback address of the native dialect", native('"https://127.0.0.1:1"'), [], "LK0022"],
    ["the metadata service in dialect vault", vault({ vaultAddress: "http://169.254.169.254" }), [], "LK0022"],
    ["a loopback address of openbao", openbao({ baoAddress: '"https://[::1]:1"' }), [], "LK0022"],
    ["the name of the host itself", native("https://localhost:1"), [], "LK0022"],
    ["a Unix socket", native("unix:///run/vault.sock"), [], "LK0022"],
    ["the first of several addresses", native('["https://127.0.0.1:1", "https://vault.example:8200"]'), [], "LK0022"],
    ["no address in dialect vault", vault({}), [], "LK0020"],
    ["no address in dialect openbao", openbao({ baoAddress: '""' }), [], "LK0020"],
    ["a word of another dialect for the address", vault({ openbaoAddress: "https://v" }), [], "LK0020"],
    ["settings of a store that the operator forbids", native("https://v"), ["--inline-stores", "false"], "LK0020"],
    ["Kubernetes Secrets that are not switched on", native("https://v", secrets), [], "LK0050"],
    ["a managed identity that the operator does not allow", managed, [], "LK0021"],
    ["the same for other namespaces", managed, ["--azure-managed-identity", "web"], "LK0021"],
    ["the same in the native dialect", nativeAzure, [], "LK0021"],
    ["a cloud that nobody described", azure({ clientID: "c", cloudName: "AzureStackCloud" }), [], "LK0020"],
    ["credentials of Latchkey's own", adc, [], "LK0020"],
    [
      "a zone in place of a region",
      classOf("gcp", {
        secrets: "- { resourceName: projects/p/locations/us-east1-b/secrets/s/versions/1, path: a }\n#\n",
      }),
      [],
      "LK0003",
    ],
    ["a missing role", vault({ roleName: '""', vaultAddress: "https://v" }), [], "LK0003"],
  ])("is told of %s by lint, plan and mount", async (_, input, flags, id) => {
    const { lint, plan, mount } = await judge(input, flags);
    expect([lint.code, idsOf(lint.stdout)]).toEqual([1, [id]]);
    expect([plan.code, plan.stdout, idsOf(plan.stderr)]).toEqual([1, "", [id]]);
    expect([mount.code, mount.stdout, idsOf(mount.stderr)]).toEqual([1, "", [id]]);
    expect(mount.stderr).toContain(
      plan.stderr
        .replace(/^latchkey: LK\d{4} \S* ?/, "")
        .replace(/\. Fix:[\s\S]*/, "")
        .trim(),
    );
  });

  const away = "http://127.0.0.1:1";
  it.each([
    [
      "a managed identity of a namespace that may",
      managed,
      ["--azure-managed-identity", "shop"],
      ["--azure-imds-url", away],
      "LK0030",
    ],
    ["one of any namespace", nativeAzure, ["--azure-managed-identity", "*"], ["--azure-imds-url", away], "LK0030"],
    [
      "an identity binding",
      bound,
      [],
      ["--azure-token-proxy-server-name", "a.ests.aks", "--azure-token-proxy-url", away],
      "LK0030",
    ],
    [
      "credentials of Latchkey's own that are allowed",
      adc,
      ["--gcp-provider-adc", "true"],
      ["--gcp-metadata-host", "127.0.0.1:1"],
      "LK0030",
    ],
  ] as const)("is not told of %s", async (_, input, flags, ofMount, id) => {
    const { lint, plan, mount } = await judge(input, flags, ofMount);
    expect([lint.code, idsOf(lint.stdout), plan.code, plan.stderr]).toEqual([0, [], 0, ""]);
    expect([mount.code, idsOf(mount.stderr)]).toEqual([1, [id]]);
  });

  it.each([
    ["a managed identity", managed, "LK0021"],
    ["credentials of Latchkey's own", adc, "LK0020"],
  ])("is a warning where the operator is not known: %s", async (_, input, id) => {
    const { code, stdout } = await run(["lint", "-"], { cwd, input });
    expect([code, idsOf(stdout), stdout.includes(`warning ${id}`)]).toEqual([0, [id], true]);
  });

  it.each([
    ["an address that the operator allows", native('"https://127.0.0.1:1"'), ["--allow-address", "127.0.0.0/8"]],
    ["today's default, where the operator allows it", vault({}), ["--allow-address", "127.0.0.1"]],
    ["the operator's address", vault({}), ["--vault-addr", "https://127.0.0.1:1"]],
  ])("is not told of %s", async (_, input, flags) => {
    const { lint, plan, mount } = await judge(input, flags);
    expect([lint.code, idsOf(lint.stdout), plan.code, plan.stderr]).toEqual([0, [], 0, ""]);
    // Nobody listens there.
    expect([mount.code, idsOf(mount.stderr)]).toEqual([1, ["LK0030"]]);
  });

  it("is a warning where it is asked only if others are out", async () => {
    for (const input of [
      native('["https://vault.example:8200", "https://127.0.0.1:1"]'),
      native("https://vault.example:8200", {}, ", fallback: [{ store: local, name: secret/data/a }]"),
    ]) {
      const plan = await run(["plan", "-", ...who, "--format", "json"], { cwd, input });
      const { warnings } = JSON.parse(plan.stdout) as { readonly warnings: readonly string[] };
      expect([plan.code, warnings]).toEqual([
        0,
        [
          expect.stringContaining(
            "the address 127.0.0.1 is a loopback address, which a SecretProviderClass may not choose",
          ),
        ],
      ]);
      const lint = await run(["lint", "-", "--config", "empty.yaml"], { cwd, input });
      expect([lint.code, lint.stdout]).toEqual([0, expect.stringContaining("warning refused-address")]);
    }
  });

  it("names the cure for a class without an address", async () => {
    const { plan, mount } = await judge(vault({}));
    expect(plan.stderr).toBe(
      "latchkey: LK0020 vaultAddress: no address is known: neither the SecretProviderClass nor the operator names one. Fix: set vaultAddress, or have the operator start Latchkey with --vault-addr\n",
    );
    expect(mount.stderr).toBe(plan.stderr);
  });
});

describe("what hangs on the operator's word", () => {
  it.each([
    ["an address", native('"https://127.0.0.1:1"'), "refused-address"],
    ["no address", vault({}), "no-address"],
    ["no address for openbao", openbao({}), "no-address"],
  ])("is a warning of lint without --config: %s", async (_, input, rule) => {
    const { code, stdout } = await run(["lint", "-"], { cwd, input });
    expect([code, stdout]).toEqual([0, expect.stringContaining(`warning ${rule} `)]);
  });

  it("is nothing to lint without --config where Kubernetes Secrets may be allowed", async () => {
    const { code, stdout } = await run(["lint", "-"], { cwd, input: native("https://v", secrets) });
    expect([code, stdout]).toEqual([0, expect.stringContaining("no problems")]);
  });
});

describe("warnings", () => {
  it.each([
    ["an address without TLS", native("http://vault.example"), "unencrypted"],
    [
      "a server that is not checked",
      vault({ vaultAddress: "https://v", vaultSkipTLSVerify: '"true"' }),
      "is not checked",
    ],
    ["a word that nobody reads", vault({ vaultAddress: "https://v", vaultRole: "x" }), '"vaultRole" is not read'],
    [
      "a word that only the kubelet writes",
      native("https://v", { secretProviderClass: "x" }),
      "only the kubelet writes this",
    ],
    ["an empty volume", classOf("aws", { region: "eu-west-1", objects: '"[]"' }), "the pod gets an empty volume"],
    [
      "two objects that become one file",
      classOf("aws", {
        region: "eu-west-1",
        objects: "- { objectName: a/b, objectType: ssmparameter }\n- { objectName: a_b, objectType: ssmparameter }\n",
      }),
      "is written to the same file",
    ],
  ])("of %s are those of lint in plan too", async (_, input, words) => {
    const [lint, plan, told] = await Promise.all([
      run(["lint", "-", "--config", "empty.yaml", "--format", "json"], { cwd, input }),
      run(["plan", "-", ...who, "--format", "json"], { cwd, input }),
      run(["plan", "-", ...who], { cwd, input }),
    ]);
    const { findings } = JSON.parse(lint.stdout) as { findings: readonly { message: string }[] };
    const { warnings } = JSON.parse(plan.stdout) as { readonly warnings: readonly string[] };
    expect([findings.length, warnings.length]).toEqual([1, 1]);
    expect(findings[0]?.message).toContain(words);
    expect(warnings[0]).toContain(findings[0]?.message);
    expect(told.stdout).toContain(words);
  });
});
