import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readDocument } from "../docs/documents.ts";
import { helm } from "../servers/helm.ts";
import { render } from "./rendered.ts";

// Helm is made on first use.
await helm(["version"]);

describe("the chart's monitors", () => {
  it("read the metrics from the admin port, by either kind, with labels of one's own and the node", async () => {
    const monitor = { enabled: true, interval: "15s", labels: { release: "prometheus" } };
    const { objects } = await render({ podMonitor: monitor, serviceMonitor: monitor });
    const node = { sourceLabels: ["__meta_kubernetes_pod_node_name"], targetLabel: "node" };
    const endpoint = { port: "admin", path: "/metrics", interval: "15s", relabelings: [node] };
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
});

describe("the chart's alerts", () => {
  it("are those of deploy/alerts, with labels of one's own", async () => {
    const { objects } = await render({ prometheusRule: { enabled: true, labels: { release: "prometheus" } } });
    const rule = objects.find(({ kind }) => kind === "PrometheusRule");
    expect(rule?.spec).toEqual(parse(await readDocument("deploy/alerts/latchkey.yaml")));
    expect(rule?.metadata).toMatchObject({ labels: { release: "prometheus", "app.kubernetes.io/name": "latchkey" } });
  });
});

describe("the chart's dashboard", () => {
  it("is that of deploy/dashboards, under the label that Grafana's sidecar looks for", async () => {
    const { objects } = await render({ dashboard: { enabled: true, annotations: { grafana_folder: "Secrets" } } });
    const dashboard = objects.find(({ data }) => Object.hasOwn(data ?? {}, "latchkey.json")) as unknown as {
      readonly metadata: Readonly<Record<string, unknown>>;
      readonly data: Readonly<Record<string, string>>;
    };
    expect(JSON.parse(dashboard.data["latchkey.json"] ?? "")).toEqual(
      JSON.parse(await readDocument("deploy/dashboards/latchkey.json")),
    );
    expect(dashboard.metadata).toMatchObject({
      name: "latchkey-dashboard",
      labels: { grafana_dashboard: "1" },
      annotations: { grafana_folder: "Secrets" },
    });
  });

  it("has another label where the values give one", async () => {
    const { objects } = await render({ dashboard: { enabled: true, labels: { grafana_dashboard: "yes" } } });
    const labels = objects.map(({ metadata }) => (metadata as { readonly labels: object }).labels);
    expect(labels.filter((each) => Object.hasOwn(each, "grafana_dashboard"))).toMatchObject([
      { grafana_dashboard: "yes" },
    ]);
  });
});
