import { ProviderError } from "../../errors.ts";
import type { AwsSecretRef, AwsSettings } from "../../stores/aws-secrets-manager/types.ts";
import type { Dialect } from "../dialect.ts";
import type { Output, Plan } from "../plan.ts";
import { Problems, quoted } from "../problems.ts";
import { pathErrors } from "../volume-paths.ts";
import { WantedList } from "../wanted-list.ts";
import { serviceOf } from "./arn.ts";
import { noteDuplicates } from "./duplicates.ts";
import { checkFailover, failoverRef, failoverTo } from "./failover.ts";
import { fileNameOf, parsePathTranslation, type Slashes } from "./file-name.ts";
import { type ObjectDescriptor, readDescriptors } from "./objects.ts";
import { failoverRegionOf, readSettings, regionOf } from "./settings.ts";

/** `provider: aws`: parameters as the AWS provider reads them. An empty list of objects is an empty plan. */
export const awsDialect: Dialect = {
  name: "aws",
  async plan(input) {
    const { parameters } = input;
    const problems = new Problems();
    const region = regionOf(input);
    const failoverRegion = failoverRegionOf(input);
    const settings = readSettings(input, region, problems);
    const translation = parameters.get("pathTranslation") ?? "";
    const slashes = problems.attempt("pathTranslation", () => parsePathTranslation(translation)) ?? "kept";
    const descriptors = readDescriptors(parameters.get("objects") ?? "", problems);
    const objects = descriptors.flatMap((descriptor) =>
      readObject(descriptor, { region, failoverRegion, slashes, mode: input.mode }, problems),
    );
    noteDuplicates(descriptors, problems);
    const { last, warnings } = lastOfEachFile(objects);
    problems.take(pathErrors(last));
    return makePlan(problems.settle(settings), failoverRegion, last, warnings);
  },
};

/** What holds for every object of a SecretProviderClass. */
interface Frame {
  readonly region: string;
  /** Empty where there is none. */
  readonly failoverRegion: string;
  readonly slashes: Slashes;
  readonly mode: number;
}

/** One entry, understood. */
interface AwsObject {
  readonly subject: string;
  readonly path: string;
  readonly mode: number;
  readonly ref: AwsSecretRef;
  readonly failover: AwsSecretRef;
}

function readObject(descriptor: ObjectDescriptor, frame: Frame, problems: Problems): readonly AwsObject[] {
  const { objectName, objectType, objectAlias } = descriptor;
  const subject = `object ${quoted(objectName)}${objectAlias === "" ? "" : ` as ${quoted(objectAlias)}`}`;
  const service = problems.attempt(subject, () => serviceOf(objectName, objectType, frame.region));
  if (service === "ssmparameter") noteParameter(descriptor, subject, problems);
  const path = problems.attempt(subject, () => fileNameOf(objectAlias || objectName, frame.slashes));
  const mode = problems.attempt(subject, () => parseMode(descriptor.filePermission, frame.mode));
  problems.attempt(subject, () => checkFailover(descriptor, frame.failoverRegion));
  if (service === undefined || path === undefined || mode === undefined) return [];
  return [{ subject, path, mode, ref: refOf(descriptor), failover: failoverRef(descriptor) }];
}

/** Parameter Store comes later; what it refuses today stays refused. */
function noteParameter(descriptor: ObjectDescriptor, subject: string, problems: Problems): void {
  if (descriptor.objectVersion !== "" && descriptor.objectVersionLabel !== "") {
    const message = "ssm parameters can not specify both objectVersion and objectVersionLabel";
    problems.add("LK0003", subject, message, "remove one of the two");
  }
  problems.add(
    "LK0004",
    subject,
    "Parameter Store is not supported yet",
    "keep it in Secrets Manager, or remove the object",
  );
}

/** Four octal digits. The first, for setuid and its like, is dropped as Go's chmod drops it. */
function parseMode(text: string, fallback: number): number {
  if (text === "") return fallback;
  if (/^[0-7]{4}$/.test(text)) return Number.parseInt(text, 8) & 0o777;
  throw new ProviderError("LK0003", `invalid file permission: ${quoted(text)}`, {
    fix: 'write four octal digits in quotes, such as "0644"; without quotes YAML makes another number of it',
  });
}

function refOf({ objectName, objectVersion, objectVersionLabel }: ObjectDescriptor): AwsSecretRef {
  return {
    secretId: objectName,
    versionId: objectVersion || undefined,
    versionStage: objectVersionLabel || undefined,
  };
}

/** Of objects that end at one file the last wins, as today; the others are not fetched. */
function lastOfEachFile(objects: readonly AwsObject[]): {
  readonly last: readonly AwsObject[];
  readonly warnings: readonly string[];
} {
  const byPath = new Map<string, AwsObject>();
  const warnings: string[] = [];
  for (const object of objects) {
    const covered = byPath.get(object.path);
    if (covered !== undefined) {
      warnings.push(
        `${covered.subject} is left out: ${object.subject} is written to the same file ${quoted(object.path)}`,
      );
    }
    byPath.set(object.path, object);
  }
  return { last: [...byPath.values()], warnings };
}

function makePlan(
  settings: AwsSettings,
  failoverRegion: string,
  objects: readonly AwsObject[],
  warnings: readonly string[],
): Plan {
  const failoverSettings = { ...settings, region: failoverRegion };
  const wanted = new WantedList();
  const outputs = objects.map(({ subject, path, mode, ref, failover }): Output => {
    const next = failoverRegion === "" ? undefined : failoverTo(failoverSettings, failover);
    const from = wanted.add(subject, { store: "aws-secrets-manager", settings, ref }, {}, next);
    return { path, mode, from, subject, select: { of: "value", steps: [] }, version: { by: "store" } };
  });
  return { secrets: wanted.secrets, outputs, warnings };
}
