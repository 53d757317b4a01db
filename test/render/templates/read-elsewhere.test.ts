import { afterAll, describe, expect, it } from "vitest";
import type { Elsewhere } from "../../../src/dialects/class-texts.ts";
import type { DialectName } from "../../../src/dialects/index.ts";
import { planOf } from "../../../src/dialects/plan-of.ts";
import { ProviderError } from "../../../src/errors.ts";
import { Plans } from "../../../src/mount/plans.ts";
import { readElsewhere } from "../../../src/render/templates/read-elsewhere.ts";
import { TemplateSandbox } from "../../../src/render/templates/sandbox.ts";
import { inputOf, type Parameters } from "../../dialects/plan-of.ts";
import fc from "../../property.ts";

const sandbox = new TemplateSandbox();
afterAll(() => sandbox.close());

/** The process, and how often it was asked for what. */
function elsewhere(namespace = "shop") {
  const real = readElsewhere(async () => sandbox, namespace);
  const asked: string[] = [];
  const counted: Elsewhere = {
    yaml: (texts: readonly string[]) => {
      asked.push("yaml");
      return real.yaml(texts);
    },
    templates: (texts: readonly string[]) => {
      asked.push("templates");
      return real.templates(texts);
    },
  };
  return { counted, asked };
}

const many = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join("\n");

/** SecretProviderClasses with so many objects. */
const classes: readonly (readonly [DialectName, (count: number) => Parameters])[] = [
  ["aws", (n) => ({ region: "eu-west-1", objects: many(n, (i) => `- objectName: s${i}\n  objectType: ssmparameter`) })],
  [
    "vault",
    (n) => ({
      roleName: "r",
      vaultAddress: "https://vault.example",
      objects: many(n, (i) => `- { objectName: s${i}, secretPath: secret/data/${i}, secretKey: "k" }`),
    }),
  ],
  ["gcp", (n) => ({ secrets: many(n, (i) => `- resourceName: projects/p/secrets/s${i}/versions/1\n  path: f${i}`) })],
  [
    "azure",
    (n) => ({
      keyvaultName: "shop-vault",
      tenantId: "00000000-0000-0000-0000-000000000000",
      clientID: "00000000-0000-0000-0000-000000000001",
      objects: `array:\n${many(n, (i) => `  - |\n    objectName: s${i}\n    objectType: secret`)}`,
    }),
  ],
  [
    "latchkey",
    (n) => ({
      stores: 'v: { kind: vault, address: "https://vault.example", role: r }',
      secrets: many(n, (i) => `- { store: v, name: secret/data/${i}, as: s${i}, files: [{ path: f${i} }] }`),
      templates: many(
        n,
        (i) => `- path: t${i}\n  content: |\n    {% if s${i}.a == 'b' %}{{ s${i}.c | upcase }}{% endif %}`,
      ),
      kubernetesSecrets: `- { name: k, data: { ${Array.from({ length: n }, (_, i) => `d${i}: { template: "{{ s${i}.x }}" }`).join(", ")} } }`,
    }),
  ],
];

/** A plan as text, functions left out, or every problem of it with its place. */
async function outcome(dialect: DialectName, parameters: Parameters, where?: Elsewhere): Promise<unknown> {
  try {
    const plan = await planOf(dialect, inputOf(new Map(Object.entries(parameters))), where);
    return JSON.parse(JSON.stringify(plan, (_, value) => (value instanceof Map ? [...value] : value)));
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return error.singles.map((each) => [each.describe(), each.details.at]);
  }
}

describe("a long SecretProviderClass", () => {
  it.each(classes)(
    "of %s is read by the process of the templates, and a short one is not",
    async (dialect, classOf) => {
      const long = elsewhere();
      expect(await outcome(dialect, classOf(400), long.counted)).toEqual(await outcome(dialect, classOf(400)));
      expect(long.asked).toContain("yaml");
      const short = elsewhere();
      await outcome(dialect, classOf(4), short.counted);
      expect(short.asked).toEqual([]);
    },
  );

  it("has its templates, and texts inside of texts, read there too", async () => {
    const native = elsewhere();
    await outcome("latchkey", classes[4]?.[1](400) ?? {}, native.counted);
    expect(native.asked).toEqual(["yaml", "templates", "templates"]);
    const azure = elsewhere();
    await outcome("azure", classes[3]?.[1](400) ?? {}, azure.counted);
    expect(azure.asked).toEqual(["yaml", "yaml"]);
  });

  it("comes to the same plan, or the same problems at the same places, by generated faults", async () => {
    const fault = fc.record({
      which: fc.nat(classes.length - 1),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      put: fc.constantFrom("}", "\t", '"', "[", ": ", "*x ", "&x ", "{{ nothing }}", "{%", "- ", "\n", "é", "!!int "),
      cut: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fault, async ({ which, at, put, cut }) => {
        const [dialect, classOf] = classes[which] ?? classes[0] ?? ["aws", (): Parameters => ({})];
        const parameters: Parameters = Object.fromEntries(
          Object.entries(classOf(150)).map(([name, text]) => {
            const from = Math.floor(at * text.length);
            return [name, text.length < 100 ? text : text.slice(0, from) + put + text.slice(from + cut)];
          }),
        );
        // Each with a namespace of its own: what is honest of one run is too much for one namespace.
        const { counted } = elsewhere(`run-${at}`);
        expect(await outcome(dialect, parameters, counted)).toEqual(await outcome(dialect, parameters));
      }),
      { numRuns: 60 },
    );
  });

  it("that takes the process too long is refused, and the next one is read", async () => {
    const tags = "{{a}}".repeat(13_000);
    const parameters = {
      stores: 'v: { kind: vault, address: "https://vault.example", role: r }',
      secrets: "- { store: v, name: s, as: a }",
      templates: JSON.stringify([{ path: "f", content: tags }]),
    };
    expect(await outcome("latchkey", parameters, elsewhere("flood").counted)).toEqual([
      [expect.stringMatching(/^LK0043: the SecretProviderClass takes too much time or memory to read/), undefined],
    ]);
    const [dialect, classOf] = classes[1] ?? ["vault", () => ({})];
    expect(await outcome(dialect, classOf(300), elsewhere("shop").counted)).toHaveProperty("secrets");
  });

  it("that many pods mount at once is read once", async () => {
    const { counted, asked } = elsewhere("storm");
    const plans = new Plans(async () => counted);
    const [dialect, classOf] = classes[1] ?? ["vault", () => ({})];
    const input = inputOf(new Map(Object.entries(classOf(300))));
    const made = await Promise.all(Array.from({ length: 30 }, () => plans.plan(dialect, input)));
    expect(asked).toEqual(["yaml"]);
    expect(new Set(made).size).toBe(1);
    expect(await plans.plan(dialect, input)).toBe(made[0]);
  });
});
