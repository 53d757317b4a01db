import { ConfigError } from "../config/config-error.ts";
import { convertDocument } from "../convert/convert-class.ts";
import { differingFiles } from "../convert/same-plan.ts";
import { toNative } from "../convert/to-native.ts";
import { dialectDefinition } from "../dialects/index.ts";
import { nativeName } from "../dialects/native/name.ts";
import type { ProviderError } from "../errors.ts";
import { printable } from "../lint/formats/human.ts";
import { judgeParameters, refusalsOf } from "../lint/judge.ts";
import { planOfClass } from "../lint/plan-of-class.ts";
import type { Verdict } from "../lint/verdict.ts";
import { loadDefaults } from "../node/load-config.ts";
import { splitParameters } from "../plan/common-parameters.ts";
import { convertManifests } from "./convert-manifests.ts";
import { readInput } from "./input-file.ts";
import { classesOf, pickFrom } from "./pick-class.ts";
import { judgeSurroundings } from "./plan-surroundings.ts";
import { print } from "./terminal.ts";

/** Flags of its own. */
export interface ConvertFlags {
  readonly namespace: string;
  readonly name?: string;
  readonly [setting: string]: unknown;
}

/**
 * Prints a drop-in dialect's SecretProviderClass in the native form, notes on standard error; gives the exit code: 0, or 1
 * where it cannot be converted. Throws `ConfigError` for wrong usage.
 */
export async function convertFromShell(
  file: string,
  flags: ConvertFlags,
  settings: ReadonlyMap<string, string>,
): Promise<number> {
  const surroundings = judgeSurroundings(await loadDefaults({ flags: settings }), true);
  const text = await readInput(file);
  const manifests = await convertManifests(text, file);
  if (manifests !== undefined) return manifests;
  const { name, provider, parameters } = pickFrom(classesOf(text, file), file, flags.name);
  if (provider === nativeName) throw new ConfigError(`${file}: is already in the native form; mount it as it is`);
  const { plan, verdicts, assumptions } = await judgeParameters(provider, parameters, flags.namespace, surroundings);
  for (const note of lostOf(verdicts)) await print(`note: ${printable(note)}\n`, process.stderr);
  const judging = await dialectDefinition(provider).judging();
  const missing = judging.missing?.(parameters, surroundings.operator.dialects[provider]);
  if (missing !== undefined) throw new ConfigError(`${file}: ${missing}`);
  // Which addresses and logins are allowed is no matter of the form.
  const problems = refusalsOf(verdicts.filter(({ isOperators }) => isOperators !== true));
  if (plan === undefined || problems.length > 0) return await complain(problems);
  const form = await toNative(plan);
  const { common: kept } = splitParameters(parameters);
  const converted = convertDocument(text, name, form, { kept, regionNote: assumptions[0] });
  if (converted === undefined) throw new ConfigError(`${file}: ${name} is in a List; give it its own document`);
  const { parameters: own } = pickFrom(classesOf(converted, file), file, name);
  const after = await planOfClass(nativeName, own, flags.namespace, surroundings);
  const usesProfile = [...form.stores.values()].some(({ profile }) => profile !== undefined);
  if ("problems" in after && !usesProfile) return await complain(after.problems);
  const lost = "plan" in after ? differingFiles(plan, after.plan) : [];
  const notes = [
    ...assumptions.map((assumption) => `assumed: ${assumption}`),
    ...form.notes,
    ...lost.map((path) => `${path}: cannot be expressed exactly in the native form; compare the result`),
  ];
  await print(converted);
  for (const note of notes) await print(`note: ${printable(note)}\n`, process.stderr);
  return 0;
}

/** Lists what the SecretProviderClass says but nobody reads: the native form does not have it either. */
function lostOf(verdicts: readonly Verdict[]): readonly string[] {
  const words = verdicts.filter(({ id }) => id === "unknown-word" || id === "ignored-word" || id === "weakness");
  return words.map(({ subject, message, fix }) => {
    return `${subject === undefined ? "" : `${subject}: `}${message}${fix === undefined ? "" : ` (${fix})`}`;
  });
}

async function complain(problems: readonly ProviderError[]): Promise<number> {
  for (const problem of problems) await print(`latchkey: ${printable(problem.describe())}\n`, process.stderr);
  return 1;
}
