import { dialectNames } from "../config/dialect-names.ts";
import { nearest } from "../nearest.ts";
import {
  expandWords,
  fileWords,
  findWords,
  kubernetesSecretWords,
  nativeParameters,
  secretValueWords,
  secretWords,
  templateWords,
} from "./native-words.ts";
import { quoted } from "./problems.ts";
import { settingWords } from "./setting-words.ts";
import { dialectWords, type Word } from "./words.ts";

/** A place of a SecretProviderClass that has words of its own. */
interface Level {
  readonly provider: string;
  /** `parameter`, or what its words are fields of. */
  readonly kind: string;
  /** Where that is, behind "write it". */
  readonly where: string;
  readonly words: readonly string[];
}

/** Of an entry of `secrets` or `fallback`; the other settings are those of `stores`. */
const refWords = ["name", "method", "args", "versionId", "versionStage", "version", "label"];

const names = (words: readonly Word[]) => words.filter(({ ignored }) => ignored === undefined).map(({ name }) => name);
const parameters = (provider: string, words: readonly string[], where = "beside objects, as a parameter"): Level => {
  return { provider, kind: "parameter", where, words };
};
const fields = (provider: string, of: string, words: readonly string[], where = `in an entry of ${of}`): Level => {
  return { provider, kind: of, where, words };
};

/** Their documentation: secrets-store-csi-driver-provider-azure, secrets-store-csi-driver-provider-gcp. */
const azureParameters =
  "objects keyvaultName tenantId cloudName cloudEnvFileName usePodIdentity useVMManagedIdentity userAssignedIdentityID clientID";
const azureFields =
  "objectName objectType objectAlias objectVersion objectVersionHistory objectFormat objectEncoding filePermission";

const settings = ["profile", ...names(settingWords).filter((name) => !refWords.includes(name))];

const levels: readonly Level[] = [
  parameters("latchkey", names(nativeParameters), "as a parameter"),
  fields("latchkey", "stores", settings),
  fields("latchkey", "secrets", [...names(secretWords), ...refWords]),
  fields("latchkey", "files", names(fileWords)),
  fields("latchkey", "expand", names(expandWords), "in expand"),
  fields("latchkey", "find", names(findWords), "in find"),
  fields("latchkey", "templates", names(templateWords)),
  fields("latchkey", "kubernetesSecrets", names(kubernetesSecretWords)),
  fields("latchkey", "data", names(secretValueWords), "in data, in an entry of kubernetesSecrets"),
  ...(["vault", "openbao", "aws"] as const).flatMap((provider) => {
    const { parameters: own, fields: ofObject } = dialectWords[provider];
    return [parameters(provider, names(own)), fields(provider, "objects", names(ofObject))];
  }),
  fields("aws", "jmesPath", ["path", "stringify"], "in jmesPath, in an entry of objects"),
  parameters("azure", azureParameters.split(" ")),
  fields("azure", "objects", azureFields.split(" ")),
  parameters("gcp", ["secrets", "auth"]),
  fields("gcp", "secrets", ["resourceName", "fileName", "extractJSONKey", "extractYAMLKey"]),
];

/**
 * Returns the fix for a word that is unknown in its place: the place in the same dialect that it belongs to, the
 * dialect that has it, or the nearest known word. `kind` is `parameter`, or what the fields beside it are fields of.
 */
export function fixForWord(
  word: string,
  { provider, kind, known }: { readonly provider: string; readonly kind: string; readonly known: readonly string[] },
): string | undefined {
  if (kind === "parameter" && ["secretObjects", "provider", "parameters"].includes(word)) {
    return "write it in spec, beside parameters";
  }
  const close = nearest(word, known);
  const own = levels.filter((level) => level.provider === provider && has(level, word));
  if (own.length > 0 && close === undefined) return `write it ${listed(own.map(({ where }) => where))}`;
  const foreign = own.length > 0 ? undefined : fixForForeign(word, provider, kind, known);
  return foreign ?? (close === undefined ? undefined : `did you mean ${quoted(close)}?`);
}

/** The AWS provider reads the names of fields in any case. */
function has({ provider, kind, words }: Level, word: string): boolean {
  if (provider !== "aws" || kind === "parameter") return words.includes(word);
  return words.some((each) => each.toLowerCase() === word.toLowerCase());
}

function fixForForeign(word: string, provider: string, kind: string, known: readonly string[]): string | undefined {
  const isParameter = kind === "parameter";
  const others = levels.filter(
    (level) => level.provider !== provider && (level.kind === "parameter") === isParameter && has(level, word),
  );
  // The fields of the native dialect are words of every day.
  const foreign = isParameter ? others : others.filter((level) => level.provider !== "latchkey");
  const [first] = foreign;
  if (first === undefined) return undefined;
  const providers = listed([...new Set(foreign.map((level) => level.provider))]);
  const what = isParameter ? "a parameter" : `a field of ${first.kind}`;
  return `it is ${what} of provider ${providers}: ${cure(word, provider, foreign, known)}`;
}

function cure(word: string, provider: string, foreign: readonly Level[], known: readonly string[]): string {
  const suffix = /^(?:bao|openbao|vault)([A-Z]\w*)$/.exec(word)?.[1] ?? "";
  const lower = suffix.slice(0, 1).toLowerCase() + suffix.slice(1);
  const same = suffix === "" ? undefined : [`vault${suffix}`, lower].find((name) => known.includes(name));
  if (same !== undefined) return `write ${quoted(same)}`;
  const canConvert = foreign.some((level) => dialectNames.some((name) => name === level.provider));
  if (provider === "latchkey" && canConvert) {
    return "correct the provider, or have `latchkey convert` write the native form";
  }
  return "remove it, or correct the provider";
}

function listed(all: readonly string[]): string {
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
}
