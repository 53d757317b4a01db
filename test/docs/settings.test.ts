import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createAddressPolicy } from "../../src/address-policy.ts";
import { createProgram } from "../../src/cli/command.ts";
import { parseConfigFile } from "../../src/config/config-file.ts";
import { flagOf, variableOf } from "../../src/config/options.ts";
import { loadConfig } from "../../src/node/load-config.ts";
import { options } from "../../src/node/options.ts";
import { checkProfiles } from "../../src/node/profiles.ts";
import { createStores } from "../../src/stores/index.ts";
import { kindOf, yamlBlocks } from "./blocks.ts";
import { listDocuments, parseObjects, readDocument } from "./documents.ts";

const root = join(import.meta.dirname, "../..");
const documents = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "Dockerfile"],
  ...(await listDocuments("docs", ".md")),
  ...(await listDocuments("deploy", ".md")),
  ...(await listDocuments("deploy", ".yaml")),
];
const manifests = ["deploy/latchkey.yaml", "deploy/latchkey-provider-delivery.yaml"];

const configs = (await yamlBlocks()).filter(({ text }) => kindOf(text) === "config");

/** Flags of other programs that the documents name: npm, kubectl, Helm, cp, Node, Docker, the driver. */
const foreign = new Set([
  ...["--store", "--cluster", "--omit", "--namespace", "--from-file", "--set", "--parents", "--help"],
  ...["--raw", "--reuse-values"],
  ...["--disable-sigusr1", "--optimize-for-size", "--max-semi-space-size", "--max-old-space-size", "--inspect"],
  ...["--tls-keylog", "--trace-tls", "--require", "--import"],
  ...["--name", "--stdin", "--replicas", "--create-namespace", "--values", "--from-literal"],
  ...["--register-with-taints", "--field-selector", "--previous", "--container", "--isolation", "--ignore-not-found"],
  ...[
    "--from",
    "--show-managed-fields",
    "--mount",
    "--platform",
    "--max-call-recv-msg-size",
    "--audience",
    "--env-file",
  ],
  // az, keytool
  ...["--identity-name", "--resource-group", "--issuer", "--query", "--output", "--subject", "--audiences"],
  ...["--role", "--assignee", "--scope"],
  ...["--addon-name", "--addon-version", "--preserve"],
  ...["--project", "--role", "--member"],
]);

/** Every option of a command and of those below it. */
function optionsOf(command: Command): readonly string[] {
  const own = command.options.flatMap(({ long }) => (long ? [long] : []));
  return [...own, ...command.commands.flatMap(optionsOf)];
}

const program = createProgram(() => undefined);

const flags = new Set(optionsOf(program));
/** Those of the program, and that of the tests. */
const variables = new Set([...Object.keys(options).map(variableOf), "LATCHKEY_TEST_SCALE"]);

describe("documentation and manifests", () => {
  it.each(documents)("%s names only settings that there are", async (path) => {
    const text = await readDocument(path);
    const named = [...text.matchAll(/(?<![\w-])--[a-z][a-z0-9-]+/g)].map(([flag]) => flag);
    expect(named.filter((flag) => !flags.has(flag) && !foreign.has(flag))).toEqual([]);
    const set = [...text.matchAll(/\bLATCHKEY_[A-Z_]*[A-Z]\b/g)].map(([variable]) => variable);
    expect(set.filter((variable) => !variables.has(variable))).toEqual([]);
  });

  it.each(documents)("%s names and links to files that there are", async (path) => {
    const text = await readDocument(path);
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, link = ""]) => join(dirname(path), link));
    const named = [...text.matchAll(/`((?:src|test|deploy|docs|demo|bench|scripts|proto)\/[\w./-]*)`/g)].map(
      ([, name = ""]) => name,
    );
    expect([...links, ...named].filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it("gives every bound its default in docs/cache.md, docs/audit.md and docs/kubernetes-secrets.md", async () => {
    const pages = await Promise.all(
      ["cache", "audit", "kubernetes-secrets"].map((name) => readDocument(`docs/${name}.md`)),
    );
    const rows = pages.join("\n").matchAll(/^\| `--([a-z-]+)` +\| (?:`(\w+(?:\.\w+)?)`|none) +\|/gm);
    const byFlag = new Map(Object.entries(options).map(([name, option]) => [flagOf(name), option]));
    const documented = [...rows].map(([, flag = "", text]) => {
      const option = byFlag.get(`--${flag}`);
      return { flag, shown: text === undefined ? undefined : option?.type.parse(text), fallback: option?.fallback };
    });
    expect(documented.length).toBe(22);
    expect(documented.filter(({ shown, fallback }) => shown !== fallback)).toEqual([]);
  });

  it("run the image with what the benchmark measures", async () => {
    const [image, programs] = await Promise.all([readDocument("Dockerfile"), readDocument("bench/programs.ts")]);
    const nodeFlags = (text = "") => (text.match(/--[\w-]+(?:=\w+)?/g) ?? []).toSorted();
    const measured = nodeFlags(/^const nodeOptions = (.*);$/m.exec(programs)?.[1]);
    expect(measured.length).toBe(4);
    for (const start of [/^ENTRYPOINT .*$/m, /^RUN .*warm\.mjs", .*\]$/m]) {
      const line = start.exec(image)?.[0].replace(/^RUN --mount=\S+/, "");
      expect(nodeFlags(line)).toEqual(measured);
    }
    const [, name, value] = /^const env = \{ (\w+): "(\w+)" \};$/m.exec(programs) ?? [];
    expect(image).toContain(`ENV ${name}=${value}\n`);
  });

  it.each(configs)("$place shows a config file that is read without a complaint", async ({ text }) => {
    await readConfig(text);
  });

  it("show a config file", () => expect(configs.length).toBeGreaterThan(0));
});

/** As the start of the process reads it. */
async function readConfig(yaml: string): Promise<void> {
  const { settings, profiles } = parseConfigFile(Buffer.from(yaml), "config.yaml", options);
  await loadConfig({ flags: new Map([...settings, ["versionKey", "ephemeral"]]), env: {} });
  await checkProfiles(profiles, createStores({ addresses: createAddressPolicy([]), concurrency: 1 }), (text) => {
    throw new Error(text);
  });
}

interface Container {
  readonly name: string;
  readonly args?: readonly string[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
}

interface DaemonSet {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly initContainers?: readonly Container[];
        readonly containers: readonly [Container];
        readonly volumes: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
      };
    };
  };
}

async function objectsOf(path: string, kind: string): Promise<readonly Record<string, unknown>[]> {
  return parseObjects(await readDocument(path)).filter((object) => object.kind === kind);
}

async function podOf(path: string) {
  const [daemonSet] = await objectsOf(path, "DaemonSet");
  return (daemonSet as unknown as DaemonSet).spec.template.spec;
}

/** `--name=value` to name and value. */
function flagsOf(args: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map(Object.keys(options).map((name) => [flagOf(name), name]));
  return new Map(
    args.map((arg): [string, string] => {
      const [, flag = "", value = ""] = /^(--[a-z-]+)=(.*)$/.exec(arg) ?? [];
      return [names.get(flag) ?? arg, value];
    }),
  );
}

/** As the kubelet gives it to the container. */
const withPodIp = (value: string) => value.replace("$(POD_IP)", "10.0.0.1");

describe.each(manifests)("%s", (path) => {
  it("starts the program with settings that it accepts", async () => {
    const [command, ...args] = (await podOf(path)).containers[0].args ?? [];
    expect(command).toBe("serve");
    const given = flagsOf(args);
    expect([...given.keys()].filter((name) => !Object.hasOwn(options, name))).toEqual([]);
    const flags = [...given]
      .filter(([name]) => name !== "config")
      .map(([name, value]) => [name, withPodIp(value)] as const);
    const config = await loadConfig({ flags: new Map(flags), env: {} });
    expect(config.deliver).toBe(path.includes("provider-delivery") ? "provider" : "driver");
  });

  it("holds a config file that the program reads", async () => {
    const [configMap] = (await objectsOf(path, "ConfigMap")) as unknown as [{ data: Record<string, string> }];
    await readConfig(configMap.data["config.yaml"] ?? "");
  });

  it("mounts every directory that the settings name, and no other of the node", async () => {
    const { containers, volumes } = await podOf(path);
    const [{ args = [], volumeMounts = [] }] = containers;
    const given = flagsOf(args);
    for (const name of ["socketDir", "versionKeyFile", "config"]) {
      const inside = volumeMounts.filter(({ mountPath }) => `${given.get(name)}/`.startsWith(`${mountPath}/`));
      expect([name, inside.length]).toEqual([name, 1]);
    }
    const hostPaths = volumes.flatMap(({ hostPath }) => (hostPath === undefined ? [] : [hostPath.path]));
    const pods = path.includes("provider-delivery") ? ["/var/lib/kubelet/pods"] : [];
    expect(hostPaths).toEqual(["/var/run/secrets-store-csi-providers", ...pods, "/run/latchkey"]);
  });

  it("probes the port that the admin server listens on", async () => {
    const [{ args = [], ports = [] }] = (await podOf(path)).containers;
    expect(flagsOf(args).get("adminListen")).toBe(`[$(POD_IP)]:${ports[0]?.containerPort}`);
  });

  it("drops every capability and writes nothing to its image", async () => {
    const { initContainers = [], containers } = await podOf(path);
    for (const { securityContext } of [...initContainers, ...containers]) {
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(securityContext.capabilities).not.toHaveProperty("add");
    }
  });

  it("asks for no right in the cluster", async () => {
    const kinds = parseObjects(await readDocument(path)).map(({ kind }) => kind);
    expect(kinds).toEqual(["ServiceAccount", "ConfigMap", "DaemonSet"]);
  });
});
