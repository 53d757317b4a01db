import { describe, expect, it } from "vitest";
import { secretTypeWords } from "../../src/dialects/native/kubernetes-secret-types.ts";
import { render } from "../deploy/rendered.ts";
import { helm } from "../servers/helm.ts";
import { yamlBlocks } from "./blocks.ts";
import { parseObjects } from "./documents.ts";

// Helm is made on first use.
await helm(["version"]);

const block = (await yamlBlocks()).find(({ text }) => text.includes("kind: ValidatingAdmissionPolicy\n"));
const [policy, binding] = parseObjects(block?.text ?? "") as unknown as readonly [
  {
    readonly metadata: { readonly name: string };
    readonly spec: {
      readonly matchConditions: readonly { readonly expression: string }[];
      readonly validations: readonly { readonly expression: string }[];
    };
  },
  { readonly spec: { readonly policyName: string } },
];

describe("the admission policy of docs/hardening.md", () => {
  it("lets Latchkey write the types that it knows, and no other", () => {
    const named = [...(policy.spec.validations[0]?.expression.matchAll(/"([^"]+)"/g) ?? [])].map(([, type]) => type);
    expect(named).toEqual(secretTypeWords.map((word) => (word === "Opaque" ? word : `kubernetes.io/${word}`)));
  });

  it("holds for the service account of the chart's defaults", async () => {
    const { pod } = await render({});
    expect(policy.spec.matchConditions[0]?.expression).toBe(
      `request.userInfo.username == "system:serviceaccount:kube-system:${pod.serviceAccountName}"`,
    );
  });

  it("is bound", () => expect(binding.spec.policyName).toBe(policy.metadata.name));
});
