import { type Problems, quoted } from "../../plan/problems.ts";
import type { GcpIdentity } from "../../stores/gcp/types.ts";
import type { DialectInput } from "../dialect.ts";
import type { OperatorGcp } from "./operator.ts";

/** Reads on whose behalf secrets are read; notes what is wrong. */
export function readIdentity(
  { parameters, own }: DialectInput<OperatorGcp>,
  problems: Problems,
): GcpIdentity | undefined {
  const auth = parameters.get("auth") ?? "";
  const refused = own.nodePublishSecret ? "refused" : "ignored";
  switch (auth) {
    case "":
      return asPod(own.nodePublishSecret ? "preferred" : "ignored");
    case "pod-adc":
      return asPod(refused);
    case "provider-adc":
      if (own.providerAdc) return { by: "provider", keyFile: refused };
      problems.add("LK0020", "auth", forbiddenAdc.message, forbiddenAdc.fix);
      return undefined;
    default:
      problems.add(
        "LK0003",
        "auth",
        `unknown auth configuration: ${quoted(auth)}`,
        "write pod-adc or provider-adc, or leave it out",
      );
      return undefined;
  }
}

function asPod(keyFile: "ignored" | "preferred" | "refused"): GcpIdentity {
  return { by: "pod", impersonate: { by: "annotation" }, keyFile };
}

/** The words for `auth: provider-adc` where the operator does not allow it. */
export const forbiddenAdc = {
  message: "auth: provider-adc reads as Latchkey itself, which the operator does not allow",
  fix: "remove auth, so that the pod reads as itself, or have the operator start Latchkey with --gcp-provider-adc",
};
