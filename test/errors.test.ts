import { describe, expect, it } from "vitest";
import { catalogue, type ErrorId, ProviderError, tellsOfAsker, tellsOfSettings, tellsOfStore } from "../src/errors.ts";

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
});
