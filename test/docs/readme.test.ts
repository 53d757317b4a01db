import { describe, expect, it } from "vitest";
import { readDocument } from "./documents.ts";

const readme = await readDocument("README.md");

describe("README.md", () => {
  it("is read in one go", () => {
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });

  it("shows on its first screen what Latchkey does, and says how to see it work", () => {
    expect(readme.split("\n").slice(0, 15).join("\n")).toContain("](docs/images/overview.svg)");
    for (const command of ["npm ci && npm run demo", "npm ci && npm test"]) {
      expect(readme).toContain(`\`\`\`sh\n${command}\n\`\`\`\n`);
    }
  });

  it.each(["overview", "dashboard"])("the picture %s tells its content, and runs and loads nothing", async (name) => {
    const picture = await readDocument(`docs/images/${name}.svg`);
    expect(picture).toMatch(/<title id="title">[^<]+<\/title>\n {2}<desc id="desc">[^<]+<\/desc>/);
    expect(picture).not.toMatch(/<script|<foreignObject|@import|\bon[a-z]+=|(?:href|url)[=(]["']?(?:https?:|data:)/);
  });
});
