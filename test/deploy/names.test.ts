import { describe, expect, it } from "vitest";
import { helm, type Values } from "../servers/helm.ts";
import { render } from "./rendered.ts";

// Helm is made on first use.
await helm(["version"]);

/** With these the chart makes every kind of object that it knows. */
const everything: Values = {
  providers: ["latchkey", "vault", "aws"],
  tokenRequests: true,
  versionKey: { vaultSecretName: "vault-csi-provider-hmac-key" },
  sync: { enabled: true, perNamespace: true, namespaces: ["shop", "bank"] },
  podMonitor: { enabled: true },
  serviceMonitor: { enabled: true },
  networkPolicy: { enabled: true },
  prometheusRule: { enabled: true },
  dashboard: { enabled: true },
};

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly name: string }[];
}

async function objectsOf(values: Values) {
  const { objects, pod } = await render({ ...everything, ...values });
  return { objects: objects as unknown as readonly Named[], pod };
}

describe("the names of the chart's objects", () => {
  it("begin with latchkey", async () => {
    const { objects } = await objectsOf({});
    expect(objects.filter(({ metadata }) => !/^latchkey(-|$)/.test(metadata.name))).toEqual([]);
  });

  it("begin with fullnameOverride, so that two releases share none of them", async () => {
    const [{ objects: own }, { objects: other }] = [
      await objectsOf({}),
      await objectsOf({ fullnameOverride: "secrets" }),
    ];
    const places = (objects: readonly Named[]) =>
      objects.map(({ kind, metadata: { name, namespace } }) => `${kind} ${namespace}/${name}`);
    expect(other.length).toBe(own.length);
    expect(places(other).filter((place) => places(own).includes(place))).toEqual([]);
    expect(other.filter(({ metadata }) => !/^secrets(-|$)/.test(metadata.name))).toEqual([]);
  });

  it.each(["", "secrets"])(
    "are those that the objects point to, with fullnameOverride %j",
    async (fullnameOverride) => {
      const { objects, pod } = await objectsOf({ fullnameOverride });
      const named = (kind: string) => objects.filter((each) => each.kind === kind).map(({ metadata }) => metadata.name);
      for (const { roleRef, subjects } of objects) {
        if (roleRef !== undefined) expect(named(roleRef.kind)).toContain(roleRef.name);
        for (const { name } of subjects ?? []) expect(named("ServiceAccount")).toContain(name);
      }
      expect(named("ServiceAccount")).toContain(pod.serviceAccountName);
      const maps = pod.volumes.flatMap(
        ({ configMap }) => (configMap as { readonly name: string } | undefined)?.name ?? [],
      );
      expect(maps).toEqual(named("ConfigMap").filter((name) => !name.endsWith("-dashboard")));
    },
  );

  it("leave a service account's name alone that the values give", async () => {
    const { pod } = await render({ fullnameOverride: "secrets", serviceAccount: { name: "vault" } });
    expect(pod.serviceAccountName).toBe("vault");
  });
});
