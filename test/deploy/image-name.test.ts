import { describe, expect, it } from "vitest";
import { helm, lintChart, renderChart } from "../servers/helm.ts";
import { render } from "./rendered.ts";

// Helm is made on first use.
await helm(["version"]);

const digest = `sha256:${"0".repeat(64)}`;

describe("the chart's image", () => {
  it.each([
    [{ repository: "latchkey", tag: "0.1.0" }, "latchkey:0.1.0"],
    [{ repository: "ghcr.io/team/latchkey" }, "ghcr.io/team/latchkey:0.1.0"],
    [{ repository: "localhost:5000/latchkey", tag: "v1_2.3-rc" }, "localhost:5000/latchkey:v1_2.3-rc"],
    [{ repository: "[fd00::5]:5000/a/b__c/latchkey" }, "[fd00::5]:5000/a/b__c/latchkey:0.1.0"],
    [{ repository: "example.company.internal/latchkey" }, "example.company.internal/latchkey:0.1.0"],
    [{ repository: "my-example.company/latchkey", digest }, `my-example.company/latchkey@${digest}`],
  ])("is that of the values: %j", async (image, name) => {
    const { containers } = await render({ image });
    const images = containers.map((each) => each.image);
    expect(new Set(images)).toEqual(new Set([name]));
  });

  it.each([
    [{}, "image.repository is not set: there is no published image of Latchkey. Build the Dockerfile"],
    [{ repository: "" }, "image.repository is not set"],
    [{ repository: "example.com/latchkey" }, "which is a placeholder that no node can pull. Build"],
    [{ repository: "registry.example.com:5000/latchkey" }, "is a placeholder"],
    [{ repository: "registry.example/latchkey" }, "is a placeholder"],
    [{ repository: "registry.invalid/latchkey" }, "is a placeholder"],
    [{ repository: "REGISTRY/latchkey" }, 'is "REGISTRY/latchkey", which is not the name of an image: lower case'],
    [{ repository: "<your-registry>/latchkey" }, "which is not the name of an image"],
    [{ repository: "/latchkey" }, "which is not the name of an image"],
    [{ repository: "ghcr.io/" }, "which is not the name of an image"],
    [{ repository: "https://ghcr.io/team/latchkey" }, "which is not the name of an image"],
    [{ repository: "ghcr.io/team/latchkey:0.1.0" }, "which is not the name of an image"],
    [{ repository: `ghcr.io/team/latchkey@${digest}` }, "which is not the name of an image"],
    [{ repository: "latchkey", tag: "a tag" }, 'image.tag is "a tag", which is not a tag. Set the one that you pushed'],
  ])("is refused in a sentence where no node can pull it: %j", async (image, sentence) => {
    await expect(renderChart({ image })).rejects.toThrow(sentence);
  });

  it("need not be known to lint the chart", async () => {
    expect(await lintChart({ image: {} })).toContain("0 chart(s) failed");
  });
});
