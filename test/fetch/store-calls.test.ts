import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { Sessions } from "../../src/fetch/sessions.ts";
import { Redacted } from "../../src/redacted.ts";
import { VirtualTime } from "../cache/virtual-time.ts";
import { RecordedMetrics } from "../recorded-metrics.ts";
import { context, FakeLogins } from "./fake-logins.ts";

describe("the metrics of store calls", () => {
  it("tell each login and each read by its result", async () => {
    const store = new FakeLogins();
    await store.read();
    store.errors.set(1, "LK0034");
    await expect(store.read()).rejects.toThrow();
    expect(store.metrics.calls).toEqual(["vault login ok", "vault read ok", "vault read absent"]);
    expect(store.sessions.size).toBe(1);
  });

  it("tell a login that fails, and a failure that nobody foresaw", async () => {
    const metrics = new RecordedMetrics();
    const sessions = new Sessions(new VirtualTime(), metrics);
    const errors = [new ProviderError("LK0032", "refused"), new TypeError("a bug")];
    for (const error of errors) {
      const way = {
        key: "login",
        store: "vault",
        namespace: "shop",
        pod: "",
        open: () => Promise.reject(error),
      } as const;
      await expect(sessions.read(way, "ref", context)).rejects.toBe(error);
    }
    expect([metrics.calls, sessions.size]).toEqual([["vault login denied", "vault login fault"], 0]);
  });

  it("count requests that go out beside whoever else counts them", async () => {
    const metrics = new RecordedMetrics();
    const sessions = new Sessions(new VirtualTime(), metrics);
    const counted: string[] = [];
    const way = {
      ...({ key: "login", store: "aws-parameter-store", namespace: "shop", pod: "" } as const),
      open: async ({ count }: typeof context) => {
        count("login");
        count("login");
        return { read: async () => ({ value: new Redacted(new Uint8Array()) }), close: async () => count("revoke") };
      },
    };
    const count = (operation: string) => void counted.push(operation);
    await sessions.read(way, "ref", { ...context, count });
    await sessions.close();
    expect(counted).toEqual(["login", "login", "revoke"]);
    expect(metrics.requests).toEqual(counted.map((operation) => `aws-parameter-store ${operation}`));
  });
});
