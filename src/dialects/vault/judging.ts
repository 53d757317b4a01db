import { type Assumed, nothingAssumed } from "../assumed.ts";
import type { Judging } from "../judging.ts";
import { type Flavour, openbaoFlavour, parameterOf, vaultFlavour } from "./flavour.ts";
import type { OperatorVault } from "./operator.ts";

/** `provider: vault` before the pod. */
export const vaultJudging: Judging<OperatorVault> = judgingOf(vaultFlavour);

/** `provider: openbao` before the pod. */
export const openbaoJudging: Judging<OperatorVault> = judgingOf(openbaoFlavour);

function judgingOf(flavour: Flavour): Judging<OperatorVault> {
  const addressOf = (texts: ReadonlyMap<string, string>) => parameterOf(flavour, texts, "Address");
  return {
    // An address of an operator who said nothing here is assumed, for today's default would be refused.
    assume(texts, own, { operatorKnown, defaultAddress }): Assumed<OperatorVault> {
      const { name, text } = addressOf(texts);
      const isSaid = text !== "" || own.addresses !== undefined || own.agentAddress !== undefined;
      if (isSaid || operatorKnown || defaultAddress !== "refused") return nothingAssumed(own);
      const missing = {
        parameter: name,
        message: "the SecretProviderClass names no address, and the operator's is not known here",
        fix: `set ${name}, or give --${flavour.name}-addr or --config FILE to have it checked`,
      };
      return { own: { ...own, addresses: ["https://operator.invalid"] }, assumptions: [], missing: [missing] };
    },
    addressParameter(texts) {
      const { name, text } = addressOf(texts);
      return text === "" ? undefined : name;
    },
    missing(texts, { addresses }) {
      if (addresses !== undefined || addressOf(texts).text !== "") return undefined;
      return `names no address, which the native form needs; give the operator's with --${flavour.name}-addr`;
    },
  };
}
