import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { tellLoginsOnce } from "../../src/fetch/tell-once.ts";

const refused = (index: number, message = "failed to login") =>
  new ProviderError("LK0032", message, { login: true, subject: `secrets[${index}], vault a as shop/web`, fix: "f" });
const denied = (index: number) => new ProviderError("LK0033", "denied", { subject: `secrets[${index}]` });
const tell = (...failures: readonly ProviderError[]) => tellLoginsOnce(failures).map((each) => each.describe());

describe("a login that failed", () => {
  it("is told once, with how many secrets it was for, in its first place", () => {
    expect(tell(denied(0), refused(1), refused(2), refused(3))).toEqual([
      "LK0033 secrets[0]: denied",
      "LK0032 secrets[1], vault a as shop/web and 2 more secrets: failed to login. Fix: f",
    ]);
    expect(tell(refused(0), refused(1))).toEqual([
      "LK0032 secrets[0], vault a as shop/web and one more secret: failed to login. Fix: f",
    ]);
  });

  it.each(["LK0011", "LK0012", "LK0014", "LK0016"] as const)("is told once where it could not begin (%s)", (id) => {
    const lacks = (index: number) => new ProviderError(id, "lacks it", { subject: `secrets[${index}]` });
    expect(tell(lacks(0), lacks(1), lacks(2))).toEqual([`${id} secrets[0] and 2 more secrets: lacks it`]);
  });

  it("is told beside one that failed otherwise, and leaves other failures as they are", () => {
    expect(tell(refused(0), refused(1, "other"), denied(2), denied(3))).toHaveLength(4);
    expect(tell(refused(0))).toEqual(["LK0032 secrets[0], vault a as shop/web: failed to login. Fix: f"]);
    expect(tell()).toEqual([]);
  });
});
