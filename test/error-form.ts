// The form of an error's text, for the sources (error-form.test.ts) and for all that tests provoke (recorded-errors.ts).

/** Most characters of one problem; a name that somebody else chose counts as at most `longestName` of them. */
const mostCharacters = 400;
const longestName = 64;

/** The verbs that a fix begins with. */
export const verbs: ReadonlySet<string> = new Set(
  (
    "activate add annotate ask associate change check choose close correct create delete find free give have indent keep leave let list " +
    "look make mount move name narrow put raise remove rename repair restart restore run save see set shorten split spread store " +
    "synchronize take undelete unseal use wait wrap write renew"
  ).split(" "),
);

/** Words that nobody says, each with what to say. */
const unspoken: readonly (readonly [RegExp, string])[] = [
  [/(?<!there )\b(?:is|are) no (?!longer\b|more\b)[a-z]/i, "is not a ..."],
  [/\b(?:for|where) (?:who|nobody)\b|\bwherewith\b|\bthereof\b|\bwhose\b/i, "if, when, the caller, the pod"],
  [/\bneed each other\b|\bexclude each other\b/i, "set both ..., cannot both be set"],
  [/\bnone\b[^.;]*\bnone\b/i, "none, once"],
  [/\bundefined\b|\[object |\bNaN\b/, "a value"],
];

/** Returns what is wrong with a text of ours: a message, a fix, or both. Names in quotes are left alone. */
export function faultsOf(text: string): readonly string[] {
  const own = text.replace(quotedName, '""');
  const faults = unspoken
    .filter(([pattern]) => pattern.test(own))
    .map(([pattern, better]) => `${pattern}: say ${better}`);
  if (/\p{Cc}/u.test(text)) faults.push("a line break or another control character");
  if (/(?<!\.)\.$/.test(own)) faults.push("a full stop at its end");
  if (/^[A-Z][a-z]/.test(own) && !properName.test(own)) faults.push("a capital at its beginning");
  const length = text.replace(quotedName, (name) => name.slice(0, longestName)).length;
  if (length > mostCharacters) faults.push(`${length} characters, and ${mostCharacters} are allowed`);
  return faults;
}

/** Returns what is wrong with a fix: it says what to do, or that nothing is to be done. */
export function fixFaultsOf(fix: string): readonly string[] {
  const isInstruction = verbs.has(fix.split(/[ :]/, 1)[0] ?? "");
  const isOther =
    /^(?:did you mean |none needed|nothing,? if|in the |on the |if |mount again)/.test(fix) || fix.startsWith("…");
  return [...faultsOf(fix), ...(isInstruction || isOther ? [] : ["a fix that does not begin with a known verb"])];
}

const quotedName = /"(?:[^"\\]|\\.)*"/gs;
const properName = /^(?:Latchkey|Kubernetes|Vault|Parameter Store|Secrets Manager|Node|ARN|YAML|JSON|AWS|STS)\b/;
