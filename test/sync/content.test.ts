import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { Redacted } from "../../src/redacted.ts";
import { desiredSecret } from "../../src/sync/desired-secret.ts";
import { planOf } from "../dialects/plan-of.ts";
import { contentRows } from "./content-rows.ts";

const stores = 'v: { kind: vault, address: "https://v", role: r }';
const secrets = "- { store: v, name: a, files: [{ path: f }] }";
const key = new Redacted<Uint8Array>(Buffer.alloc(32));

describe("the content of a Kubernetes Secret", () => {
  it.each(contentRows)(
    "is judged before it is written as the API server judges it: $what",
    async ({ type, data, isTaken }) => {
      const keys = Object.keys(data).map((name) => `${name}: { file: f }`);
      const kubernetesSecrets = `- { name: s, type: ${type}, data: { ${keys.join(", ")} } }`;
      const { kubernetesSecrets: [spec] = [] } = await planOf("latchkey", { stores, secrets, kubernetesSecrets });
      if (spec === undefined) throw new Error("no Secret is planned");
      const values = new Map(Object.entries(data).map(([name, text]) => [name, Buffer.from(text)]));
      const make = () => desiredSecret({ spec, values, sources: [] }, "shop", key).bytes;
      if (isTaken) expect(make()).toBeGreaterThanOrEqual(0);
      else expect(make).toThrow(ProviderError);
    },
  );
});
