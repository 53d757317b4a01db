import { afterEach, describe, expect, it } from "vitest";
import type { ProviderError } from "../../../src/errors.ts";
import { TemplateSandbox } from "../../../src/render/templates/sandbox.ts";

const execPath = process.execPath;
const sandbox = new TemplateSandbox();

afterEach(() => {
  process.execPath = execPath;
  sandbox.close();
});

function render(): Promise<string> {
  const job = { text: "{{ 'made' }}", values: [] };
  return sandbox
    .render(job, { namespace: "shop", signal: new AbortController().signal })
    .catch((error: ProviderError) => error.describe());
}

describe("the process of the templates", () => {
  it.each([
    ["cannot be started", "/nowhere/node"],
    ["ends before it is ready", "/bin/false"],
  ])("that %s is not the template's fault, and is started again for the next one", async (_, path) => {
    process.execPath = path;
    expect(await render()).toContain("LK0009: the template process does not start");
    process.execPath = execPath;
    expect(await render()).toBe("made");
  });
});
