import { nothingAssumed } from "../assumed.ts";
import type { Judging } from "../judging.ts";
import type { OperatorAws } from "./operator.ts";

/** The region of a SecretProviderClass that names none: a node has one. */
const anyRegion = "us-east-1";

/** `provider: aws` before the pod. AWS has no addresses but those that the operator says or the region makes. */
export const awsJudging: Judging<OperatorAws> = {
  // The ARNs of objects must have the region that a node would give, so it is that of the first one.
  assume(texts, own) {
    if (texts.get("region") || own.region !== undefined) return nothingAssumed(own);
    const ofArn = /arn:[^:\s]*:[^:\s]*:([a-z0-9-]+):/.exec(texts.get("objects") ?? "")?.[1];
    const region = ofArn ?? anyRegion;
    const which = ofArn === undefined ? "" : ", that of the first ARN";
    const text = `region ${region}${which}: none is named, so a mount takes the node's own; give --aws-region to choose one`;
    return { own: { ...own, region }, assumptions: [text], missing: [] };
  },
};
