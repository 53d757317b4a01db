import { loadDefaults } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { convertDocument } from "../convert/convert-class.ts";
import { differingFiles } from "../convert/same-plan.ts";
import { toNative } from "../convert/to-native.ts";
import type { ProviderError } from "../errors.ts";
import { printable } from "../lint/formats/human.ts";
import { planOfClass } from "../lint/plan-of-class.ts";
import { notBeforeParameter } from "../mount/bounds.ts";
import { readInput } from "./input-file.ts";
import { classesOf, pickFrom } from "./pick-class.ts";
import { planSurroundings } from "./plan-surroundings.ts";
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
  const surroundings = planSurroundings(await loadDefaults({ flags: settings }));
  const text = await readInput(file);
  const { name, provider, parameters } = pickFrom(classesOf(text, file), file, flags.name);
  if (provider === "latchkey") throw new ConfigError(`${file}: is in the native form already`);
  if (provider !== "aws" && !hasAddress(parameters) && surroundings.operator[provider].addresses === undefined) {
    throw new ConfigError(
      `${file}: names no address, which the native form needs; give the operator's with --${provider}-addr`,
    );
  }
  const before = await planOfClass(provider, parameters, flags.namespace, surroundings);
  if ("problems" in before) return await complain(before.problems);
  const form = toNative(before.plan);
  const kept = new Map([...parameters].filter(([parameter]) => parameter === notBeforeParameter));
  const converted = convertDocument(text, name, form, kept);
  if (converted === undefined)
    throw new ConfigError(`${file}: ${name} stands in a list; give it a document of its own`);
  const { parameters: own } = pickFrom(classesOf(converted, file), file, name);
  const after = await planOfClass("latchkey", own, flags.namespace, surroundings);
  const usesProfile = [...form.stores.values()].some(({ profile }) => profile !== undefined);
  if ("problems" in after && !usesProfile) return await complain(after.problems);
  const lost = "plan" in after ? differingFiles(before.plan, after.plan) : [];
  const notes = [
    ...form.notes,
    ...lost.map((path) => `${path}: cannot be said exactly in the native form; compare it`),
  ];
  await print(converted);
  for (const note of notes) await print(`note: ${printable(note)}\n`, process.stderr);
  return 0;
}

function hasAddress(parameters: ReadonlyMap<string, string>): boolean {
  return [...parameters].some(([name, text]) => /^(?:vault|bao|openbao)Address$/.test(name) && text !== "");
}

async function complain(problems: readonly ProviderError[]): Promise<number> {
  for (const problem of problems) await print(`latchkey: ${printable(problem.describe())}\n`, process.stderr);
  return 1;
}
