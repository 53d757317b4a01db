import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startNode, type TestNode } from "../e2e/node.ts";
import { helm, type Values } from "../servers/helm.ts";
import { type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { isGranted, neededRight, type Right } from "../servers/kubernetes-rbac.ts";
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
  /** The dialect of the class that a pod mounts, so that the feature is used. */
  readonly provider: "vault" | "aws" | "gcp" | "latchkey";
  readonly audiences?: readonly string[];
  /** Parameters of that class, if not the dialect's usual ones. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly before?: (cluster: KubernetesApi) => void;
  /** The last right that is used, where it is after the mount. */
  readonly last?: string;
  readonly rights: readonly string[];
  /** The method of a request to the API that comes after the mount, and is waited for. */
  readonly until?: string;
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
    what: "gcp",
    values: { providers: ["gcp"] },
    provider: "gcp",
    audiences: ["shop.svc.id.goog"],
    rights: ["get serviceaccounts"],
  },
  {
    what: "native, with an identity of Azure that the annotation names",
    values: { azure: { readServiceAccounts: true } },
    provider: "latchkey",
    audiences: ["api://AzureADTokenExchange"],
    parameters: {
      stores: "vault: { kind: azure-key-vault, vault: shop }",
      secrets: "- { store: vault, name: db, files: [{ path: db }] }",
    },
    rights: ["get serviceaccounts"],
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
  {
    what: "Kubernetes Secrets in all namespaces",
    values: { sync: { enabled: true } },
    provider: "latchkey",
    audiences: ["vault"],
    rights: ["create secrets", "get secrets-store.csi.x-k8s.io/secretproviderclasses", "get secrets", "patch secrets"],
    until: "PATCH",
  },
  {
    what: "Kubernetes Secrets in one namespace",
    values: { sync: { enabled: true, namespaces: ["shop"], perNamespace: true } },
    provider: "latchkey",
    audiences: ["vault"],
    rights: [
      "create secrets in shop",
      "get secrets in shop",
      "get secrets-store.csi.x-k8s.io/secretproviderclasses in shop",
      "patch secrets in shop",
    ],
    until: "PATCH",
  },
];

const parameters = {
  vault: {
    vaultAddress: nowhere,
    roleName: "r",
    objects: "- { objectName: a, secretPath: secret/data/a, secretKey: v }",
  },
  aws: { objects: "- { objectName: a, objectType: secretsmanager }" },
  gcp: { secrets: "- { resourceName: projects/p/secrets/s/versions/1, path: a }" },
  latchkey: {
    stores: "files: { profile: files }",
    secrets: "- { store: files, name: db, files: [{ path: db }] }",
  },
};

const kubernetesSecrets = "- { name: db, data: { password: { file: db } } }";

/** A right that the chart gives, and of which object alone. */
type Given = Right & { readonly name?: string };

function given({ rules }: Rendered): readonly Given[] {
  return rules.flatMap(({ apiGroups, resources, resourceNames, verbs, namespace }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          (resourceNames ?? [undefined]).map((name) => ({
            ...{ verb: verb as Right["verb"], group, resource },
            ...(namespace === undefined ? {} : { namespace }),
            ...(name === undefined ? {} : { name }),
          })),
        ),
      ),
    ),
  );
}

/** In one line: `get secrets NAME in NAMESPACE`. */
function told({ verb, group, resource, name, namespace }: Given): string {
  const what = group === "" ? resource : `${group}/${resource}`;
  return [
    verb,
    what,
    ...(name === undefined ? [] : [name]),
    ...(namespace === undefined ? [] : [`in ${namespace}`]),
  ].join(" ");
}

/** An apply makes what is not there, so it needs the right to create as well. */
function neededBy(request: RecordedRequest): readonly Right[] {
  const right = neededRight(request);
  if (right === undefined || right.resource === "jwks") return [];
  return right.verb === "patch" ? [right, { ...right, verb: "create" }] : [right];
}

/** Those of the rights that the program uses. The API refuses whatever is not given, and nothing is refused. */
async function used(feature: Feature, rendered: Rendered): Promise<readonly Given[]> {
  const rights = given(rendered);
  const issuer = await createTokenIssuer();
  const cluster = await startKubernetes(issuer);
  let node: TestNode | undefined;
  try {
    const usual = feature.parameters ?? parameters[feature.provider];
    const wanted = { ...usual, ...(feature.until === undefined ? {} : { kubernetesSecrets }) };
    fillCluster(cluster, wanted);
    feature.before?.(cluster);
    cluster.setRights(rights);
    node = await startNode({
      issuer,
      flags: async (directory) => ({ ...(await flagsFor(cluster, directory)), ...ownFlags(rendered) }),
      config: (directory) => `profiles: { files: { kind: file, directory: ${directory} } }\n`,
    });
    const { provider, audiences, until } = feature;
    const request = { provider, parameters: wanted, ...(audiences === undefined ? {} : { audiences }) };
    // What needs a store fails: none is there.
    await node.publish(request).catch(() => undefined);
    while (until !== undefined && !cluster.requests.some(({ method }) => method === until)) await sleep(20);
    const needed = cluster.requests.flatMap(neededBy);
    expect(needed.filter((right) => !isGranted(rights, right))).toEqual([]);
    return rights.filter((right) => needed.some((each) => isGranted([right], each)));
  } finally {
    await node?.stop();
    await cluster.stop();
  }
}

function fillCluster(cluster: KubernetesApi, parameters: Readonly<Record<string, string>>): void {
  cluster.setServiceAccount("shop", "payments", { annotations: { "eks.amazonaws.com/role-arn": role } });
  cluster.setPod("shop", "web-0", { uid: "0000-0001", serviceAccount: "payments" });
  cluster.setNode("node-1", { "topology.kubernetes.io/region": "eu-west-1" });
  cluster.setClass("shop", "secrets", { provider: "latchkey", parameters });
}

async function flagsFor(cluster: KubernetesApi, directory: string): Promise<Readonly<Record<string, string>>> {
  await cluster.writeCredentials(directory);
  await writeFile(join(directory, "db"), "password");
  await writeFile(join(directory, "version.key"), Buffer.alloc(32, "v"));
  return {
    ...{
      kubernetesApi: cluster.url,
      nodeName: "node-1",
      allowAddress: "127.0.0.1",
      awsEndpointUrl: nowhere,
      gcpEndpoint: nowhere,
    },
    ...{ kubernetesTokenFile: join(directory, "token"), kubernetesCaFile: join(directory, "ca.crt") },
    ...{ versionKeyFile: join(directory, "version.key"), mountTimeout: "3s" },
  };
}

/** The flags of the chart that say what is used. */
function ownFlags({ container }: Rendered): Readonly<Record<string, string>> {
  const names = ["providers", "tokenRequests", "vaultHmacSecretName", "awsRegion", "sync", "syncNamespaces"];
  return Object.fromEntries([...settingsOf(container)].filter(([name]) => names.includes(name)));
}

describe("rights in the cluster", () => {
  it.each(features)("of $what are those that it uses, and no other", async (feature) => {
    const rendered = await render(feature.values);
    expect(given(rendered).map(told).sort()).toEqual([...feature.rights].sort());
    expect((await used(feature, rendered)).map(told).sort()).toEqual([...feature.rights].sort());
  });

  it("are bound to the service account that the pod runs as", async () => {
    const { objects, pod } = await render({
      ...{ versionKey: { vaultSecretName: hmac }, tokenRequests: true },
      sync: { enabled: true, perNamespace: true, namespaces: ["shop"] },
    });
    const bindings = objects.filter(({ kind }) => /Binding$/.test(`${kind}`));
    expect(bindings.map(({ subjects }) => subjects)).toEqual(
      bindings.map(() => [{ kind: "ServiceAccount", name: pod.serviceAccountName, namespace: "kube-system" }]),
    );
    expect(bindings.map(({ roleRef }) => (roleRef as { kind: string }).kind).sort()).toEqual([
      "ClusterRole",
      "Role",
      "Role",
    ]);
  });
});
