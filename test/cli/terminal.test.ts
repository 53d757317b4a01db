import { afterEach, describe, expect, it, vi } from "vitest";
import { paintFor } from "../../src/cli/terminal.ts";
import { isColourUnwanted } from "../../src/config/config.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("colours", () => {
  it.each([
    ["on a terminal", true, "", "\u001b[31mx\u001b[0m"],
    ["not on a terminal that wants none", true, "1", "x"],
    ["not in a pipe", false, "", "x"],
  ])("are %s", (_, isTTY, noColour, shown) => {
    vi.stubEnv("NO_COLOR", noColour);
    expect(paintFor({ isTTY })("red", "x")).toBe(shown);
  });

  it("are unwanted where NO_COLOR has any value, as its authors say", () => {
    expect([{ NO_COLOR: "0" }, { NO_COLOR: "" }, {}].map((env) => isColourUnwanted(env))).toEqual([true, false, false]);
  });
});
