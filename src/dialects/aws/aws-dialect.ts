import { inTurns } from "../../async/turns.ts";
import { oneLineParameters } from "../../plan/one-line.ts";
import type { Expansion, Output, Plan } from "../../plan/plan.ts";
import { Problems } from "../../plan/problems.ts";
import { pathErrors } from "../../plan/volume-paths.ts";
import { WantedList } from "../../plan/wanted-list.ts";
import type { AwsSettings } from "../../stores/aws/types.ts";
import type { Dialect } from "../dialect.ts";
import { lastOfEachFile } from "../last-of-each-file.ts";
import { noteDuplicates } from "./duplicates.ts";
import { failoverTo } from "./failover.ts";
import { parsePathTranslation } from "./file-name.ts";
import { modeWarnings } from "./mode-warnings.ts";
import { type AwsFile, type AwsObject, type Frame, readObject } from "./object.ts";
import { readDescriptors } from "./objects.ts";
import type { OperatorAws } from "./operator.ts";
import { failoverRegionsOf, readSettings, regionOf } from "./settings.ts";
import { sourceOf } from "./source.ts";

/** `provider: aws`: parameters as the AWS provider reads them. An empty list of objects is an empty plan. */
export const awsDialect: Dialect<OperatorAws> = {
  name: "aws",
  async plan(written) {
    const problems = new Problems();
    const input = { ...written, parameters: oneLineParameters(written.parameters, singleParameters, problems) };
    const { parameters, mode } = input;
    const region = regionOf(input);
    const failoverRegions = failoverRegionsOf(input);
    const settings = readSettings(input, region, problems);
    const translation = parameters.get("pathTranslation") ?? "";
    const slashes = problems.attempt("pathTranslation", () => parsePathTranslation(translation)) ?? "kept";
    const frame: Frame = { region, failoverRegions, slashes, mode };
    const descriptors = await readDescriptors(input, problems);
    const objects = (await inTurns(descriptors, (descriptor) => readObject(descriptor, frame, problems))).flat();
    noteDuplicates(descriptors, problems);
    const { last, warnings } = lastOfEachFile(objects.flatMap(({ files }) => files));
    problems.take(pathErrors([...last.values()]));
    const odd = [...warnings, ...(problems.count === 0 ? modeWarnings(descriptors) : [])];
    return { ...(await makingsOf(problems.settle(settings), failoverRegions, objects, last)), warnings: odd };
  },
};

/** The parameters that stand on one line. */
const singleParameters = [
  ...["region", "failoverRegion", "failoverRegions", "pathTranslation", "usePodIdentity", "preferredAddressType"],
  ...["roleArn", "assumeRoleArn", "assumeRoleExternalId", "assumeRoleSessionTags"],
];

/** The secrets to fetch, and the files made of them. */
async function makingsOf(
  settings: AwsSettings,
  failoverRegions: readonly string[],
  objects: readonly AwsObject[],
  last: ReadonlyMap<string, AwsFile>,
): Promise<Omit<Plan, "warnings">> {
  const wanted = new WantedList();
  const outputs: Output[] = [];
  const expansions: Expansion[] = [];
  await inTurns(objects, (object) => {
    const kept = object.files.filter((file) => last.get(file.path) === file);
    if (kept.length === 0 && object.keys === undefined) return;
    const source = sourceOf(object.service, object.texts, settings);
    const next = failoverTo(sourceOf(object.service, object.failoverTexts, settings), failoverRegions);
    const from = wanted.add(object.subject, source, { next });
    const making = ({ mode, steps }: Pick<AwsFile, "mode" | "steps">) =>
      ({ mode, from, select: { of: "value", steps }, version: { by: "store" } }) as const;
    outputs.push(...kept.map((file) => ({ path: file.path, subject: file.subject, ...making(file) })));
    const { keys, subject } = object;
    if (keys !== undefined) expansions.push({ ...making(keys), subject, pathOf: (key) => keys.pathOf(key) });
  });
  return { secrets: wanted.secrets, outputs, ...(expansions.length === 0 ? {} : { expansions }) };
}
