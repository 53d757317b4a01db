import { inTurns } from "../../async/turns.ts";
import { oneLineParameters } from "../../plan/one-line.ts";
import type { Output, Plan, PlanWarning } from "../../plan/plan.ts";
import { Problems } from "../../plan/problems.ts";
import { pathErrors } from "../../plan/volume-paths.ts";
import { WantedList } from "../../plan/wanted-list.ts";
import type { VaultSettings } from "../../stores/vault/types.ts";
import type { Dialect } from "../dialect.ts";
import { canBeMeant, decimalHint, fewModeWarnings, modeText, octalHint } from "../mode-bits.ts";
import { checkParameters, checkRole } from "./checks.ts";
import { type Flavour, openbaoFlavour, singleParameters, vaultFlavour } from "./flavour.ts";
import { planObject, subjectOf, type VaultObject } from "./object-plan.ts";
import { checkNames, type ObjectEntry, positionIn, readObjects } from "./objects.ts";
import type { OperatorVault } from "./operator.ts";
import { versionPrefix } from "./secret-config.ts";
import { readSettings } from "./settings.ts";

/** `provider: vault`: parameters as HashiCorp's provider reads them; problems come in the order of its checks. */
export const vaultDialect: Dialect<OperatorVault> = dialectOf(vaultFlavour);

/** `provider: openbao`: the same by OpenBao's names and defaults. */
export const openbaoDialect: Dialect<OperatorVault> = dialectOf(openbaoFlavour);

function dialectOf(flavour: Flavour): Dialect<OperatorVault> {
  return {
    name: flavour.name,
    async plan(written) {
      const problems = new Problems();
      const parameters = oneLineParameters(written.parameters, singleParameters(flavour), problems);
      const input = { ...written, parameters };
      const warnings: PlanWarning[] = [];
      checkParameters(flavour, input, problems);
      const entries = await readObjects(input, problems);
      checkRole(flavour, input, problems);
      if (entries !== undefined) checkNames(entries, parameters, problems);
      const settings = readSettings(flavour, input, problems, warnings);
      const objects = await inTurns(entries ?? [], (entry) => planObject(entry, problems));
      const files = (entries ?? []).map(fileOf);
      // Equal names are told in today's words, by `checkNames`.
      problems.take(pathErrors([...new Map(files.map((file) => [file.path, file])).values()]));
      const usable = objects.filter((object) => object !== undefined);
      const { outputs, secrets } = await outputsOf(flavour, input.mode, problems.settle(settings), usable);
      return { secrets, outputs, warnings: [...warnings, ...modeWarnings(usable)] };
    },
  };
}

function fileOf(entry: ObjectEntry) {
  const at = { parameter: "objects", ...positionIn(entry, "objectName") };
  return { path: entry.config.objectName, subject: subjectOf(entry), at };
}

async function outputsOf(
  flavour: Flavour,
  mode: number,
  settings: VaultSettings,
  objects: readonly VaultObject[],
): Promise<Pick<Plan, "secrets" | "outputs">> {
  const wanted = new WantedList();
  const outputs = await inTurns(objects, ({ entry: { config }, subject, ref, of, steps }): Output => {
    return {
      path: config.objectName,
      // As Go's chmod does; 0 stands for "not set".
      mode: config.filePermission === 0 ? mode : config.filePermission & 0o777,
      from: wanted.add(subject, { store: "vault", settings, ref }),
      subject,
      select: { of, steps },
      version: { by: "hmac", key: flavour.name, prefix: versionPrefix(config) },
    };
  });
  return { secrets: wanted.secrets, outputs };
}

function modeWarnings(objects: readonly VaultObject[]): readonly PlanWarning[] {
  const odd = objects.flatMap(({ subject, entry }): readonly PlanWarning[] => {
    const problem = modeProblem(entry.config.filePermission);
    const at = { parameter: "objects", ...positionIn(entry, "filePermission") };
    return problem === undefined ? [] : [{ text: `${subject}: ${problem}`, about: "other", at }];
  });
  return fewModeWarnings(odd);
}

/** Complains about a mode that nobody can have meant; the number is as YAML reads it, so `644` is decimal. */
function modeProblem(permission: number): string | undefined {
  const mode = permission & 0o777;
  if (permission <= 0o777 && canBeMeant(mode)) return undefined;
  const hint = octalHint(permission);
  return permission > 0o777
    ? `only the bits of 0777 in filePermission ${permission} are used, ${modeText(mode)}${hint}`
    : `filePermission ${permission} is the mode ${modeText(mode)}${hint === "" ? decimalHint(mode, (meant) => meant) : hint}`;
}
