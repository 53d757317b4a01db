import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startNode, type TestNode } from "../e2e/node.ts";
import { helm, type Values } from "../servers/helm.ts";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import type { RecordedRequest } from "../servers/scripted.ts";
import { createTokenIssuer } from "../tokens.ts";
import { type Rendered, render, settingsOf } from "./rendered.ts";

// Helm is made on first use.
await helm(["version"]);

const hmac = "vault-csi-provider-hmac-key";
const role = "arn:aws:iam::123456789012:role/payments";

/** Nobody listens there: what the store would say does not matter here. */
const nowhere = "http://127.0.0.1:9";

interface Feature {
  readonly what: string;
  readonly values: Values;
  /** What a pod mounts, so that the feature is used. */
  readonly provider: "vault" | "aws" | "latchkey";
  readonly audiences?: readonly string[];
  readonly before?: (cluster: KubernetesApi) => void;
  readonly rights: readonly string[];
}

const features: readonly Feature[] = [
  { what: "native", values: {}, provider: "latchkey", audiences: ["vault"], rights: [] },
  { what: "vault", values: { providers: ["vault"] }, provider: "vault", audiences: ["vault"], rights: [] },
  {
    what: "aws with a region",
    values: { providers: ["aws"], aws: { region: "eu-west-1" } },
    provider: "aws",
    audiences: ["sts.amazonaws.com"],
    rights: ["get serviceaccounts"],
  },
  {
    what: "aws without a region",
    values: { providers: ["aws"] },
    provider: "aws",
    audiences: ["sts.amazonaws.com"],
    rights: ["get nodes", "get serviceaccounts"],
  },
  {
    what: "token requests",
    values: { providers: ["vault"], tokenRequests: true },
    provider: "vault",
    rights: ["create serviceaccounts/token"],
  },
  {
    what: "the version key of today's provider",
    values: { providers: ["vault"], versionKey: { vaultSecretName: hmac } },
    provider: "vault",
    audiences: ["vault"],
    before: (cluster) => cluster.setSecret("kube-system", hmac, { key: Buffer.alloc(32).toString("base64") }),
    rights: [`get secrets ${hmac} in kube-system`],
  },
  {
    what: "the version key of today's provider, made where it is not there",
    values: { providers: ["vault"], versionKey: { vaultSecretName: hmac, createSecrets: true } },
    provider: "vault",
    audiences: ["vault"],
    rights: ["create secrets in kube-system", `get secrets ${hmac} in kube-system`],
  },
];

const parameters = {
  vault: {
    vaultAddress: nowhere,
    roleName: "r",
    objects: "- { objectName: a, secretPath: secret/data/a, secretKey: v }",
  },
  aws: { objects: "- { objectName: a, objectType: secretsmanager }" },
  latchkey: {
    stores: `vault: { kind: vault, address: "${nowhere}", role: r }`,
    secrets: "- { store: vault, name: secret/data/a, files: [{ path: a }] }",
  },
};

/** The rights that the chart gives, one line for each verb on each resource. */
function given({ rules }: Rendered): readonly string[] {
  return rules.flatMap(({ apiGroups, resources, resourceNames = [""], verbs, cluster }) =>
    verbs.flatMap((verb) =>
      resources.flatMap((resource) =>
        resourceNames.map((name) =>
          [verb, ...apiGroups.filter((group) => group !== ""), resource, name, cluster ? "" : "in kube-system"]
            .filter((word) => word !== "")
            .join(" "),
        ),
      ),
    ),
  );
}

const verbs = new Map([
  ["GET", "get"],
  ["POST", "create"],
]);

/** The right that a request needs; none for what every service account may ask (system:service-account-issuer-discovery). */
function needed({ method, path }: RecordedRequest): readonly string[] {
  if (/^\/(openid|\.well-known)\//.test(path)) return [];
  const [, namespace, kind = "", name, below] =
    /^\/api\/v1(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+)(?:\/([a-z]+))?)?$/.exec(path) ?? [];
  const resource = below === undefined ? kind : `${kind}/${below}`;
  // Only Secrets are given by name, and in one namespace.
  const place = kind === "secrets" ? [...(name === undefined ? [] : [name]), `in ${namespace}`] : [];
  return [[verbs.get(method) ?? method, resource, ...place].join(" ")];
}

async function useOf(feature: Feature, rendered: Rendered): Promise<readonly string[]> {
  const issuer = await createTokenIssuer();
  const directory = await mkdtemp(join(tmpdir(), "lk-rights-"));
  const cluster = await startKubernetes(issuer);
  let node: TestNode | undefined;
  try {
    await cluster.writeCredentials(directory);
    cluster.setServiceAccount("shop", "payments", { annotations: { "eks.amazonaws.com/role-arn": role } });
    cluster.setPod("shop", "web-0", { uid: "0000-0001", serviceAccount: "payments" });
    cluster.setNode("node-1", { "topology.kubernetes.io/region": "eu-west-1" });
    feature.before?.(cluster);
    const settings = settingsOf(rendered.container);
    const own = ["providers", "tokenRequests", "vaultHmacSecretName", "awsRegion"].flatMap((name) => {
      const value = settings.get(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    node = await startNode({
      issuer,
      flags: {
        ...Object.fromEntries(own),
        ...{ kubernetesApi: cluster.url, nodeName: "node-1", allowAddress: "127.0.0.1", awsEndpointUrl: nowhere },
        ...{ kubernetesTokenFile: join(directory, "token"), kubernetesCaFile: join(directory, "ca.crt") },
        mountTimeout: "3s",
      },
    });
    const { provider, audiences } = feature;
    const request = { provider, parameters: parameters[provider], ...(audiences === undefined ? {} : { audiences }) };
    await node.publishError(request);
    return [...new Set(cluster.requests.flatMap(needed))].sort();
  } finally {
    await node?.stop();
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

describe("rights in the cluster", () => {
  it.each(features)("of $what are those that it uses, and no other", async (feature) => {
    const rendered = await render(feature.values);
    expect([...given(rendered)].sort()).toEqual(feature.rights);
    expect(await useOf(feature, rendered)).toEqual(feature.rights);
  });

  it("are bound to the service account that the pod runs as", async () => {
    const { objects, pod } = await render({ ...features.at(-1)?.values, tokenRequests: true });
    const bindings = objects.filter(({ kind }) => /Binding$/.test(`${kind}`));
    expect(bindings.map(({ subjects }) => subjects)).toEqual(
      bindings.map(() => [{ kind: "ServiceAccount", name: pod.serviceAccountName, namespace: "kube-system" }]),
    );
    expect(bindings.map(({ roleRef }) => (roleRef as { kind: string }).kind).sort()).toEqual(["ClusterRole", "Role"]);
  });
});
