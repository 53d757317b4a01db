import { inTurns } from "../../async/turns.ts";
import { FormatError } from "../../formats/format-error.ts";
import { goFields, goList, goText, isGoNull } from "../../formats/go-yaml.ts";
import { resolveGoScalar } from "../../formats/go-yaml-scalar.ts";
import type { YamlNode, YamlPosition } from "../../formats/yaml-node.ts";
import { nearest } from "../../nearest.ts";
import { oneLine } from "../../plan/one-line.ts";
import { named, type Problems, quoted } from "../../plan/problems.ts";
import type { DialectInput } from "../dialect.ts";
import { noteMissingList } from "../missing-list.ts";
import { entryTexts, type TextEntry, textEntries } from "../text-entries.ts";

/** One entry of `objects`: the texts that today's provider reads, without spaces around them. What is not there is empty. */
export interface ObjectEntry {
  readonly objectName: string;
  readonly objectType: string;
  readonly objectAlias: string;
  readonly objectVersion: string;
  readonly objectVersionHistory: number;
  readonly objectFormat: string;
  readonly objectEncoding: string;
  readonly filePermission: string;
  readonly at: YamlPosition;
  /** Where the fields' values are. */
  readonly places: ReadonlyMap<string, YamlPosition>;
}

const form =
  "write a map with a list of texts: below `array:` each object begins with `- |`, and objectName and objectType stand indented below that";

/**
 * Reads `objects` as today's provider does (yaml.v3 into a list of texts, each a document of its own): field names are
 * case-sensitive, unknown fields are passed over, empty items too. Notes every problem; gives the entries that have none.
 */
export async function readObjects(
  { parameters, texts }: Pick<DialectInput, "parameters" | "texts">,
  problems: Problems,
): Promise<readonly ObjectEntry[]> {
  const text = parameters.get("objects") ?? "";
  const inObjects = problems.at({ parameter: "objects" });
  if (text.trim() === "") {
    noteMissingList("objects", parameters, { message: "objects is not set", fix: form }, problems);
    return [];
  }
  const items = inObjects.attempt("objects", () => listIn(texts.yaml(text)), form) ?? [];
  await texts.prepareYaml(entryTexts(items));
  const entries = textEntries(items, text, (each) => texts.yaml(each));
  const read = await inTurns(entries, (entry, index) =>
    readEntry(entry, `objects.array[${index}]`, inObjects.at(entry.at)),
  );
  return read.filter((entry) => entry !== undefined);
}

/** Only `[]` says that there is nothing: anything else that has no list was meant to have one. */
function listIn(node: YamlNode): readonly YamlNode[] {
  const fields = goFields(node, "v3");
  const list = fields.get("array")?.value;
  if (list !== undefined && !isGoNull(list)) return goList(list);
  const near = nearest(
    "array",
    [...fields.keys()].filter((name) => name !== "array"),
  );
  const problem = near === undefined ? "array is missing or empty" : `array is missing; ${quoted(near)} is not read`;
  throw new FormatError(problem, node.at, near === undefined ? form : `rename ${named(near)} to array`);
}

function readEntry(entry: TextEntry, place: string, problems: Problems): ObjectEntry | undefined {
  const before = problems.count;
  const node = problems.attempt(place, () => entry.read(), form);
  const fields = node && problems.attempt(place, () => goFields(node, "v3"), form);
  if (fields === undefined) return undefined;
  const text = (name: string) => {
    const value = fields.get(name)?.value;
    const inField = problems.at(value?.at);
    const read = (inField.attempt(`${place}.${name}`, () => goText(value)) ?? "").trim();
    return oneLine(read, `${place}.${name}`, inField);
  };
  const history = fields.get("objectVersionHistory")?.value;
  const object: ObjectEntry = {
    objectName: text("objectName"),
    objectType: text("objectType"),
    objectAlias: text("objectAlias"),
    objectVersion: text("objectVersion"),
    objectVersionHistory:
      problems.at(history?.at).attempt(`${place}.objectVersionHistory`, () => goInt32(history)) ?? 0,
    objectFormat: text("objectFormat"),
    objectEncoding: text("objectEncoding"),
    filePermission: text("filePermission"),
    at: entry.at,
    places: new Map([...fields].map(([name, { value }]) => [name, value.at])),
  };
  return problems.count === before ? object : undefined;
}

/** An int32 field as yaml.v3 fills it: fractions are cut off, text is refused. */
function goInt32(node: YamlNode | undefined): number {
  if (node === undefined) return 0;
  const resolved = node.kind === "scalar" ? resolveGoScalar(node, "v3") : undefined;
  if (resolved?.type === "null") return 0;
  const whole =
    resolved?.type === "int" || resolved?.type === "float" ? Math.trunc(Number(resolved.value)) : Number.NaN;
  if (whole >= -(2 ** 31) && whole < 2 ** 31) return whole;
  throw new FormatError("a whole number without quotes is needed", node.at, "write a number, such as 3");
}
