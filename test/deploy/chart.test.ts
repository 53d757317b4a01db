import { describe, expect, it } from "vitest";
import { dialectNames } from "../../src/config/dialect-names.ts";
import { options } from "../../src/config/options.ts";
import { readDocument } from "../docs/documents.ts";
import { chartOptions, helm, lintChart, renderChart, type Values } from "../servers/helm.ts";
import { judgeManifests } from "../servers/kubernetes-validate.ts";
import { render, settingsOf, startsWith } from "./rendered.ts";

// Helm is made on first use.
await helm(["version"]);

/** A volume of each pod's own. */
const auditClaim = {
  ephemeral: {
    volumeClaimTemplate: {
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
  },
};

const sets: readonly (readonly [what: string, values: Values, kinds: readonly string[]])[] = [
  ["the defaults", {}, []],
  ["every dialect", { providers: dialectNames }, ["ClusterRole", "ClusterRoleBinding"]],
  ["aws with a region", { providers: ["aws"], aws: { region: "eu-west-1" } }, ["ClusterRole", "ClusterRoleBinding"]],
  ["aws without its rights", { providers: ["aws"], aws: { readServiceAccounts: false, readNodes: false } }, []],
  ["rights of others", { providers: dialectNames, tokenRequests: true, rbac: { create: false } }, []],
  ["token requests", { tokenRequests: true }, ["ClusterRole", "ClusterRoleBinding"]],
  [
    "the version key of today's provider",
    { providers: ["vault"], versionKey: { vaultSecretName: "vault-csi-provider-hmac-key", createSecrets: true } },
    ["Role", "RoleBinding"],
  ],
  ["a version key made", { versionKey: { generate: true } }, ["Secret"]],
  ["no version key", { versionKey: { ephemeral: true } }, []],
  [
    "Kubernetes Secrets in all namespaces",
    { sync: { enabled: true, namespaces: ["shop", "team-*"], metadataPrefixes: ["example.com/"] } },
    ["ClusterRole", "ClusterRoleBinding"],
  ],
  [
    "Kubernetes Secrets in two namespaces",
    { sync: { enabled: true, namespaces: ["shop", "bank"], perNamespace: true } },
    ["Role", "Role", "RoleBinding", "RoleBinding"],
  ],
  ["delivery by the provider", { deliver: "provider", kubeletDir: "/var/lib/k0s/kubelet" }, []],
  ["the cache kept", { cache: { persistent: true, adminSocket: true } }, []],
  ["the cache kept as root", { deliver: "provider", cache: { persistent: true } }, []],
  ["an audit log on standard output", { audit: { mode: "best-effort" } }, []],
  [
    "an audit log in a file, chained",
    { audit: { mode: "required", keySecretName: "latchkey-audit-key", file: { volume: { emptyDir: {} } } } },
    [],
  ],
  [
    "an audit log on the node's disk, as root",
    { deliver: "provider", audit: { mode: "required", file: { volume: { hostPath: { path: "/var/log/latchkey" } } } } },
    [],
  ],
  ["an audit log of claims", { audit: { mode: "required", file: { volume: auditClaim } } }, []],
  ["no audit log, in words that YAML reads as false", { audit: { mode: false } }, []],
  ["no admin server", { admin: { enabled: false } }, []],
  ["IPv6", { admin: { address: "[$(POD_IP)]", port: 9090 } }, []],
  ["a PodMonitor", { podMonitor: { enabled: true, labels: { release: "prometheus" } } }, ["PodMonitor"]],
  ["a ServiceMonitor", { serviceMonitor: { enabled: true } }, ["Service", "ServiceMonitor"]],
  ["a NetworkPolicy", { networkPolicy: { enabled: true } }, ["NetworkPolicy"]],
  [
    "a NetworkPolicy with rules",
    {
      networkPolicy: {
        enabled: true,
        ingressFrom: [{ namespaceSelector: { matchLabels: { name: "monitoring" } } }],
        egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }], ports: [{ port: 8200, protocol: "TCP" }] }],
      },
    },
    ["NetworkPolicy"],
  ],
  ["a PriorityClass", { priorityClass: { create: true, name: "secrets", value: 1_000_000 } }, ["PriorityClass"]],
  [
    "settings and profiles",
    {
      config: { cacheBytes: "32MiB", maxStale: "1h", allowAddress: "10.0.0.0/8" },
      profiles: { v: { kind: "vault", address: "https://vault:8200", role: "r" } },
      logLevel: "debug",
    },
    [],
  ],
  [
    "everything of the pod",
    {
      image: { repository: "r/l", digest: `sha256:${"0".repeat(64)}`, pullPolicy: "Always" },
      imagePullSecrets: [{ name: "pull" }],
      serviceAccount: { create: false, name: "other", annotations: {} },
      affinity: { nodeAffinity: {} },
      tolerations: [],
      maxUnavailable: "10%",
      podAnnotations: { a: "b" },
      podLabels: { c: "d" },
      env: [{ name: "HTTPS_PROXY", value: "http://proxy:3128" }],
      volumes: [{ name: "ca", configMap: { name: "ca" } }],
      volumeMounts: [{ name: "ca", mountPath: "/etc/ca" }],
    },
    [],
  ],
];

describe("the chart", () => {
  it.each(sets)("is rendered, linted, valid and taken by the program: %s", async (_, values, kinds) => {
    const { text, objects, container } = await render(values);
    const own = values.serviceAccount === undefined ? ["ServiceAccount"] : [];
    expect(objects.map(({ kind }) => kind).sort()).toEqual([...own, "ConfigMap", "DaemonSet", ...kinds].sort());
    const judged = (await judgeManifests(text)).filter((line) => !line.startsWith("ok "));
    expect(judged).toEqual(
      kinds.flatMap((kind) => (/Monitor/.test(kind) ? [`no schema monitoring.coreos.com/v1 ${kind}`] : [])),
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
    const rendered = await Promise.all(sets.map(([, values]) => render(values)));
    const openbao = await render({ versionKey: { openbaoSecretName: "openbao-csi-provider-hmac-key" } });
    const set = [...rendered, openbao].flatMap(({ container }) => [...settingsOf(container).keys()]);
    // NODE_NAME is its variable.
    expect([...new Set([...set, "nodeName"])].sort()).toEqual([...chartOptions].sort());
  });

  it("probes and offers the port that the admin server listens on, and none without it", async () => {
    const { container } = await render({ admin: { port: 9090 } });
    expect(settingsOf(container).get("adminListen")).toBe("10.0.0.1:9090");
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

  it("has its metrics read from that port, by either kind of monitor, with labels of one's own", async () => {
    const monitor = { enabled: true, interval: "15s", labels: { release: "prometheus" } };
    const { objects } = await render({ podMonitor: monitor, serviceMonitor: monitor });
    const endpoint = { port: "admin", path: "/metrics", interval: "15s" };
    const selector = {
      matchLabels: { "app.kubernetes.io/name": "latchkey", "app.kubernetes.io/instance": "latchkey" },
    };
    const of = (kind: string) => objects.find((object) => object.kind === kind);
    expect(of("PodMonitor")?.spec).toEqual({ selector, podMetricsEndpoints: [endpoint] });
    expect(of("ServiceMonitor")?.spec).toEqual({ selector, endpoints: [endpoint] });
    expect(of("Service")?.spec).toMatchObject({
      selector: selector.matchLabels,
      ports: [{ name: "admin", targetPort: "admin" }],
    });
    expect(of("PodMonitor")?.metadata).toMatchObject({ labels: { release: "prometheus" } });
  });

  it("has of the node nothing but the socket directory, unless it is told to", async () => {
    const hostPaths = async (values: Values) =>
      (await render(values)).pod.volumes.flatMap(
        ({ hostPath }) => (hostPath as { path: string } | undefined)?.path ?? [],
      );
    const sockets = "/var/run/secrets-store-csi-providers";
    expect(await hostPaths({})).toEqual([sockets]);
    expect(await hostPaths({ deliver: "provider" })).toEqual([sockets, "/var/lib/kubelet/pods"]);
    expect(await hostPaths({ cache: { persistent: true } })).toEqual([sockets, "/run/latchkey"]);
  });

  it.each([{}, { deliver: "provider" }, { cache: { persistent: true } }])(
    "gives no container a capability, a writable image or the host's network: %o",
    async (values) => {
      const { pod } = await render(values);
      expect(pod).not.toHaveProperty("hostNetwork");
      expect(pod.securityContext).toMatchObject({ seccompProfile: { type: "RuntimeDefault" } });
      for (const { securityContext } of [...(pod.initContainers ?? []), ...pod.containers]) {
        expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true });
        expect(securityContext.capabilities).toEqual({ drop: ["ALL"] });
      }
      const isRoot = values.deliver === "provider";
      expect(pod.containers[0].securityContext).toMatchObject({ runAsUser: isRoot ? 0 : 65532, runAsNonRoot: !isRoot });
    },
  );

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
