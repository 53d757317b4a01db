import { dialectNames } from "../../src/dialects/index.ts";
import type { Values } from "../servers/helm.ts";

/** A volume of each pod's own. */
const auditClaim = {
  ephemeral: {
    volumeClaimTemplate: {
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
  },
};

/** Values of the chart that tests render, lint and judge, with the kinds that they add to those of the defaults. */
export const valueSets: readonly (readonly [what: string, values: Values, kinds: readonly string[]])[] = [
  ["the defaults", {}, []],
  ["every dialect", { providers: dialectNames }, ["ClusterRole", "ClusterRoleBinding"]],
  ["aws with a region", { providers: ["aws"], aws: { region: "eu-west-1" } }, ["ClusterRole", "ClusterRoleBinding"]],
  ["aws without its rights", { providers: ["aws"], aws: { readServiceAccounts: false, readNodes: false } }, []],
  ["gcp", { providers: ["gcp"] }, ["ClusterRole", "ClusterRoleBinding"]],
  ["gcp without its right", { providers: ["gcp"], gcp: { readServiceAccounts: false } }, []],
  ["azure", { providers: ["azure"] }, []],
  [
    "azure with annotations",
    { providers: ["latchkey", "azure"], azure: { readServiceAccounts: true } },
    ["ClusterRole", "ClusterRoleBinding"],
  ],
  ["rights of others", { providers: dialectNames, tokenRequests: true, rbac: { create: false } }, []],
  ["token requests", { tokenRequests: true }, ["ClusterRole", "ClusterRoleBinding"]],
  ["checked pods", { checkPods: true }, ["ClusterRole", "ClusterRoleBinding"]],
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
  ["the cache kept, with a key of its own", { cache: { keySecretName: "latchkey-cache-key", adminSocket: true } }, []],
  ["the cache in memory alone", { cache: { persistent: false } }, []],
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
  ["nodes with SELinux", { seLinuxOptions: { type: "spc_t" }, cache: { persistent: true } }, []],
  [
    "nodes with SELinux, as root",
    { seLinuxOptions: { user: "u", role: "r", type: "t", level: "s0" }, deliver: "provider" },
    [],
  ],
  [
    "objects of another name",
    { fullnameOverride: "secrets", tokenRequests: true },
    ["ClusterRole", "ClusterRoleBinding"],
  ],
  ["no admin server", { admin: { enabled: false } }, []],
  ["a port of its own", { admin: { port: 9090 } }, []],
  ["an IPv6 address", { admin: { address: "fd00::5" } }, []],
  ["a PodMonitor", { podMonitor: { enabled: true, labels: { release: "prometheus" } } }, ["PodMonitor"]],
  ["a ServiceMonitor", { serviceMonitor: { enabled: true } }, ["Service", "ServiceMonitor"]],
  ["alerts", { prometheusRule: { enabled: true, labels: { release: "prometheus" } } }, ["PrometheusRule"]],
  ["a dashboard", { dashboard: { enabled: true, annotations: { grafana_folder: "Secrets" } } }, ["ConfigMap"]],
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
