import { inTurns } from "../../async/turns.ts";
import type { ParameterPlace } from "../../errors.ts";
import { oneLineParameters } from "../../plan/one-line.ts";
import type { Output, Plan, PlanWarning } from "../../plan/plan.ts";
import { Problems, quoted } from "../../plan/problems.ts";
import type { Step } from "../../plan/step.ts";
import { pathErrors } from "../../plan/volume-paths.ts";
import { WantedList } from "../../plan/wanted-list.ts";
import type { GcpIdentity, GcpSettings } from "../../stores/gcp/types.ts";
import type { Dialect } from "../dialect.ts";
import { lastOfEachFile } from "../last-of-each-file.ts";
import { fewModeWarnings } from "../mode-bits.ts";
import { readEntries, type SecretEntry } from "./entries.ts";
import { modeProblem, permissionOf } from "./mode.ts";
import type { OperatorGcp } from "./operator.ts";
import { type Resource, readResourceName } from "./resource-name.ts";
import { readIdentity } from "./settings.ts";

/** `provider: gcp`: parameters as Google's provider reads them. An empty list of secrets is an empty plan. */
export const gcpDialect: Dialect<OperatorGcp> = {
  name: "gcp",
  async plan(written) {
    const problems = new Problems();
    const input = { ...written, parameters: oneLineParameters(written.parameters, ["auth"], problems) };
    const identity = readIdentity(input, problems);
    const files = (
      await inTurns(await readEntries(input, problems), (entry) => readFile(entry, input.mode, problems))
    ).flat();
    const { last, warnings } = lastOfEachFile(files);
    const kept = files.filter((file) => last.get(file.path) === file);
    problems.take(pathErrors(kept));
    const odd = [...warnings, ...(problems.count === 0 ? fewModeWarnings(kept.flatMap(modeWarnings)) : [])];
    return await makePlan(problems.settle(identity), kept, odd);
  },
};

/** One entry, understood. */
interface GcpFile {
  readonly entry: SecretEntry;
  readonly subject: string;
  readonly path: string;
  readonly at: ParameterPlace;
  readonly mode: number;
  readonly resource: Resource;
  readonly steps: readonly Step[];
}

function readFile(entry: SecretEntry, mode: number, problems: Problems): readonly GcpFile[] {
  const { resourceName, path } = entry;
  const subject = `secret ${quoted(resourceName)}${path === "" ? "" : ` as ${quoted(path)}`}`;
  const before = problems.count;
  const inside = (field: string) => problems.at(placeOf(entry, field));
  const resource = inside("resourceName").attempt(subject, () => readResourceName(resourceName));
  if (path === "")
    inside("path").add("LK0003", subject, "it has neither path nor fileName", "write path: the name of the file");
  if (entry.extractJsonKey !== "" && entry.extractYamlKey !== "") {
    const message = "both extractJSONKey and extractYAMLKey can't be simultaneously non empty strings";
    inside("extractYAMLKey").add("LK0003", subject, message, "keep the one that fits the secret");
  }
  if (resource === undefined || problems.count > before) return [];
  const own = entry.mode === undefined ? mode : permissionOf(entry.mode);
  return [{ entry, subject, path, at: placeOf(entry, pathField(entry)), mode: own, resource, steps: stepsOf(entry) }];
}

function pathField({ places, path }: SecretEntry): string {
  return path !== "" && places.has("path") ? "path" : "fileName";
}

function placeOf({ at, places }: SecretEntry, field: string): ParameterPlace {
  return { parameter: "secrets", ...(places.get(field) ?? at) };
}

function stepsOf({ extractJsonKey, extractYamlKey }: SecretEntry): readonly Step[] {
  if (extractJsonKey !== "") return [{ kind: "textKey", format: "json", key: extractJsonKey }];
  return extractYamlKey === "" ? [] : [{ kind: "textKey", format: "yaml", key: extractYamlKey }];
}

function modeWarnings({ entry, subject }: GcpFile): readonly PlanWarning[] {
  const problem = entry.mode === undefined ? undefined : modeProblem(entry.mode);
  return problem === undefined ? [] : [{ text: `${subject}: ${problem}`, about: "other", at: placeOf(entry, "mode") }];
}

/** Versions are reported under the resource's name as it is written, as today. */
async function makePlan(
  identity: GcpIdentity,
  files: readonly GcpFile[],
  warnings: readonly PlanWarning[],
): Promise<Plan> {
  const wanted = new WantedList();
  const settingsAt = new Map<string, GcpSettings>();
  const outputs = await inTurns(
    files,
    ({ entry, subject, path, mode, resource: { store, location, ref }, steps }): Output => {
      const settings = settingsAt.get(location) ?? { location, identity };
      settingsAt.set(location, settings);
      const from = wanted.add(subject, { store, settings, ref });
      return {
        path,
        mode,
        from,
        subject,
        select: { of: "value", steps },
        version: { by: "store", id: entry.resourceName },
      };
    },
  );
  return { secrets: wanted.secrets, outputs, warnings };
}
