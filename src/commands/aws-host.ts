import type { Config } from "../config/config.ts";
import type { AwsHost } from "../stores/host.ts";

/** Returns the operator's AWS settings, for the AWS stores. */
export function awsHost(config: Config): AwsHost {
  const agent = config.awsPodIdentityUrl;
  return {
    endpointUrl: config.awsEndpointUrl,
    endpointUrls: {
      ...(config.awsEndpointUrlSecretsManager && { secretsmanager: config.awsEndpointUrlSecretsManager }),
      ...(config.awsEndpointUrlSsm && { ssm: config.awsEndpointUrlSsm }),
      ...(config.awsEndpointUrlSts && { sts: config.awsEndpointUrlSts }),
    },
    useFips: config.awsUseFips,
    useDualStack: config.awsUseDualStack,
    caFile: config.awsCaBundle,
    batch: config.awsBatch,
    podIdentityTimeout: config.awsPodIdentityHttpTimeout,
    podIdentityScope: config.awsPodIdentityScope,
    podIdentityUrls: agent === undefined ? {} : { ipv4: agent, ipv6: agent },
  };
}
