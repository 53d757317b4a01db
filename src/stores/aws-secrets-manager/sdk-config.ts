import { clockRetry } from "./clock-retry.ts";
import type { createHttpHandler } from "./http-handler.ts";

/**
 * A value for everything that the SDK would otherwise look up in the environment, in ~/.aws or in instance metadata
 * (`getRuntimeConfig` of the clients). A test plants all of these and finds none used.
 */
export function sdkConfig(region: string, endpoint: string | undefined, handler: ReturnType<typeof createHttpHandler>) {
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ignoreConfiguredEndpointUrls: true,
    requestHandler: handler,
    maxAttempts: 2,
    retryMode: "standard",
    retryStrategy: clockRetry(),
    defaultsMode: "standard" as const,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    authSchemePreference: [],
    disableClockSkewCorrection: false,
    userAgentAppId: async () => undefined,
    defaultUserAgentProvider: async (): Promise<[string, string][]> => [["latchkey", "1"]],
  };
}

/** Reads the environment of AWS Lambda. */
export const ambientMiddleware = "recursionDetectionMiddleware";
