import { valuesOf } from "../../config/values-of.ts";
import { awsOptions } from "../../stores/aws/options.ts";
import { isRegionLike, regionMistake } from "../../stores/aws/regions.ts";
import type { DialectDefinition, NodeLabel } from "../definition.ts";
import type { OperatorAws } from "./operator.ts";
import { awsPeer, awsVariables } from "./peer.ts";
import { awsWords } from "./words.ts";

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesioregion */
const regionOfNode: NodeLabel<OperatorAws> = {
  label: "topology.kubernetes.io/region",
  record: "node-region",
  isNeeded: (parameters, { region }) => region === undefined && !parameters.get("region"),
  mistake: (value) => {
    const mistake = regionMistake(value);
    if (mistake === undefined && isRegionLike(value)) return undefined;
    const { what = "is not a region", meant = "REGION" } = mistake ?? {};
    return { what, meant };
  },
  fix: (meant) => {
    const flag = meant === undefined ? "--aws-region" : `--aws-region ${meant}`;
    return `set \`region\` in the SecretProviderClass, or start Latchkey with ${flag}`;
  },
  with: (own, region) => ({ ...own, region }),
};

/** `provider: aws`. */
export const aws = {
  name: "aws",
  peer: awsPeer,
  options: {},
  words: awsWords,
  audiences: '"sts.amazonaws.com", and "pods.eks.amazonaws.com" for EKS Pod Identity',
  ignored: awsVariables,
  nodeLabel: regionOfNode,
  operator: (config) => ({ region: valuesOf(awsOptions, config).awsRegion }),
  load: async () => (await import("./aws-dialect.ts")).awsDialect,
  judging: async () => (await import("./judging.ts")).awsJudging,
} as const satisfies DialectDefinition<OperatorAws>;
