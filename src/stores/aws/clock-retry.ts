/** How often a call was sent again, in the SDK's form (`RetryToken` of @smithy/types). */
interface Token {
  getRetryCount(): number;
  getRetryDelay(): number;
}

/**
 * The SDK's retry strategy: once more, and at once, where the SDK has just learnt the right time from the answer. Any
 * other try again is up to who calls: it counts them, and knows what a store that throttles has asked for.
 */
export function clockRetry() {
  return {
    acquireInitialRetryToken: async (): Promise<Token> => tokenOf(0),
    refreshRetryTokenForRetry: async (token: Token, { error }: { readonly error?: unknown }): Promise<Token> => {
      if (token.getRetryCount() > 0 || !isCorrected(error)) throw new TypeError("not sent again");
      return tokenOf(1);
    },
    recordSuccess: () => undefined,
  };
}

function tokenOf(count: number): Token {
  return { getRetryCount: () => count, getRetryDelay: () => 0 };
}

/** Decides whether the SDK's signer corrected its clock by the time that the error told. */
function isCorrected(error: unknown): boolean {
  const { $metadata } = (typeof error === "object" && error !== null ? error : {}) as {
    readonly $metadata?: { readonly clockSkewCorrected?: unknown };
  };
  return $metadata?.clockSkewCorrected === true;
}
