import type { Config } from "../../config/config.ts";
import { valuesOf } from "../../config/values-of.ts";
import type { Scope } from "../store.ts";
import { awsOptions } from "./options.ts";

/** How AWS is reached, by the operator's word. */
export interface AwsHost {
  /** Base URL that replaces every service's own (`AWS_ENDPOINT_URL`): VPC endpoints, tests. */
  readonly endpointUrl?: string | undefined;
  /** The same for one service (`AWS_ENDPOINT_URL_SSM`). */
  readonly endpointUrls?: Readonly<Partial<Record<AwsService, string>>> | undefined;
  readonly useFips?: boolean | undefined;
  readonly useDualStack?: boolean | undefined;
  /** PEM file that replaces Node's own CAs (`AWS_CA_BUNDLE`). */
  readonly caFile?: string | undefined;
  /** Read several secrets by one `BatchGetSecretValue` where the role may. */
  readonly batch?: boolean | undefined;
  /** Longest wait for the EKS Pod Identity agent, in milliseconds. */
  readonly podIdentityTimeout?: number | undefined;
  /**
   * How widely answers to a login by the agent may be shared; default `pod`, for its credentials carry session tags that
   * name the pod, and a policy may look at them.
   */
  readonly podIdentityScope?: Scope | undefined;
  /** Base URLs instead of the agent's own. */
  readonly podIdentityUrls?: Readonly<Partial<Record<"ipv4" | "ipv6", string>>> | undefined;
}

/** The AWS services that Latchkey calls, by the names that the SDK has for their endpoints. */
export type AwsService = "secretsmanager" | "ssm" | "sts" | "kms";

/** Returns the operator's AWS settings, for the AWS stores. */
export function awsHost(config: Config): AwsHost {
  const given = valuesOf(awsOptions, config);
  const agent = given.awsPodIdentityUrl;
  return {
    endpointUrl: given.awsEndpointUrl,
    endpointUrls: {
      ...(given.awsEndpointUrlSecretsManager && { secretsmanager: given.awsEndpointUrlSecretsManager }),
      ...(given.awsEndpointUrlSsm && { ssm: given.awsEndpointUrlSsm }),
      ...(given.awsEndpointUrlKms && { kms: given.awsEndpointUrlKms }),
      ...(given.awsEndpointUrlSts && { sts: given.awsEndpointUrlSts }),
    },
    useFips: given.awsUseFips,
    useDualStack: given.awsUseDualStack,
    caFile: given.awsCaBundle,
    batch: given.awsBatch,
    podIdentityTimeout: given.awsPodIdentityHttpTimeout,
    podIdentityScope: given.awsPodIdentityScope,
    podIdentityUrls: agent === undefined ? {} : { ipv4: agent, ipv6: agent },
  };
}
