import { describe, expect, it } from "vitest";
import { once } from "../../src/async/once.ts";

describe("what is made once", () => {
  it("is the same for all, also while it is made", async () => {
    let made = 0;
    const get = once(async () => ++made);
    expect([...(await Promise.all([get(), get()])), await get()]).toEqual([1, 1, 1]);
  });

  it("is made again after it has failed, for those who ask later", async () => {
    let made = 0;
    const get = once(async () => {
      made += 1;
      if (made === 1) throw new Error("out of descriptors");
      return made;
    });
    expect((await Promise.allSettled([get(), get()])).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect([await get(), await get()]).toEqual([2, 2]);
  });
});
