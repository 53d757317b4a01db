import { describe, expect, it } from "vitest";
import { parseExposition } from "./exposition.ts";

const head = "# HELP a_total Help.\n# TYPE a_total counter\n";
const histogram = "# HELP h Help.\n# TYPE h histogram\n";

describe("the reader of scrapes", () => {
  it("reads labels with their escapes", () => {
    const read = parseExposition(`${head}a_total{l="\\\\ \\" \\n"} 1.5e+3\n`);
    expect(read.samples("a_total")).toEqual([{ name: "a_total", labels: new Map([["l", '\\ " \n']]), value: 1_500 }]);
  });

  it.each([
    ["no end of the last line", `${head}a_total 1`],
    ["no type", "# HELP a_total Help.\na_total 1\n"],
    ["another's type", "# HELP a_total Help.\n# TYPE b_total counter\na_total 1\n"],
    ["another's sample", `${head}b_total 1\n`],
    ["a series twice", `${head}a_total{x="1",y="2"} 1\na_total{y="2",x="1"} 1\n`],
    ["a metric twice", `${head}${head}`],
    ["a quote in a label", `${head}a_total{l="""} 1\n`],
    ["an unknown escape", `${head}a_total{l="\\t"} 1\n`],
    ["no number", `${head}a_total one\n`],
    ["buckets that fall", `${histogram}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`],
    ["no last bucket", `${histogram}h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n`],
  ])("refuses %s", (_, text) => {
    expect(() => parseExposition(text)).toThrow();
  });
});
