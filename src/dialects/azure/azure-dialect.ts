import { inTurns } from "../../async/turns.ts";
import { oneLineParameters } from "../../plan/one-line.ts";
import type { Output, Plan, PlanWarning } from "../../plan/plan.ts";
import { Problems, quoted } from "../../plan/problems.ts";
import { pathErrors } from "../../plan/volume-paths.ts";
import { WantedList } from "../../plan/wanted-list.ts";
import type { AzureSettings } from "../../stores/azure/types.ts";
import type { Dialect } from "../dialect.ts";
import { lastOfEachFile } from "../last-of-each-file.ts";
import { fewModeWarnings, octalProblem } from "../mode-bits.ts";
import { type AzureFile, readObject } from "./object.ts";
import { type ObjectEntry, readObjects } from "./objects.ts";
import type { OperatorAzure } from "./operator.ts";
import { readSettings } from "./settings.ts";

/** `provider: azure`: parameters as the Azure provider reads them. An empty `array` is an empty plan. */
export const azureDialect: Dialect<OperatorAzure> = {
  name: "azure",
  async plan(written) {
    const problems = new Problems();
    const input = { ...written, parameters: oneLineParameters(written.parameters, singleParameters, problems) };
    const settings = readSettings(input, problems);
    const entries = await readObjects(input, problems);
    const defaults = { mode: input.mode, own: input.own };
    const files = (await inTurns(entries, (entry) => readObject(entry, defaults, problems))).flat();
    const { last, warnings } = lastOfEachFile(files);
    problems.take(pathErrors([...last.values()]));
    const kept = files.filter((file) => last.get(file.path) === file);
    return await makePlan(problems.settle(settings), kept, [
      ...warnings,
      ...historyWarnings(entries),
      ...modeWarnings(entries),
    ]);
  },
};

/** The parameters that stand on one line. */
const singleParameters = [
  ...["keyvaultName", "tenantID", "tenantId", "clientID", "cloudName", "cloudEnvFileName"],
  ...["usePodIdentity", "useVMManagedIdentity", "useAzureTokenProxy", "userAssignedIdentityID"],
];

/** Its documentation says N, and it has always been one more. */
function historyWarnings(entries: readonly ObjectEntry[]): readonly PlanWarning[] {
  return entries
    .filter(({ objectVersionHistory }) => objectVersionHistory > 1)
    .map(({ objectName, objectVersionHistory, at, places }) => ({
      text: `object ${quoted(objectName)}: objectVersionHistory ${objectVersionHistory} makes files of ${objectVersionHistory + 1} versions, as the Azure provider does`,
      about: "other",
      at: { parameter: "objects", ...(places.get("objectVersionHistory") ?? at) },
    }));
}

/** Warns of modes that are used as today although nobody can have meant them. */
function modeWarnings(entries: readonly ObjectEntry[]): readonly PlanWarning[] {
  const odd = entries.flatMap(({ objectName, filePermission, at, places }): readonly PlanWarning[] => {
    const problem = filePermission === "" ? undefined : octalProblem(filePermission);
    const place = { parameter: "objects", ...(places.get("filePermission") ?? at) };
    return problem === undefined
      ? []
      : [{ text: `object ${quoted(objectName)}: ${problem}`, about: "other", at: place }];
  });
  return fewModeWarnings(odd);
}

async function makePlan(
  settings: AzureSettings,
  files: readonly AzureFile[],
  warnings: readonly PlanWarning[],
): Promise<Plan> {
  const wanted = new WantedList();
  const outputs = await inTurns(
    files,
    ({ ref, subject, path, mode, steps, versionId, optional, onlyIfPresent }): Output => {
      const from = wanted.add(subject, { store: "azure-key-vault", settings, ref }, { optional });
      return {
        ...{ path, mode, from, subject },
        select: { of: "value", steps },
        version: { by: "store", id: versionId },
        ...(onlyIfPresent ? { onlyIfPresent } : {}),
      };
    },
  );
  return { secrets: wanted.secrets, outputs, warnings };
}
