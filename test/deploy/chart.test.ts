import { describe, expect, it } from "vitest";
import { dialectNames } from "../../src/dialects/index.ts";
import { options } from "../../src/node/options.ts";
import { readDocument } from "../docs/documents.ts";
import { chartOptions, helm, lintChart, renderChart, type Values } from "../servers/helm.ts";
import { judgeEach } from "../servers/kubernetes-validate.ts";
import { render, settingsOf, startsWith } from "./rendered.ts";
import { valueSets } from "./value-sets.ts";

// Helm is made on first use.
await helm(["version"]);

const rendered = await Promise.all(valueSets.map(([, values]) => render(values)));
const judgements = await judgeEach(rendered.map(({ text }) => text));
const sets = valueSets.map((set, index) => [...set, rendered[index], judgements[index]] as const);

describe("the chart", () => {
  it.each(sets)("is rendered, linted, valid and taken by the program: %s", async (_, values, kinds, made, told) => {
    if (made === undefined || told === undefined) throw new Error("one of each for every set");
    const { objects, container } = made;
    const own = values.serviceAccount === undefined ? ["ServiceAccount"] : [];
    expect(objects.map(({ kind }) => kind).sort()).toEqual([...own, "ConfigMap", "DaemonSet", ...kinds].sort());
    const judged = told.filter((line) => !line.startsWith("ok "));
    expect(judged).toEqual(
      kinds.flatMap((kind) =>
        /Monitor|PrometheusRule/.test(kind) ? [`no schema monitoring.coreos.com/v1 ${kind}`] : [],
      ),
    );
    await startsWith(container, values.config as Values | undefined);
    expect(await lintChart(values)).toContain("0 chart(s) failed");
  });

  it.each([
    ["a value that there is not", { provider: ["aws"] }],
    ["a dialect that there is not", { providers: ["vaults"] }],
    ["no dialect", { providers: [] }],
    ["a setting that there is not", { config: { cacheByte: "1" } }],
    ["a setting that is a value of the chart", { config: { socketDir: "/x" } }],
    ["a class of the system's", { priorityClass: { create: true, name: "system-node-critical" } }],
    ["rights in namespaces that are patterns", { sync: { enabled: true, perNamespace: true, namespaces: ["team-*"] } }],
    ["rights in no namespace", { sync: { enabled: true, perNamespace: true } }],
    ["Kubernetes Secrets without a version key", { sync: { enabled: true }, versionKey: { ephemeral: true } }],
    ["an audit log of another kind", { audit: { mode: "on" } }],
    ["an audit log in two volumes", { audit: { file: { volume: { emptyDir: {}, hostPath: { path: "/x" } } } } }],
    ["an audit log in a volume that cannot be written", { audit: { file: { volume: { configMap: { name: "x" } } } } }],
    ["a setting of the audit log that is a value of the chart", { config: { auditFile: "/x" } }],
    ["a monitor of no admin server", { admin: { enabled: false }, podMonitor: { enabled: true } }],
    ["a name that no Service may have", { fullnameOverride: "0secrets" }],
    ["an SELinux option that there is not", { seLinuxOptions: { label: "spc_t" } }],
    ["a privileged port", { admin: { port: 80 } }],
    ["a relative directory", { socketDir: "sockets" }],
    ["less time to end than the program drains", { terminationGracePeriodSeconds: 5 }],
    ["no pod at a time", { maxUnavailable: 0 }],
  ])("refuses %s", async (_, values) => {
    await expect(renderChart(values)).rejects.toThrow(/values don't meet the specifications of the schema/);
  });

  it("names in its schema what the program has", async () => {
    const { properties } = JSON.parse(await readDocument("deploy/chart/values.schema.json"));
    expect(properties.providers.items.enum).toEqual(dialectNames);
    const named = [...Object.keys(properties.config.properties), ...chartOptions];
    expect(named.sort()).toEqual(Object.keys(options).sort());
  });

  it("sets every option that it takes for itself, in one set of values or another", async () => {
    const openbao = await render({ versionKey: { openbaoSecretName: "openbao-csi-provider-hmac-key" } });
    const set = [...rendered, openbao].flatMap(({ container }) => [...settingsOf(container).keys()]);
    // NODE_NAME is its variable.
    expect([...new Set([...set, "nodeName"])].sort()).toEqual([...chartOptions].sort());
  });

  it("probes and offers the port that the admin server listens on, and none without it", async () => {
    const { container } = await render({ admin: { port: 9090 } });
    expect(settingsOf(container).get("adminListen")).toBe("[10.0.0.1]:9090");
    expect(container.ports).toEqual([{ name: "admin", containerPort: 9090 }]);
    const probes = ["startupProbe", "livenessProbe", "readinessProbe"] as const;
    expect(probes.map((name) => container[name]?.httpGet)).toEqual([
      { path: "/healthz", port: "admin" },
      { path: "/healthz", port: "admin" },
      { path: "/readyz", port: "admin" },
    ]);
    const without = (await render({ admin: { enabled: false } })).container;
    expect([...probes.map((name) => without[name]), without.ports]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(settingsOf(without).get("adminListen")).toBe("off");
  });

  it.each([
    ["$(POD_IP)", "[$(POD_IP)]:8080"],
    ["[$(POD_IP)]", "[$(POD_IP)]:8080"],
    ["fd00::5", "[fd00::5]:8080"],
    ["[::]", "[::]:8080"],
    ["0.0.0.0", "0.0.0.0:8080"],
    ["localhost", "localhost:8080"],
  ])("listens on the address %s, whichever family it is of", async (address, listen) => {
    const { container } = await render({ admin: { address } });
    expect(container.args).toContain(`--admin-listen=${listen}`);
    for (const podIp of ["10.0.0.1", "fd00::5"]) await startsWith(container, {}, podIp);
  });

  it("has of the node nothing but the socket directory and the cache, unless it is told to", async () => {
    const hostPaths = async (values: Values) =>
      (await render(values)).pod.volumes.flatMap(
        ({ hostPath }) => (hostPath as { path: string } | undefined)?.path ?? [],
      );
    const sockets = "/var/run/secrets-store-csi-providers";
    const cache = { persistent: false };
    expect(await hostPaths({})).toEqual([sockets, "/run/latchkey"]);
    expect(await hostPaths({ cache })).toEqual([sockets]);
    expect(await hostPaths({ deliver: "provider", cache })).toEqual([sockets, "/var/lib/kubelet/pods"]);
  });

  it("keeps the cache on the node where it has a key to seal it with, and says what is missing where it has to", async () => {
    const ephemeral = { versionKey: { ephemeral: true } };
    const own = { cache: { keySecretName: "latchkey-cache-key" } };
    const keyOf = async (values: Values) => {
      const settings = settingsOf((await render(values)).container);
      return settings.has("cacheDir") ? (settings.get("cacheKeyFile") ?? "derived") : "none";
    };
    expect(await keyOf({})).toBe("derived");
    expect(await keyOf(own)).toBe("/etc/latchkey/cache-key/key");
    expect(await keyOf({ ...ephemeral, ...own })).toBe("/etc/latchkey/cache-key/key");
    expect(await keyOf(ephemeral)).toBe("none");
    await expect(render({ ...ephemeral, cache: { persistent: true } })).rejects.toThrow(
      "cache.persistent is true, and there is no key to seal the cache with: set cache.keySecretName",
    );
  });

  it("starts anew when settings change, and not for profiles", async () => {
    const sum = async (values: Values) => /checksum\/config: (\w+)/.exec((await render(values)).text)?.[1];
    const [plain, settings, profiles] = await Promise.all([
      sum({}),
      sum({ config: { maxStale: "1h" } }),
      sum({ profiles: { v: { kind: "file" } } }),
    ]);
    expect([plain === profiles, plain === settings]).toEqual([true, false]);
  });
});
