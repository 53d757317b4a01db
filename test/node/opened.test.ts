import { describe, expect, it } from "vitest";
import { Opened } from "../../src/node/opened.ts";

describe("what was opened", () => {
  it("is closed once, in the other order, also behind what cannot be closed; what is off is passed over", async () => {
    const opened = new Opened();
    const closed: string[] = [];
    const add = (name: string) => opened.add(name, async (each) => void closed.push(each));
    expect(add("first")).toBe("first");
    expect(opened.add(undefined, () => closed.push("never"))).toBe(undefined);
    opened.add("broken", () => Promise.reject(new Error("cannot be closed")));
    add("last");
    await expect(opened.close()).rejects.toThrow("cannot be closed");
    await opened.close();
    expect(closed).toEqual(["last", "first"]);
  });
});
