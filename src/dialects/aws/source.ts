import { ProviderError } from "../../errors.ts";
import { quoted } from "../../plan/problems.ts";
import type { AwsRef, AwsSettings } from "../../stores/aws/types.ts";
import { parameterRef, splitSelector } from "../../stores/aws-parameter-store/ref.ts";
import type { AwsService } from "./arn.ts";
import type { ObjectDescriptor } from "./objects.ts";

/** A secret or parameter in one region. */
export interface AwsSource {
  readonly store: "aws-secrets-manager" | "aws-parameter-store";
  readonly settings: AwsSettings;
  readonly ref: AwsRef;
}

/** The texts that a ref is made from. */
export type RefTexts = Pick<ObjectDescriptor, "objectName" | "objectVersion" | "objectVersionLabel">;

/** Where an object is. Throws `LK0003` for a parameter with two selectors. */
export function sourceOf(service: AwsService, texts: RefTexts, settings: AwsSettings): AwsSource {
  if (service === "ssmparameter") return { store: "aws-parameter-store", settings, ref: parameterOf(texts) };
  const { objectName: secretId, objectVersion, objectVersionLabel } = texts;
  const version = { versionId: objectVersion || undefined, versionStage: objectVersionLabel || undefined };
  return { store: "aws-secrets-manager", settings, ref: { service: "secretsmanager", secretId, ...version } };
}

function parameterOf({ objectName, objectVersion, objectVersionLabel }: RefTexts): AwsRef {
  if (objectVersion !== "" && objectVersionLabel !== "") {
    throw new ProviderError(
      "LK0003",
      `ssm parameters can not specify both objectVersion and objectVersionLabel: ${quoted(objectName)}`,
      { fix: "remove one of the two" },
    );
  }
  const { name, selector } = splitSelector(objectName);
  const own = objectVersion || objectVersionLabel;
  if (selector !== undefined && own !== "") {
    throw new ProviderError("LK0003", `${quoted(objectName)} already names a version or label`, {
      fix: "remove it from the name, or remove objectVersion and objectVersionLabel",
    });
  }
  return parameterRef(name, selector ?? own);
}
