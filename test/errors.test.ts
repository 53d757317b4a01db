import { describe, expect, it } from "vitest";
import {
  catalogue,
  combineErrors,
  type ErrorId,
  ProviderError,
  tellsOfAsker,
  tellsOfSettings,
  tellsOfStore,
} from "../src/errors.ts";

const all = Object.keys(catalogue) as ErrorId[];

function idsThat(tells: (error: ProviderError) => boolean): readonly ErrorId[] {
  return all.filter((id) => tells(new ProviderError(id, "it failed")));
}

describe("an error", () => {
  it("tells of whoever asks where tokens, credentials or the Kubernetes API failed", () => {
    expect(idsThat(tellsOfAsker)).toEqual(all.filter((id) => /^LK001\d$/.test(id)));
  });

  it("tells of the settings where they are what is wrong", () => {
    expect(idsThat(tellsOfSettings)).toEqual(["LK0020", "LK0021", "LK0022"]);
  });

  it("tells of a store where neither the asker, nor the settings, nor this node failed", () => {
    expect(idsThat(tellsOfStore)).toEqual(all.filter((id) => /^LK00[345]\d$/.test(id)));
  });

  it("for several has each of them once, in their order", () => {
    const [one, other] = ["a", "b"].map((subject) => new ProviderError("LK0034", "it is not there", { subject }));
    if (one === undefined || other === undefined) return expect.unreachable();
    expect(combineErrors([one, other, one.with({})]).problems.map((error) => error.describe())).toEqual([
      "LK0034 a: it is not there",
      "LK0034 b: it is not there",
    ]);
    const placed = one.placed({ parameter: "objects", line: 2, column: 1 });
    expect(combineErrors([one, placed]).problems).toEqual([one, placed]);
    expect(combineErrors([one, one.with({})])).toBe(one);
  });
});
