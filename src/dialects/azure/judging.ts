import { nothingAssumed } from "../assumed.ts";
import type { Judging } from "../judging.ts";
import type { OperatorAzure } from "./operator.ts";

const loginParameters = ["useVMManagedIdentity", "useAzureTokenProxy", "cloudName"];

/** `provider: azure` before the pod. A vault's address is made of its name and the cloud, and a node's labels say nothing of it. */
export const azureJudging: Judging<OperatorAzure> = {
  assume: (_, own) => nothingAssumed(own),
  loginParameter: (texts) => loginParameters.find((name) => (texts.get(name) ?? "").trim() !== ""),
};
