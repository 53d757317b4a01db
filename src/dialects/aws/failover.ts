import { ProviderError, tellsOfAsker, tellsOfSettings } from "../../errors.ts";
import type { NextSources } from "../../plan/plan.ts";
import { quoted } from "../../plan/problems.ts";
import { serviceOf } from "./arn.ts";
import type { ObjectDescriptor } from "./objects.ts";
import type { AwsSource, RefTexts } from "./source.ts";

/** Checks `failoverObject` as today's provider does: only where it names an object. Throws `LK0003`. */
export function checkFailover(descriptor: ObjectDescriptor, [failoverRegion = ""]: readonly string[]): void {
  const { objectName, objectType, objectAlias, objectVersion, failover } = descriptor;
  if (failover.objectName === "") return;
  const subject = quoted(objectName);
  if (objectAlias === "") {
    const message = `object alias must be specified for objects with failover entries: ${subject}`;
    throw wrong(message, "give the object an objectAlias: its file has one name, whichever region answers");
  }
  if (failoverRegion === "") {
    const message = `failover object allowed only when failover region is defined: ${subject}`;
    throw wrong(message, "set `failoverRegion`, or remove failoverObject");
  }
  serviceOf(failover.objectName, objectType, failoverRegion, "failoverRegion");
  if (failover.objectVersion !== objectVersion) {
    const message = `object versions must match between primary and failover regions: ${subject}`;
    throw wrong(message, "write the same objectVersion in both, or in neither");
  }
}

/**
 * Returns the ref to ask for in the failover regions: whatever `failoverObject` leaves out is as in the primary region.
 * If it names no object, nobody checks it, and of a parameter's version and label the version is asked for.
 */
export function failoverDescriptor({ failover, ...primary }: ObjectDescriptor): RefTexts {
  const objectVersion = failover.objectVersion || primary.objectVersion;
  const objectVersionLabel = failover.objectVersionLabel || primary.objectVersionLabel;
  const isParameter = /^ssm/.test(primary.objectType || (primary.objectName.split(":")[2] ?? ""));
  const unchecked = isParameter && failover.objectName === "" && objectVersion !== "";
  return {
    objectName: failover.objectName || primary.objectName,
    objectVersion,
    objectVersionLabel: unchecked ? "" : objectVersionLabel,
  };
}

/** The failover regions as the sources after the primary one; undefined where there are none. */
export function failoverTo({ store, settings, ref }: AwsSource, regions: readonly string[]): NextSources | undefined {
  const [first, ...rest] = regions.map((region): AwsSource => ({ store, settings: { ...settings, region }, ref }));
  return first && { sources: [first, ...rest], stale: "afterNext", tryNext: mayFailOver, hedgeMs: longestAlone };
}

/** So long the primary region is asked alone, in milliseconds. */
const longestAlone = 1_000;

/** The faults that each service declares as the client's; today's provider fails over for all others, denials too. */
const finalFaults = {
  // The Pod Identity agent is the node's, whatever the region: what it refuses is refused.
  login: /^(ExpiredToken|InvalidIdentityToken|IDPCommunicationError|IDPRejectedClaim|RegionDisabled|agent 4)/,
  // `InvalidParameters` is the list of names that Parameter Store does not have.
  read: /^(ResourceNotFound|InvalidParameter|InvalidRequest|DecryptionFailure|InvalidKeyId)/,
};

/**
 * Decides whether the next region is asked. An error from before AWS is asked (the token, the annotation, the address)
 * is the same for every region.
 */
function mayFailOver(error: ProviderError): boolean {
  if (tellsOfAsker(error) || tellsOfSettings(error)) return false;
  const { storeCode = "", login = false } = error.details;
  return !(login ? finalFaults.login : finalFaults.read).test(storeCode);
}

function wrong(message: string, fix: string): ProviderError {
  return new ProviderError("LK0003", message, { fix });
}
