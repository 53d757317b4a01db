import { inTurns } from "../../async/turns.ts";
import { goFields, goList, goText, isGoNull, type YamlField } from "../../formats/go-yaml.ts";
import type { YamlNode, YamlPosition } from "../../formats/yaml-node.ts";
import { oneLine } from "../../plan/one-line.ts";
import type { Problems } from "../../plan/problems.ts";
import type { DialectInput } from "../dialect.ts";
import { noteMissingList } from "../missing-list.ts";
import { readMode } from "./mode.ts";

/** One entry of `secrets`, with what today's provider sees in it; texts that are not there are empty. */
export interface SecretEntry {
  readonly resourceName: string;
  /** `path`, or `fileName` where that is empty. */
  readonly path: string;
  readonly mode: number | undefined;
  readonly extractJsonKey: string;
  readonly extractYamlKey: string;
  readonly at: YamlPosition;
  /** Where the fields' values are. */
  readonly places: ReadonlyMap<string, YamlPosition>;
}

const listForm = "write a YAML list: - resourceName: projects/PROJECT/secrets/SECRET/versions/latest";

const missing = {
  message: "missing required 'secrets' attribute: it is not there, or empty",
  fix: "list at least one secret, or write [] for a volume without files",
};

/**
 * Reads `secrets` as today's provider does (yaml.v3 into a list of structs): field names in their own case, unknown fields passed
 * over, texts as they stand. Only `[]` says that there is nothing. Notes every problem; gives the entries that have none.
 */
export async function readEntries(
  { parameters, texts }: Pick<DialectInput, "parameters" | "texts">,
  problems: Problems,
): Promise<readonly SecretEntry[]> {
  const text = parameters.get("secrets");
  const node = text === undefined ? undefined : problems.attempt("secrets", () => texts.yaml(text), listForm);
  if (text === undefined || (node !== undefined && isGoNull(node)))
    noteMissingList("secrets", parameters, missing, problems);
  const items = problems.attempt("secrets", () => (node === undefined ? [] : goList(node)), listForm) ?? [];
  const read = await inTurns(items, (item, index) =>
    readEntry(item, `secrets[${index}]`, problems.at({ parameter: "secrets", ...item.at })),
  );
  return read.filter((entry) => entry !== undefined);
}

function readEntry(item: YamlNode, place: string, problems: Problems): SecretEntry | undefined {
  if (isGoNull(item)) {
    problems.add("LK0003", place, "the list item is empty", "remove it, or write its resourceName");
    return undefined;
  }
  const fields = problems.attempt(place, () => goFields(item, "v3"), listForm);
  if (fields === undefined) return undefined;
  const before = problems.count;
  const text = textsOf(fields, place, problems);
  const line = (name: string) => oneLine(text(name), `${place}.${name}`, problems.at(fields.get(name)?.value.at));
  const mode = fields.get("mode")?.value;
  const [path, fileName] = [line("path"), line("fileName")];
  const entry: SecretEntry = {
    resourceName: line("resourceName"),
    path: path === "" ? fileName : path,
    mode: problems.at(mode?.at).attempt(`${place}.mode`, () => readMode(mode)),
    extractJsonKey: line("extractJSONKey"),
    extractYamlKey: line("extractYAMLKey"),
    at: item.at,
    places: new Map([...fields].map(([name, { value }]) => [name, value.at])),
  };
  return problems.count === before ? entry : undefined;
}

function textsOf(fields: ReadonlyMap<string, YamlField>, place: string, problems: Problems) {
  return (name: string): string => {
    const value = fields.get(name)?.value;
    return problems.at(value?.at).attempt(`${place}.${name}`, () => goText(value)) ?? "";
  };
}
