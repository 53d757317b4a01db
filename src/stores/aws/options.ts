import { forPlans, option, optional } from "../../config/option.ts";
import { choice, flag, path, positiveDuration, text, url } from "../../config/values.ts";

const ownUrl = (service: string) => `base URL instead of ${service}'s own; default: --aws-endpoint-url, or AWS's`;

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
function endpoint(describe: string, variable: string) {
  return { ...optional(url, describe, variable), unless: "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" };
}

/** How AWS is reached. The variables are those of AWS's SDKs; here they hold for STS as well. */
export const awsOptions = {
  ...forPlans({
    awsRegion: optional(
      text,
      "AWS region if the SecretProviderClass names none; default: the node's label topology.kubernetes.io/region, which needs the right to get pods and nodes",
      "AWS_REGION",
    ),
    awsBatch: option(
      flag,
      false,
      "read up to 20 secrets with one BatchGetSecretValue if the role may; IAM has a separate action for it",
    ),
  }),
  awsEndpointUrl: endpoint("base URL instead of every AWS service's own; default: AWS's", "AWS_ENDPOINT_URL"),
  awsEndpointUrlSecretsManager: endpoint(ownUrl("Secrets Manager"), "AWS_ENDPOINT_URL_SECRETS_MANAGER"),
  awsEndpointUrlSsm: endpoint(ownUrl("Parameter Store"), "AWS_ENDPOINT_URL_SSM"),
  awsEndpointUrlKms: endpoint(ownUrl("KMS"), "AWS_ENDPOINT_URL_KMS"),
  awsEndpointUrlSts: endpoint(ownUrl("STS"), "AWS_ENDPOINT_URL_STS"),
  awsUseFips: { ...option(flag, false, "use AWS's FIPS endpoints"), env: [["AWS_USE_FIPS_ENDPOINT"]] },
  awsUseDualStack: {
    ...option(flag, false, "use AWS's dual-stack endpoints (IPv4 and IPv6)"),
    env: [["AWS_USE_DUALSTACK_ENDPOINT"]],
  },
  awsCaBundle: optional(path, "PEM file with the CAs of AWS; default: the CAs of Node.js", "AWS_CA_BUNDLE"),
  awsPodIdentityHttpTimeout: option(
    positiveDuration,
    5_000,
    "longest wait for one address of the EKS Pod Identity agent",
  ),
  awsPodIdentityScope: option(
    choice("pod", "serviceAccount"),
    "pod",
    "which pods share what a login by EKS Pod Identity fetched; serviceAccount is safe if none of your policies looks at the pod's session tags",
  ),
  awsPodIdentityUrl: optional(url, "base URL of the EKS Pod Identity agent; default: its addresses on every EKS node"),
};
