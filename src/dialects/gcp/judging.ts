import { nothingAssumed } from "../assumed.ts";
import type { Judging } from "../judging.ts";
import type { OperatorGcp } from "./operator.ts";
import { forbiddenAdc } from "./settings.ts";

/** `provider: gcp` before the pod. Google has no addresses but those that the operator says or the location makes. */
export const gcpJudging: Judging<OperatorGcp> = {
  assume(texts, own, { operatorKnown }) {
    if (operatorKnown || own.providerAdc || texts.get("auth") !== "provider-adc") return nothingAssumed(own);
    const text = "the operator allows auth: provider-adc; give --gcp-provider-adc or --config FILE to say so";
    const missing = { id: "LK0020", parameter: "auth", ...forbiddenAdc } as const;
    return { own: { ...own, providerAdc: true }, assumptions: [text], missing: [missing] };
  },
};
