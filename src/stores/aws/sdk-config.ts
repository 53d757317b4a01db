import type { HttpClient } from "../../http/client.ts";
import { clockRetry } from "./clock-retry.ts";
import type { AwsHost, AwsService } from "./host.ts";
import type { AwsHandler } from "./http-handler.ts";

/** How this process gets to AWS: the operator's settings and the ways to the network. */
export interface AwsWay {
  readonly host: AwsHost;
  /** The SDK's. */
  readonly handler: AwsHandler;
  /** To the EKS Pod Identity agent of the node. */
  readonly agent: HttpClient;
}

/**
 * A value for everything that the SDK would otherwise look up in the environment, in ~/.aws or in instance metadata
 * (`getRuntimeConfig` of the clients). A test plants all of these and finds none used. FIPS and dual stack choose among
 * AWS's own endpoints, so an endpoint that the operator names is taken as it is.
 */
export function sdkConfig(service: AwsService, region: string, { host, handler }: AwsWay) {
  const endpoint = host.endpointUrls?.[service] ?? host.endpointUrl;
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ignoreConfiguredEndpointUrls: true,
    requestHandler: handler,
    maxAttempts: 2,
    retryMode: "standard",
    retryStrategy: clockRetry(),
    defaultsMode: "standard" as const,
    useFipsEndpoint: endpoint === undefined && host.useFips === true,
    useDualstackEndpoint: endpoint === undefined && host.useDualStack === true,
    authSchemePreference: [],
    disableClockSkewCorrection: false,
    userAgentAppId: async () => undefined,
    defaultUserAgentProvider: async (): Promise<[string, string][]> => [["latchkey", "1"]],
  };
}

/** Reads the environment of AWS Lambda. */
export const ambientMiddleware = "recursionDetectionMiddleware";
