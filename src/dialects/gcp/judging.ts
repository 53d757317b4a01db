import { nothingAssumed } from "../assumed.ts";
import type { Judging } from "../judging.ts";
import type { OperatorGcp } from "./operator.ts";

/** `provider: gcp` before the pod. Google has no addresses but those that the operator says or the location makes. */
export const gcpJudging: Judging<OperatorGcp> = {
  assume(texts, own, { operatorKnown }) {
    if (operatorKnown || own.providerAdc || texts.get("auth") !== "provider-adc") return nothingAssumed(own);
    const text = "the operator allows auth: provider-adc; give --gcp-provider-adc or --config FILE to say so";
    return { own: { ...own, providerAdc: true }, assumptions: [text], missing: [] };
  },
};
