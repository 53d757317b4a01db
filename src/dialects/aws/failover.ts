import { ProviderError } from "../../errors.ts";
import type { AwsSecretRef, AwsSettings } from "../../stores/aws-secrets-manager/types.ts";
import type { NextSources } from "../plan.ts";
import { quoted } from "../problems.ts";
import { serviceOf } from "./arn.ts";
import type { ObjectDescriptor } from "./objects.ts";

/** Checks `failoverObject` as today's provider does: only where it names an object. Throws `LK0003`. */
export function checkFailover(descriptor: ObjectDescriptor, failoverRegion: string): void {
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

/** The ref in the failover region; what `failoverObject` does not say is as in the primary one. */
export function failoverRef({ failover, ...primary }: ObjectDescriptor): AwsSecretRef {
  return {
    secretId: failover.objectName || primary.objectName,
    versionId: failover.objectVersion || primary.objectVersion || undefined,
    versionStage: failover.objectVersionLabel || primary.objectVersionLabel || undefined,
  };
}

/** The failover region as the source after the primary one. */
export function failoverTo(settings: AwsSettings, ref: AwsSecretRef): NextSources {
  const source = { store: "aws-secrets-manager", settings, ref } as const;
  return { sources: [source], stale: "afterNext", tryNext: mayFailOver, hedgeMs: longestAlone };
}

/** So long the primary region is asked alone, in milliseconds. */
const longestAlone = 1_000;

/** The faults that each service declares as the client's; today's provider fails over for all others, denials too. */
const finalFaults = {
  login: /^(ExpiredToken|InvalidIdentityToken|IDPCommunicationError|IDPRejectedClaim|RegionDisabled)/,
  read: /^(ResourceNotFound|InvalidParameter|InvalidRequest|DecryptionFailure)/,
};

/** What fails before AWS is asked (the token, the annotation, the address) fails for every region. */
function mayFailOver({ id, details: { storeCode = "", login = false } }: ProviderError): boolean {
  if (id >= "LK0010" && id < "LK0030") return false;
  return !(login ? finalFaults.login : finalFaults.read).test(storeCode);
}

function wrong(message: string, fix: string): ProviderError {
  return new ProviderError("LK0003", message, { fix });
}
