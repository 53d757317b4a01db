import { describe, expect, it } from "vitest";
import { catalogue, combineErrors, type ErrorId, ProviderError, toProviderError } from "../../src/errors.ts";
import { toStatus } from "../../src/server/status.ts";

const ids = Object.keys(catalogue) as ErrorId[];

describe("gRPC status", () => {
  it.each(ids)("of %s is none of the codes that can start a pod with an empty volume", (id) => {
    expect([3, 5, 7, 9, 13, 16]).toContain(toStatus(new ProviderError(id, "x")).code);
  });

  it("says id, subject, what is wrong and the fix", () => {
    const error = new ProviderError("LK0034", "no secret at this path", { fix: "write it" })
      .about("vault secret/x")
      .about('object "a"');
    expect(toStatus(error)).toEqual({
      code: 5,
      details: 'LK0034 object "a", vault secret/x: no secret at this path. Fix: write it',
    });
  });

  it("of several errors has the code of the gravest and lists all in order", () => {
    const outage = new ProviderError("LK0030", "connection refused").about("a");
    const denied = new ProviderError("LK0033", "permission denied").about("b");
    expect(toStatus(combineErrors([outage, denied]))).toEqual({
      code: 7,
      details: "2 problems:\n[1] LK0030 a: connection refused\n[2] LK0033 b: permission denied",
    });
  });

  it("fits into HTTP/2 trailers however many problems there are", () => {
    const problem = new ProviderError("LK0034", "é".repeat(300));
    const { details } = toStatus(
      combineErrors([problem, ...Array.from({ length: 999 }, (_, at) => problem.about(`s${at}`))]),
    );
    expect(encodeURI(details).length).toBeLessThan(30_000);
    expect(details).toMatch(/\nand \d+ more$/);
  });

  it("cuts a single long message without breaking a character", () => {
    const { details } = toStatus(new ProviderError("LK0003", "é".repeat(10_000)));
    expect(details.isWellFormed()).toBe(true);
    expect(details.endsWith("é...")).toBe(true);
  });

  it("survives text that grpc-js cannot encode", () => {
    const { details } = toStatus(new ProviderError("LK0003", "a\ud800b\u0000c\rd\ne"));
    expect(details).toBe("LK0003: a\ufffdb c d e");
    expect(() => encodeURI(details)).not.toThrow();
  });
});

describe("any thrown value", () => {
  const values: readonly [unknown, string][] = [
    [new TypeError("the secret is hunter2"), "unexpected TypeError"],
    ["hunter2", "unexpected thrown string"],
    [undefined, "unexpected thrown undefined"],
  ];
  it.each(values)("becomes LK0001 without its message: %o", (thrown, message) => {
    const error = toProviderError(thrown);
    expect([error.id, error.message]).toEqual(["LK0001", message]);
    expect(toStatus(error).details).not.toContain("hunter2");
  });

  it("that is a ProviderError stays itself", () => {
    const error = new ProviderError("LK0034", "x");
    expect(toProviderError(error)).toBe(error);
  });
});
