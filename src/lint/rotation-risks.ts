import type { Output, Plan, Wanted } from "../plan/plan.ts";
import type { Verdict } from "./verdict.ts";

/** Names of what opens something together with a user. */
const password = /pass(?:word|wd|phrase)?$|pwd$/i;

const user = /user(?:[-_]?name)?$|login$/i;

/**
 * Finds passwords of a user that stays the same, which `spread` keeps in pods after they have stopped working: neither does the
 * pod have the version before it, nor is the new one tried. `plan` has its groups.
 */
export function spreadRisks(plan: Plan): readonly Verdict[] {
  const grouped = new Set((plan.groups ?? []).flatMap(({ members }) => members.map(({ id }) => id)));
  return plan.secrets
    .filter((wanted) => (wanted.bounds?.spread ?? 0) > 0 && wanted.verify === undefined && !grouped.has(wanted.id))
    .filter((wanted) => isPasswordAlone(wanted, plan))
    .map(({ subject }) => ({
      ...({ severity: "warning", id: "lost-credential", at: { parameter: "secrets" }, subject } as const),
      message: "spread keeps the old password in pods, and it may not work any more: its user stays the same",
      fix: "write verify to try the new one first, give pods the previous one too, or rotate between two users",
    }));
}

/** With the name of its user a password may belong to another user each time. */
function isPasswordAlone({ id, find }: Wanted, { outputs, expansions = [], templates = [] }: Plan): boolean {
  if (find !== undefined || expansions.some(({ from }) => from === id)) return false;
  if (templates.some(({ names }) => [...names.values()].includes(id))) return false;
  const keys = outputs.filter(({ from }) => from === id).map(keyOf);
  return keys.some((key) => password.test(key)) && !keys.some((key) => user.test(key));
}

function keyOf({ select, path }: Output): string {
  const [step] = select.steps;
  if (step?.kind === "key" || step?.kind === "jmesPath") return step.text;
  return step?.kind === "textKey" ? step.key : path;
}
