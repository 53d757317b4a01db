import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { render, startsWith } from "../deploy/rendered.ts";
import { helm, lintChart, testImage, type Values } from "../servers/helm.ts";
import { judgeManifests } from "../servers/kubernetes-validate.ts";
import { kindOf, yamlBlocks } from "./blocks.ts";
import { parseObjects } from "./documents.ts";

// Helm is made on first use.
await helm(["version"]);

const blocks = await yamlBlocks();
const values = blocks.filter(({ text }) => kindOf(text) === "values");
const manifests = blocks.filter(({ text }) => kindOf(text) === "manifest");

/** The verdict on an object that fits, and on one of the Prometheus operator, for which the API of Kubernetes has no schema. */
const fine = /^(?:ok |no schema monitoring\.coreos\.com\/v1 )/;

/** Objects of other makers, for which the API of Kubernetes has no schema. */
const others = new Set(["kind.x-k8s.io/v1alpha4 Cluster"]);

describe("values of the chart in the documentation", () => {
  it.each(values)(
    "$place: the chart takes them, and the program starts with what it makes of them",
    async ({ text }) => {
      const given: Values = parse(text.replace("registry.example.com/latchkey", testImage));
      const { container, text: rendered } = await render(given);
      await startsWith(container, given.config as Values | undefined);
      expect((await judgeManifests(rendered)).filter((line) => !fine.test(line))).toEqual([]);
      expect(await lintChart(given)).toContain("0 chart(s) failed");
    },
  );
});

describe("other manifests in the documentation", () => {
  it.each(manifests)("$place: the schemas of the Kubernetes API take them", async ({ text }) => {
    const known = parseObjects(text).filter(({ apiVersion, kind }) => !others.has(`${apiVersion} ${kind}`));
    expect((await judgeManifests(text)).filter((line) => line.startsWith("ok ")).length).toBe(known.length);
  });

  it("name the version of each image: without one the kubelet pulls it for every container", () => {
    const images = blocks.flatMap(({ place, text }) =>
      [...text.matchAll(/^ *(?:- )?image: +(\S+)$/gm)].map(([, image]) => [place, image] as const),
    );
    expect(images.length).toBeGreaterThanOrEqual(2);
    expect(images.filter(([, image = ""]) => !/(?::[\w.-]+|@sha256:[0-9a-f]{64})$/.test(image))).toEqual([]);
  });
});
