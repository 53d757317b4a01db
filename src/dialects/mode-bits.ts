import type { PlanWarning } from "../plan/plan.ts";

/** Mode bits as people write them: `0644`. */
export function modeText(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/**
 * Whether anybody can mean these permissions of a file: whoever may write or execute it may also read it, and nobody may do more
 * than the owner. What does not hold it is mostly a decimal number that was read as octal, or the reverse.
 */
export function canBeMeant(mode: number): boolean {
  const owner = (mode >> 6) & 7;
  return [6, 3, 0].every((shift) => {
    const rights = (mode >> shift) & 7;
    return (rights === 0 || (rights & 4) !== 0) && (rights & ~owner) === 0;
  });
}

/** The mode that a decimal number is, as in Kubernetes' JSON (`420` is 0644); undefined where nobody can mean that. */
export function modeOfDecimal(digits: string): string | undefined {
  const mode = /^\d{1,3}$/.test(digits) ? Number(digits) : Number.NaN;
  return mode > 0 && mode <= 0o777 && canBeMeant(mode) ? modeText(mode) : undefined;
}

/** The mode that octal digits without a zero in front are (`644`); undefined where nobody can mean that. */
export function modeOfOctal(digits: string): string | undefined {
  const mode = /^[0-7]{3}$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
  return mode > 0 && canBeMeant(mode) ? modeText(mode) : undefined;
}

/** Says how to write a mode whose octal digits are a decimal number that can be meant (`420` is 0644); empty for any other. */
export function decimalHint(mode: number, write: (meant: string) => string): string {
  const digits = mode.toString(8);
  const meant = modeOfDecimal(digits);
  return meant === undefined ? "" : `; if you mean ${digits} as a decimal number, write ${write(meant)}`;
}

/** Says how to write octal digits without a zero in front, which were read as a decimal number; empty for anything else. */
export function octalHint(value: number): string {
  const octal = modeOfOctal(String(value));
  return octal === undefined ? "" : `; if you mean ${octal}, write ${octal}, with the zero`;
}

/** Complains about a `filePermission` in octal digits that is used as today although nobody can have meant it. */
export function octalProblem(text: string): string | undefined {
  const value = Number.parseInt(text, 8);
  const mode = value & 0o777;
  if (value !== mode) return `only the last three digits of filePermission "${text}" are used, ${modeText(mode)}`;
  if (canBeMeant(mode)) return undefined;
  const hint = decimalHint(mode, (meant) => `"${meant}"`);
  return `filePermission "${text}" lets users write or execute who cannot read, or gives others more than the owner${hint}`;
}

/** Most that are told one by one: the log has a line for each warning, at each mount. */
const mostTold = 10;

/** Returns the warnings of modes that nobody can have meant: the first few, and how many more there are. */
export function fewModeWarnings(all: readonly PlanWarning[]): readonly PlanWarning[] {
  const left = all.length - mostTold;
  if (left <= 0) return all;
  return [...all.slice(0, mostTold), { text: `${left} more objects have such a filePermission`, about: "other" }];
}
